import { checksumOf, fold } from '../checksum.mjs';

export default {
  title: 'locks: 1000 async functions, 100 sections each, with an await inside',
  unit: 'section',
  kind: 'time',
  n: 100_000,
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
  fewer: { 'async-mutex': 20_000, 'es-toolkit': 20_000, 'async-primitives': 20_000 },
  limits: { 'async-sema': { 20: 1.7 } },
};
