import { expect, test } from 'vitest';
import { checkImports } from '../rules/imports.mjs';
import { packagesWith } from './fixture.js';

const importing = (specifier: string) => `import { x } from '${specifier}';\nexport const y = x;\n`;

test.each([
  ['loop-core', '@aiokit/future'],
  ['future', '@aiokit/task'],
  ['sync-primitives', '@aiokit/future'],
  ['queue', '@aiokit/sync-primitives/lock'],
  ['debug', '@aiokit/task'],
  ['task', '@aiokit/debug'],
  ['task', '@aiokit/testing'],
  ['aiokit', '@aiokit/testing'],
  ['queue', 'aiokit'],
  ['queue', '@aiokit/queue/lifo-queue'],
  ['brand-new', '@aiokit/task'],
])('reports that %s imports %s', (from, specifier) => {
  const found = checkImports(packagesWith({ [`${from}/src/a.ts`]: importing(specifier) }));
  expect(found).toEqual([expect.stringMatching(`^packages/${from}/src/a.ts:1: ${from} must not import `)]);
});

test.each([
  ['future', '@aiokit/loop-core/errors'],
  ['task', '@aiokit/future'],
  ['threadsafe', '@aiokit/task'],
  ['queue', '@aiokit/loop-core/wait-queue'],
  ['testing', '@aiokit/task'],
  ['aiokit', '@aiokit/debug'],
  ['brand-new', '@aiokit/loop-core'],
])('lets %s import %s', (from, specifier) => {
  expect(checkImports(packagesWith({ [`${from}/src/a.ts`]: importing(specifier) }))).toEqual([]);
});

test.each([
  `import type { X } from 'p-limit';`,
  `export { x } from 'p-limit';`,
  `export const load = () => import('p-limit');`,
  `export type X = import('p-limit').X;`,
  `import x = require('p-limit');`,
])('reports a dependency outside the workspace: %s', (line) => {
  const found = checkImports(packagesWith({ 'queue/src/index.ts': line }));
  expect(found).toEqual([`packages/queue/src/index.ts:1: 'p-limit' is a dependency outside the workspace`]);
});

test('reports a relative import that leaves the package or lacks its extension', () => {
  const workspace = packagesWith({
    'queue/src/a.ts': importing('../../future/src/index.js'),
    'queue/src/internal/b.ts': importing('../a'),
  });
  expect(checkImports(workspace)).toEqual([
    `packages/queue/src/a.ts:1: '../../future/src/index.js' leaves the package; import it by name`,
    `packages/queue/src/internal/b.ts:1: '../a' must end in .js`,
  ]);
});

test.each(['node:worker_threads', 'fs', 'fs/promises', 'timers/promises'])(
  'reports %s behind a main entry',
  (id) => {
    const workspace = packagesWith({
      'queue/src/index.ts': `export { y } from './internal/files.js';\n`,
      'queue/src/internal/files.ts': importing(id),
    });
    expect(checkImports(workspace)).toEqual([
      `packages/queue/src/internal/files.ts:1: '${id}' is of Node, and only a /node subpath may need Node`,
    ]);
  },
);

test('lets the node subpath, and what only it reaches, need Node', () => {
  const workspace = packagesWith({
    'threadsafe/src/index.ts': `export { y } from './portal.js';\n`,
    'threadsafe/src/portal.ts': 'export const y = 1;\n',
    'threadsafe/src/node.ts': `export { y } from './internal/worker.js';\n`,
    'threadsafe/src/internal/worker.ts': importing('node:worker_threads'),
  });
  expect(checkImports(workspace)).toEqual([]);
});

test('reports a main entry that imports another package’s node subpath', () => {
  const workspace = packagesWith({ 'aiokit/src/index.ts': importing('@aiokit/threadsafe/node') });
  expect(checkImports(workspace)).toEqual([
    `packages/aiokit/src/index.ts:1: '@aiokit/threadsafe/node' needs Node, and only a /node subpath may need Node`,
  ]);
});
