import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'flatness: callSoon of n callbacks, then all run',
  unit: 'callback',
  kind: 'time',
  uses: 'callsoon-burst',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'closures'],
};
