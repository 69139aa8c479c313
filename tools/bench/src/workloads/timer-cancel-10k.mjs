import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'timers: create 1M of 10,000 distinct delays, cancel 90 % at once',
  unit: 'timer',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'effect', 'rxjs', 'cpython'],
  fewer: { effect: 20_000, rxjs: 100_000, cpython: 100_000 },
  limits: { native: { 20: 1.3, 24: 0.7 } },
};
