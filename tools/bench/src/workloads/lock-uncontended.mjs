import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'locks: acquire and release a free lock, in a task',
  unit: 'section',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'async-sema', 'async-lock', 'effect', 'async-mutex', 'cpython'],
  limits: { 'async-sema': { 20: 0.35 }, cpython: { 20: 0.15 } },
};
