import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'queue: jobs that wait once through 10 workers',
  unit: 'job',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'denque', 'fastq', 'p-queue', 'effect', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { denque: { 20: 1 } },
};
