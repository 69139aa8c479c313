import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'semaphores: 100k jobs, ten at a time, in tasks',
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
    'async-mutex',
    'effect',
    'cpython',
  ],
  fewer: { 'async-mutex': 5000, effect: 10_000, cpython: 20_000 },
  limits: {
    'async-sema': { 20: 0.5, 24: 0.6 },
    'p-limit': { 20: 0.5, 24: 0.6 },
    'p-queue': { 20: 0.5, 24: 0.6 },
    fastq: { 20: 0.5, 24: 0.6 },
    cpython: { 20: 0.06 },
  },
};
