import { add, checksumOf } from '../checksum.mjs';

export default {
  title: '32 bytes from a worker to the loop, one by one',
  unit: 'item',
  kind: 'time',
  n: 300_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: {},
};
