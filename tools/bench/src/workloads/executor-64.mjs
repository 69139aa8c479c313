import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'executor of one thread: calls, 64 in flight',
  unit: 'call',
  kind: 'time',
  n: 10_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native', 'piscina', 'tinypool', 'workerpool', 'comlink'],
  limits: {
    aiokit: { 20: 5000 },
    piscina: { 20: 1 },
    tinypool: { 20: 1 },
    workerpool: { 20: 1 },
    comlink: { 20: 1 },
  },
};
