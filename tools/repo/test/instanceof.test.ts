import { expect, test } from 'vitest';
import { checkInstanceof } from '../rules/instanceof.mjs';
import { packagesWith } from './fixture.js';

test('reports instanceof of a class of another package', () => {
  const workspace = packagesWith({
    'task/src/a.ts': [
      `import { Future as F } from '@aiokit/future';`,
      `import * as core from '@aiokit/loop-core';`,
      'export const a = (x: unknown) => x instanceof F;',
      'export const b = (x: unknown) => x instanceof core.CancelledError;',
    ].join('\n'),
  });
  expect(checkInstanceof(workspace)).toEqual([
    'packages/task/src/a.ts:3: instanceof F across packages; ask for its brand',
    'packages/task/src/a.ts:4: instanceof core.CancelledError across packages; ask for its brand',
  ]);
});

test('lets instanceof of the platform’s and the file’s own classes be', () => {
  const text = 'class Own {}\nexport const a = (x: unknown) => x instanceof Error || x instanceof Own;\n';
  expect(checkInstanceof(packagesWith({ 'task/src/a.ts': text }))).toEqual([]);
});
