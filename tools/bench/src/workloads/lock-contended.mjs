import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'locks: 1000 tasks, 100 sections each, with a yield inside',
  unit: 'section',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'async-sema', 'async-lock', 'effect', 'async-mutex', 'cpython'],
  fewer: { effect: 10_000, 'async-mutex': 20_000, cpython: 20_000 },
  limits: { 'async-sema': { 20: 1 }, cpython: { 20: 0.06 } },
};
