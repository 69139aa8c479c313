export default {
  title: 'async-function tasks: one does sleep(0) 100k times; native: await null',
  unit: 'sleep',
  kind: 'time',
  n: 100_000,
  checksum: (n) => n,
  peers: ['aiokit', 'native'],
};
