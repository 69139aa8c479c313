import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'queue of 1: a producer and a consumer',
  unit: 'item',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'denque', 'effect', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { denque: { 20: 1.1 }, effect: { 20: 0.2 } },
};
