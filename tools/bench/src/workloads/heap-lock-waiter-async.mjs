export default {
  title: 'heap: an async function that waits for a lock',
  unit: 'waiter',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'async-sema', 'es-toolkit', 'async-primitives', 'async-mutex'],
  fewer: { 'async-mutex': 5000 },
  limits: { aiokit: { 20: 850 } },
};
