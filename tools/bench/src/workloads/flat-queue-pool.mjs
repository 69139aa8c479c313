import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'flatness: n jobs in a queue, ten workers',
  unit: 'job',
  kind: 'time',
  uses: 'queue-pool',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'denque', 'fastq', 'p-queue', 'cpython'],
  fewer: { cpython: 100_000, 'p-queue': 10_000 },
};
