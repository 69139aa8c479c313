import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'queue, async functions: of 1, a producer and a consumer',
  unit: 'item',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'denque'],
  limits: { denque: { 20: 1.4 } },
};
