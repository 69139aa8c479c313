import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'queue: put and get, one task',
  unit: 'item',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'denque', 'effect', 'effection', 'cpython'],
  fewer: { effection: 2000, cpython: 100_000 },
  limits: { denque: { 20: 0.7 }, cpython: { 20: 0.15 } },
};
