export default {
  title: 'heap: an idle lock',
  unit: 'lock',
  kind: 'heap',
  n: 50_000,
  maxRounds: 3,
  checksum: (n) => n,
  peers: ['aiokit'],
  limits: { aiokit: { 20: 130 } },
};
