import { add, checksumOf } from '../checksum.mjs';

export default {
  title: 'a worker calls callSoonThreadsafe in a burst',
  unit: 'call',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, add),
  peers: ['aiokit', 'native'],
  limits: {},
};
