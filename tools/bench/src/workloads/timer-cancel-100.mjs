import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'timers: create 1M of 100 distinct delays, cancel 90 % at once',
  unit: 'timer',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'effect', 'rxjs', 'cpython'],
  fewer: { effect: 20_000, rxjs: 100_000, cpython: 100_000 },
  limits: { native: { 20: 0.7, 24: 0.5 } },
};
