import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'timeout: enter and leave one that does not expire, in an async-function task',
  unit: 'time-out',
  kind: 'time',
  n: 20_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native'],
};
