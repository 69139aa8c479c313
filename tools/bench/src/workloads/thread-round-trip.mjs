import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'a worker calls into the loop and blocks until the answer is there',
  unit: 'call',
  kind: 'time',
  n: 5000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: { native: { 20: 1.5 } },
};
