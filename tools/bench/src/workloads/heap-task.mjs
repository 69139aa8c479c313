export default {
  title: 'heap: a task that waits for a future',
  unit: 'task',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'bluebird', 'co', 'effect', 'effection', 'cpython'],
  fewer: { effection: 5000 },
  limits: { aiokit: { 20: 350 } },
};
