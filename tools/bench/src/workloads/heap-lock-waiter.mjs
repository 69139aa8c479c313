export default {
  title: 'heap: who waits for a lock, alone',
  unit: 'waiter',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'async-sema', 'es-toolkit'],
  limits: { aiokit: { 20: 120 } },
};
