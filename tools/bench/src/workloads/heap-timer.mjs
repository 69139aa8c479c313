export default {
  title: 'heap: a timer that is pending',
  unit: 'timer',
  kind: 'heap',
  n: 100_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'cpython'],
};
