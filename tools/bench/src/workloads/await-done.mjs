import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'await of a future that is done',
  unit: 'await',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'cpython'],
  limits: { native: { 20: 3.5 } },
};
