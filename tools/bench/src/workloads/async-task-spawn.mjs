import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'async-function tasks: spawn 100k trivial ones, then await each',
  unit: 'task',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native'],
  limits: { native: { 20: 4 } },
};
