import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'flatness: callLater of n timers on a VirtualLoop, then all fire',
  unit: 'timer',
  kind: 'time',
  uses: 'virtual-timers',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit'],
};
