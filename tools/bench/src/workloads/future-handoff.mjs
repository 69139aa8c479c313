import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'future: hand-off between two plain waiters, a fresh future each',
  unit: 'hand-off',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { native: { 20: 1.4, 24: 1.7 } },
};
