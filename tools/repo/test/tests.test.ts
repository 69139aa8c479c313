import { expect, test } from 'vitest';
import { checkTests } from '../rules/tests.mjs';
import { workspaceWith } from './fixture.js';

const FILE = 'packages/queue/test/queue.test.ts';

test.each([
  `test.skip('a', () => {});`,
  `it.only('a', () => {});`,
  `test.todo('a');`,
  `describe.skip('a', () => {});`,
  `test.concurrent.only('a', () => {});`,
  `test.skipIf(true)('a', () => {});`,
  `describe.runIf(false)('a', () => {});`,
  `xit('a', () => {});`,
  `test('a', (context) => context.skip());`,
])('reports a test that is left out: %s', (line) => {
  expect(checkTests(workspaceWith({ [FILE]: `${line}\n` }))).toEqual([
    expect.stringMatching(`^${FILE}:1: .* leaves tests out$`),
  ]);
});

test.each([
  `// test('a', () => {});`,
  `/* it('a', () => {}); */`,
  `/*\n * describe.each([1])('a', () => {});\n */`,
])('reports a test that is commented out: %s', (comment) => {
  expect(checkTests(workspaceWith({ [FILE]: `\n${comment}\nexport {};\n` }))).toEqual([
    `${FILE}:2: a test is commented out`,
  ]);
});

test('lets comments and names that only look alike be', () => {
  const text = `// a test (of sorts)\ntest('skip', () => {});\nconst text = "// test('a')"; queue.skip();\n`;
  expect(checkTests(workspaceWith({ [FILE]: text }))).toEqual([]);
});
