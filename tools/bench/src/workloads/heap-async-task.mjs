export default {
  title: 'heap: an async-function task that waits for a future',
  unit: 'task',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native'],
};
