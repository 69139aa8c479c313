/** `import * as asyncio from 'aiokit'` costs what is used of it. */
import { expect, test } from 'vitest';
import { measure, measureProgram } from '../measure.mjs';

const USES: [string, string[]][] = [
  ['@aiokit/future', ['Future']],
  ['@aiokit/loop-core', ['getEventLoop']],
  ['@aiokit/queue', ['Queue']],
  ['@aiokit/sync-primitives', ['Lock']],
  ['@aiokit/task', ['sleep']],
  ['@aiokit/task', ['createTask', 'gather']],
];

test.each(USES)('of %s %j costs the same', (specifier, names) => {
  const direct = measure({ [specifier]: names });
  const uses = names.map((name) => `asyncio.${name}`).join(', ');
  const umbrella = measureProgram(`import * as asyncio from 'aiokit'; export default [${uses}];`);
  expect(direct).toBeGreaterThan(1000);
  // The order of modules differs, and with it how well they are compressed.
  expect(Math.abs(umbrella - direct)).toBeLessThan(100);
});

test('all of it costs more than any part', () => {
  const all = measureProgram("export * from 'aiokit';");
  for (const [specifier, names] of USES) expect(measure({ [specifier]: names })).toBeLessThan(all - 2000);
});
