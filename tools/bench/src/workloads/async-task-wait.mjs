import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'async-function tasks: 1000 await futures in step, a fresh one each time',
  unit: 'await',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: { native: { 20: 2.5 } },
};
