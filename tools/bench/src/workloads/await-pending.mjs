import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'await of a pending future: 1000 async functions wait for one each, then all are set',
  unit: 'await',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'cpython'],
  limits: { native: { 20: 1.6, 24: 2 } },
};
