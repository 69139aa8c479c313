import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'callSoon: a chain of 1M callbacks, each schedules the next',
  unit: 'callback',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'aiokit-lean', 'effect', 'rxjs', 'cpython'],
  fewer: { effect: 20_000, rxjs: 100_000, cpython: 50_000 },
  limits: { native: { 20: 1 }, cpython: { 20: 0.05 } },
};
