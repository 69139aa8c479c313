export default {
  title: 'heap: a future that is pending',
  unit: 'future',
  kind: 'heap',
  n: 100_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'bluebird', 'effect', 'cpython'],
};
