import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'gather of 100k futures that are done',
  unit: 'future',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'bluebird', 'co', 'effect', 'effection', 'cpython'],
  fewer: { effection: 1000, cpython: 20_000 },
  limits: { native: { 20: 0.1, 24: 0.3 }, cpython: { 20: 0.2 } },
  mean: 'tasks',
};
