import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'queue, async functions: put and get',
  unit: 'item',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'denque'],
  limits: { denque: { 20: 1.4 } },
};
