export default {
  title: 'sleep(0): one task does it 1M times',
  unit: 'sleep',
  kind: 'time',
  n: 1_000_000,
  checksum: (n) => n,
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird', 'co', 'effect', 'cpython'],
  fewer: { effect: 100_000, cpython: 20_000 },
  limits: { native: { 20: 0.8 }, cpython: { 20: 0.2 } },
  mean: 'tasks',
};
