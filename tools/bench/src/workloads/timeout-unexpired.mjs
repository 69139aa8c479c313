import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'timeout: enter and leave one that does not expire, in a generator task',
  unit: 'time-out',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'bluebird', 'effect', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { aiokit: { 20: 250 }, cpython: { 20: 0.2 } },
  mean: 'tasks',
};
