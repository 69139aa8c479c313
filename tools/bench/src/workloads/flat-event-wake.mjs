import { checksumOf, add } from '../checksum.mjs';

export default {
  title: 'flatness: one set() wakes n async functions',
  unit: 'waiter',
  kind: 'time',
  uses: 'event-wake-async',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
};
