import { add, checksumOf } from '../checksum.mjs';

export default {
  title: '32 bytes from a worker to the loop, drained in batches',
  unit: 'item',
  kind: 'time',
  n: 300_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: {},
};
