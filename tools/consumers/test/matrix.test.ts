import { expect, test } from 'vitest';
import { browserCells } from '../matrix/browser.mjs';
import { hostCells } from '../matrix/hosts.mjs';
import { check } from '../matrix/programs.mjs';
import { outcomeOf, reportOf } from '../matrix/report.mjs';
import { typeCells } from '../matrix/compilers.mjs';
import { EXPECTED } from '../matrix/uses.mjs';

const consumer = { folder: '', installed: [], readmes: [], names: { aiokit: 'Lock' } };
const cell = {
  host: 'Node 99',
  way: 'ESM',
  path: '/root/node99' as string | undefined,
  version: ['/root/node99', '--version'],
  command: ['/root/node99', 'program.mjs'],
  run: () => {},
};
const versionOf = () => 'v99.0.0';

const outcome = (changes: object) => outcomeOf({ ...cell, ...changes }, consumer, versionOf);

test('every host and every way has a cell', () => {
  const cells = [...hostCells(), ...typeCells(), ...browserCells()].map(({ host, way }) => `${host}: ${way}`);
  const nodes = [20, 22, 24, 26].flatMap((major) =>
    ['ESM', 'CommonJS', 'using, lowered', 'nothing of Node'].map((way) => `Node ${major}: ${way}`),
  );
  const compilers = ['TypeScript, oldest supported', 'TypeScript 6', 'TypeScript 7'].flatMap((host) =>
    ['nodenext, ESM', 'nodenext, CommonJS', 'bundler'].map((way) => `${host}: ${way}`),
  );
  const browser = [
    'bundled by esbuild',
    'bundled by vite',
    'unbundled, import map',
    'web worker',
    'service worker',
  ];
  const wanted = [
    ...nodes,
    ...compilers,
    ...browser.map((way) => `Chromium: ${way}`),
    'Deno: ESM',
    'Bun: ESM',
    'Node 20: no Symbol.dispose, using',
    'Node 24: using',
  ];
  expect(cells).toEqual(expect.arrayContaining(wanted));
  expect(new Set(cells).size).toBe(cells.length);
});

test('a cell that ran shows its command and version', async () => {
  const { lines, summary, exitCode } = reportOf([await outcome({})], '/root');
  expect(lines).toEqual(['ok   Node 99  ESM  v99.0.0  node99 program.mjs']);
  expect(summary).toBe('1 passed, 0 failed');
  expect(exitCode).toBe(0);
});

test.each([
  ['whose host is missing', { path: undefined }, 'not installed'],
  [
    'that fails',
    {
      run: () => {
        throw new Error('no such export');
      },
    },
    'no such export',
  ],
])('a cell %s is red, and the exit code says so', async (_title, changes, problem) => {
  const { lines, summary, exitCode } = reportOf([await outcome({}), await outcome(changes)], '/root');
  expect(lines[1]).toMatch(/^RED {2}Node 99/);
  expect(lines[1]).toContain(problem);
  expect(summary).toBe('1 passed, 1 failed');
  expect(exitCode).toBe(1);
});

test('a host that does not say its version is red', async () => {
  const refuses = () => {
    throw new Error('ENOENT');
  };
  expect(await outcomeOf(cell, consumer, refuses)).toMatchObject({ problem: 'ENOENT' });
});

test('no cells at all are a failure', () => {
  expect(reportOf([], '/root').exitCode).toBe(1);
});

test.each([
  ['an error', { error: 'Error: broken' }, 'broken'],
  ['another order of events', { names: {}, order: [...EXPECTED].reverse() }, 'the order of events'],
  ['other exports', { names: { aiokit: 'Lock,Other' }, order: EXPECTED }, "'Lock,Other', not 'Lock'"],
])('a program that gives %s fails', (_title, result, message) => {
  expect(() => check(consumer, JSON.stringify(result))).toThrow(message);
});

test('a program that gives what is expected passes', () => {
  expect(() => check(consumer, JSON.stringify({ names: { aiokit: 'Lock' }, order: EXPECTED }))).not.toThrow();
});
