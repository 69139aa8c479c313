export default {
  title: 'heap: a callback that is scheduled',
  unit: 'callback',
  kind: 'heap',
  n: 100_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'aiokit-lean', 'closures', 'native', 'cpython'],
};
