export default {
  title: 'heap: a task that waits for a lock',
  unit: 'waiter',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit'],
  limits: { aiokit: { 20: 400 } },
};
