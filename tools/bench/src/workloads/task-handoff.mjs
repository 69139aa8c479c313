import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'tasks: hand-off between two, a fresh future each',
  unit: 'hand-off',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'co', 'effect', 'effection', 'cpython'],
  fewer: { effection: 2000, cpython: 20_000 },
  limits: { cpython: { 20: 0.2 } },
  mean: 'tasks',
};
