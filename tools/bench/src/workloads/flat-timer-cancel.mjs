import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'flatness: callLater of n timers, then all are cancelled',
  unit: 'timer',
  kind: 'time',
  uses: 'timer-cancel-all',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native'],
};
