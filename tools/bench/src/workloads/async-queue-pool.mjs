import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'queue, async functions: jobs that wait once through 10 workers',
  unit: 'job',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'denque'],
  limits: { denque: { 20: 1.4 } },
};
