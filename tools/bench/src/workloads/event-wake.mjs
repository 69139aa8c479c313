import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'events: one set() wakes 100k tasks',
  unit: 'waiter',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'effect', 'cpython'],
  fewer: { effect: 10_000, cpython: 20_000 },
  limits: { native: { 20: 0.7, 24: 0.9 }, cpython: { 20: 0.03 } },
};
