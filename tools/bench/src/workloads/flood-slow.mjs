export default {
  title: 'flood of callbacks of 1 ms: how late a host timer of 0 ms is, median and latest',
  unit: 'ms',
  kind: 'lateness',
  n: 20,
  checksum: (n) => n,
  peers: ['aiokit', 'native', 'idle'],
  limits: { aiokit: { 20: 8 } },
};
