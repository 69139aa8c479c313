import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'future: create, add one callback, set',
  unit: 'future',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'effect', 'cpython'],
  fewer: { effect: 20_000, cpython: 20_000 },
  limits: { native: { 20: 1.5 } },
};
