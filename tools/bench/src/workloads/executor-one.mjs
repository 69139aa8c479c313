import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'executor of one thread: calls, one after another',
  unit: 'call',
  kind: 'time',
  n: 2000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native', 'piscina', 'tinypool', 'workerpool', 'comlink'],
  limits: { piscina: { 20: 1 }, tinypool: { 20: 1 }, workerpool: { 20: 1 }, comlink: { 20: 1 } },
};
