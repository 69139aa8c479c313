import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/semantics/task.md');
const ids = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id as string))].sort();

const chapters = ids(page, /^## ([A-Z]+-\d+) /gm);
const clauses = ids(page, /^- \*\*([A-Z]+-\d+\.\d+)\*\* /gm);

test('every clause has a test, and every test a clause', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  const tested = ids(files.map((name) => read(name)).join('\n'), /['"`]([A-Z]+-\d+\.\d+) /g);
  expect(tested).toEqual(clauses);
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

test('every chapter that the doc comments name is there', () => {
  const sources = readdirSync(new URL('../src/', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`../src/${name}`));
  const named = ids(sources.join('\n'), /@source ([A-Z]+-\d+)/g).filter((id) => !id.startsWith('DIFF-'));
  expect(named.filter((id) => !chapters.includes(id))).toEqual([]);
});
