export default {
  title: 'async-function tasks: one does await null 100k times; native: outside a task',
  unit: 'await',
  kind: 'time',
  n: 100_000,
  checksum: (n) => n,
  peers: ['aiokit', 'native'],
};
