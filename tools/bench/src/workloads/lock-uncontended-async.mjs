import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'locks: acquire and release a free lock, in an async function',
  unit: 'section',
  kind: 'time',
  n: 1000,
  checksum: (n) => checksumOf(n, fold),
  subjects: ['aiokit', 'aiokit-lean'],
  peers: [
    'aiokit',
    'aiokit-lean',
    'native',
    'async-sema',
    'async-lock',
    'es-toolkit',
    'async-primitives',
    'p-limit',
    'async-mutex',
  ],
  limits: { 'async-sema': { 20: 1.2 }, 'async-mutex': { 20: 0.08 } },
};
