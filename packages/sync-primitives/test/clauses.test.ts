import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/semantics/sync-primitives.md');
const ids = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id as string))].sort();

const clauses = ids(page, /^- \*\*([A-Z]+-\d+\.\d+)\*\* /gm);

test('every clause has a test, and every test a clause', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  const tested = ids(files.map((name) => read(name)).join('\n'), /['"`](?:SYNC-1\.1 )?([A-Z]+-\d+\.\d+) /g);
  const golden = ids(files.map((name) => read(name)).join('\n'), /['"`](SYNC-1\.\d) /g);
  expect([...new Set([...tested, ...golden])].sort()).toEqual(clauses);
});

test('every clause stands in its chapter, in order', () => {
  const found: string[] = [];
  const expected: string[] = [];
  let chapter = '';
  let last = 0;
  for (const [, heading, clause, number] of page.matchAll(
    /^(?:## ([A-Z]+-\d+) |- \*\*([A-Z]+-\d+)\.(\d+)\*\*)/gm,
  )) {
    if (heading) {
      chapter = heading;
      last = 0;
    } else {
      found.push(`${clause}.${number}`);
      expected.push(`${chapter}.${++last}`);
    }
  }
  expect(found).toEqual(expected);
});

test('every @source of the package names a chapter', () => {
  const sources = readdirSync(new URL('../src', import.meta.url)).filter((name) => name.endsWith('.ts'));
  const named = ids(sources.map((name) => read(`../src/${name}`)).join('\n'), /@source ([A-Z]+-\d+) /g);
  const chapters = ids(page, /^## ([A-Z]+-\d+) /gm);
  expect(named.filter((name) => !chapters.includes(name))).toEqual([]);
});
