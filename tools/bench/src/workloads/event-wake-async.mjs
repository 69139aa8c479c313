import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'events: one set() wakes 100k async functions',
  unit: 'waiter',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native'],
  limits: { native: { 20: 2, 24: 1.2 } },
};
