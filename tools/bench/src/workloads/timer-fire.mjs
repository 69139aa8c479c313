import { add, checksumOf } from '../checksum.mjs';

export default {
  title:
    'timers: create 100k that fire within a second; processor time, since the second is the same for all',
  unit: 'timer',
  kind: 'cpu',
  n: 100_000,
  warmUpMs: 800,
  maxRounds: 5,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native', 'cpython'],
  limits: { native: { 20: 0.2 } },
};
