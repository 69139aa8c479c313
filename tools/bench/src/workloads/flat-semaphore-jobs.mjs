import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'flatness: n jobs wait for a semaphore of ten, in async functions',
  unit: 'job',
  kind: 'time',
  uses: 'semaphore-jobs-async',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native', 'async-sema', 'p-limit', 'fastq', 'async-mutex', 'es-toolkit'],
  fewer: { 'async-mutex': 10_000, 'es-toolkit': 10_000 },
};
