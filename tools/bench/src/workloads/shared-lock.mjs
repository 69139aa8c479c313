import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'a worker takes a shared lock that nobody else wants',
  unit: 'hold',
  kind: 'time',
  n: 500_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: {},
};
