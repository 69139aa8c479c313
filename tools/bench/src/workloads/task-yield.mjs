import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'tasks: spawn 100k tasks that yield once, then await each',
  unit: 'task',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'bluebird', 'co', 'effect', 'effection', 'cpython'],
  fewer: { effection: 1000, cpython: 20_000 },
  limits: { cpython: { 20: 0.2 } },
  mean: 'tasks',
};
