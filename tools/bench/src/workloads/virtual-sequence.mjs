import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'VirtualLoop: timers in sequence, each sets the next',
  unit: 'timer',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'fake-timers'],
  limits: { aiokit: { 20: 200 } },
};
