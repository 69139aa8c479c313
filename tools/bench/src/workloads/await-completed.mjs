import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'await of what a method returns that need not wait, made anew for each await',
  unit: 'await',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: ['aiokit', 'aiokit-lean', 'native', 'bluebird'],
  limits: { native: { 20: 2.2 } },
};
