import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'tasks: spawn 100k trivial tasks of one generator function, then await each',
  unit: 'task',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'co', 'effect', 'effection', 'cpython'],
  fewer: { effection: 1000, cpython: 20_000 },
  limits: { native: { 20: 2.2, 24: 3 }, bluebird: { 20: 1.1 }, effect: { 20: 0.3 }, cpython: { 20: 0.2 } },
  mean: 'tasks',
};
