import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'tasks: spawn 100k trivial tasks of one generator function, then gather all',
  unit: 'task',
  kind: 'time',
  n: 100_000,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'cpython'],
  fewer: { cpython: 20_000 },
  limits: { cpython: { 20: 0.2 } },
};
