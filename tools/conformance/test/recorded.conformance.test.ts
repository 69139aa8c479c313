/** What CPython did, aiokit does: the recorded traces. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ours } from '../src/campaign.js';
import { REFERENCE } from '../src/python.js';
import { readRecorded, type Recorded } from '../src/recorded.js';
import { sideBySide } from '../src/side-by-side.js';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const semantics = readdirSync(file('../../../docs/semantics'))
  .map((name) => read(`../../../docs/semantics/${name}`))
  .join('\n');

const recorded = readRecorded();
const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, one]) => one as string)),
];
/** What the Python interpreter knows: the rules that it marks, and the differences that it can put in place. */
const rules = found(read('../python/rules.py'), /^ {4}'([A-Z]+-[\d.]+)':/gm);
const differences = found(
  (/^ALL: .*$/m.exec(read('../python/differences.py')) as RegExpExecArray)[0],
  /(DIFF-\d+)/g,
);

/** Those that do something else here, side by side. */
const differing = new Map<Recorded, string>();
for (const one of recorded) {
  const [asyncio, aiokit] = [one.trace.join('\n'), ours(one.program)];
  if (asyncio !== aiokit) differing.set(one, sideBySide({ program: one.program, asyncio, aiokit }));
}
const reportOf = (some: readonly Recorded[]): string => {
  const reports = some.flatMap((one) => differing.get(one) ?? []);
  return reports.length === 0 ? '' : `${reports.length} of ${some.length} differ, the least:\n${reports[0]}`;
};

test.each(rules)('%s programs that have to do with it do what they do on CPython', (rule) => {
  const some = recorded.filter((one) => one.rules.includes(rule));
  expect(some.length).toBeGreaterThanOrEqual(20);
  expect(reportOf(some)).toBe('');
  expect(semantics).toContain(`- **${rule}**`);
});

test.each(differences)('%s programs that depend on it do what they do with it in place', (id) => {
  const some = recorded.filter(({ ids }) => ids.includes(id));
  expect(some.length).toBeGreaterThanOrEqual(20);
  expect(reportOf(some)).toBe('');
  expect(semantics).toContain(`## ${id} `);
});

test('every recorded program does what it does on CPython', () => {
  expect(recorded.length).toBeGreaterThan(3000);
  expect(reportOf(recorded)).toBe('');
});

test('each trace names the version that it comes from, and the differences that it depends on have an id', () => {
  expect(new Set(recorded.map(({ python }) => python))).toEqual(new Set([REFERENCE]));
  expect(differences).toEqual(expect.arrayContaining(recorded.flatMap(({ ids }) => ids)));
});

test('every error of a trace is one that docs/semantics/errors.md maps', () => {
  const traces = recorded.flatMap(({ trace }) => trace).join('\n');
  const errors = found(traces, /[!=[, ]([A-Z]\w*)\(/g).filter((name) => name !== 'Failure');
  expect(errors).toEqual(expect.arrayContaining(['CancelledError', 'ExceptionGroup', 'RangeError']));
  const map = read('../../../docs/semantics/errors.md');
  expect(errors.filter((name) => !map.includes(`| \`${name}\` |`))).toEqual([]);
});
