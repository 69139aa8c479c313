import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'VirtualLoop: create it, run an empty program, tear it down',
  unit: 'program',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'fake-timers', 'cpython'],
  fewer: { cpython: 100 },
  limits: { aiokit: { 20: 1000 } },
};
