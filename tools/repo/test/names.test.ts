import { expect, test } from 'vitest';
import { checkNames } from '../rules/names.mjs';
import { packagesWith, workspaceWith } from './fixture.js';

test.each([
  'packages/queue/src/LifoQueue.ts',
  'tools/size/size_limits.json',
  'docs/MyPage.md',
  'packages/Queue/x.ts',
])('reports %s, which is not kebab-case', (path) => {
  expect(checkNames(workspaceWith({ [path]: '' }))).toEqual([
    expect.stringMatching(/^.*: '.*' is not kebab-case$/),
  ]);
});

test.each(['utils', 'util', 'common', 'helpers', 'helper', 'types'])(
  'reports %s.ts, which names no concept',
  (stem) => {
    expect(checkNames(workspaceWith({ [`tools/size/${stem}.ts`]: '' }))).toEqual([
      `tools/size/${stem}.ts: '${stem}' names no concept`,
    ]);
  },
);

test('lets the customary names be', () => {
  const paths = ['README.md', 'LICENSE', 'CHANGELOG.md', 'tsconfig.build.json', 'test/lifo-queue.test-d.ts'];
  expect(
    checkNames(workspaceWith(Object.fromEntries(paths.map((path) => [`packages/queue/${path}`, ''])))),
  ).toEqual([]);
});

test.each([
  `export * from './queue.js';`,
  `export * as queue from './queue.js';`,
  `import './queue.js';`,
  'export const version = 1;',
  'export class Queue {}',
])('reports an index.ts with %s', (line) => {
  const workspace = packagesWith({
    'queue/src/index.ts': `export { a, type B } from './queue.js';\n${line}\n`,
  });
  expect(checkNames(workspace)).toEqual([
    'packages/queue/src/index.ts:2: index.ts holds explicit named re-exports only',
  ]);
});

test('reports members that begin with an underscore', () => {
  const text = [
    'export class Queue {',
    '  private _items = [];',
    '  constructor(private readonly _loop: object) {}',
    '  protected _grow(): void {}',
    '  static _made = 0;',
    '  put(_unused: unknown): void {}',
    '}',
  ].join('\n');
  expect(checkNames(packagesWith({ 'queue/src/queue.ts': text }))).toEqual([
    'packages/queue/src/queue.ts:2: _items begins with an underscore; use #private',
    'packages/queue/src/queue.ts:3: _loop begins with an underscore; use #private',
    'packages/queue/src/queue.ts:4: _grow begins with an underscore; use #private',
    'packages/queue/src/queue.ts:5: _made begins with an underscore; use #private',
  ]);
});
