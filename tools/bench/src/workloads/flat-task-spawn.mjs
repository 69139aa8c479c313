import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'flatness: n tasks live, then gather all',
  unit: 'task',
  kind: 'time',
  uses: 'task-spawn-gather',
  n: [1000, 10_000, 100_000, 1_000_000],
  maxRounds: 3,
  checksum: (n) => checksumOf(n, fold),
  peers: ['aiokit', 'native', 'cpython'],
  fewer: { cpython: 100_000 },
};
