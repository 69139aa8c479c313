import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'queue of 100: a producer and a consumer',
  unit: 'item',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'denque', 'effect', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { denque: { 20: 0.3 }, effect: { 20: 0.05 } },
};
