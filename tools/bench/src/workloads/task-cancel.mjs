import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'tasks: cancel 100k that are parked on a future each, then await each; native: an error each',
  unit: 'task',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'native-shared-error', 'bluebird', 'effect', 'effection', 'cpython'],
  fewer: { effection: 1000, cpython: 20_000 },
  limits: { native: { 20: 0.5 }, cpython: { 20: 0.2 } },
  mean: 'tasks',
};
