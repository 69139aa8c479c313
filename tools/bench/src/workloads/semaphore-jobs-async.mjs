import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'semaphores: 100k jobs, ten at a time, in async functions',
  unit: 'job',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: [
    'aiokit',
    'aiokit-lean',
    'native',
    'async-sema',
    'p-limit',
    'p-queue',
    'fastq',
    'es-toolkit',
    'async-primitives',
    'async-mutex',
  ],
  fewer: { 'async-mutex': 5000, 'es-toolkit': 5000, 'async-primitives': 5000 },
  limits: {
    'async-sema': { 20: 1.2 },
    'p-limit': { 20: 1.2 },
    'p-queue': { 20: 1.2 },
    fastq: { 20: 1.2 },
  },
};
