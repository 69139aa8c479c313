import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearReports, sumReports } from '../reports.mjs';
import { workspaceWith } from './fixture.js';

const tested = JSON.stringify({ scripts: { test: 'vitest run' } });
const report = (changes: object) =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    success: true,
    ...changes,
  });

const workspaceOf = (reports: Record<string, object | null>) =>
  workspaceWith(
    Object.fromEntries(
      Object.entries(reports).flatMap(([name, changes]) => [
        [`packages/${name}/package.json`, tested],
        ...(changes ? [[`packages/${name}/.reports/vitest.json`, report(changes)]] : []),
      ]),
    ),
  );

test('adds up', () => {
  expect(
    sumReports(workspaceOf({ a: {}, b: { numPassedTests: 4, numFailedTests: 2, success: false } })),
  ).toEqual({
    passed: 7,
    failed: 2,
    problems: [],
  });
});

test.each([
  ['a missing report', null, 'packages/a: no test report'],
  ['skipped tests', { numPendingTests: 2 }, 'packages/a: 2 skipped or todo tests'],
  ['todo tests', { numTodoTests: 1 }, 'packages/a: 1 skipped or todo tests'],
  ['a file that does not load', { success: false }, 'packages/a: a test file did not load'],
])('counts %s as a problem', (_title, changes, problem) => {
  expect(sumReports(workspaceOf({ a: changes })).problems).toEqual([problem]);
});

test('clears earlier reports', () => {
  const workspace = workspaceOf({ a: {} });
  clearReports(workspace);
  expect(existsSync(join(workspace, 'packages/a/.reports/vitest.json'))).toBe(false);
});
