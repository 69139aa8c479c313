import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'callSoon: schedule 1M callbacks, each with an argument of its own, and run them',
  unit: 'callback',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'closures', 'bare-array', 'aiokit-lean', 'native', 'effect', 'rxjs', 'cpython'],
  fewer: { native: 200_000, effect: 200_000, rxjs: 5000, cpython: 200_000 },
  limits: { closures: { 20: 1 }, cpython: { 20: 0.05 } },
};
