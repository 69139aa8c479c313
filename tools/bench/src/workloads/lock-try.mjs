import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'locks: tryAcquire and release',
  unit: 'section',
  kind: 'time',
  n: 10_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit'],
  limits: { aiokit: { 20: 8 } },
};
