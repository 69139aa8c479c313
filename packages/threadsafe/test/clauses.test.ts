import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/semantics/threadsafe.md');
const ids = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id as string))].sort();

const chapters = ids(page, /^## (THREAD-\d+) /gm);
const clauses = ids(page, /^- \*\*(THREAD-\d+\.\d+)\*\* /gm);

test('every clause has a test, and every test a clause', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  const tested = ids(files.map((name) => read(name)).join('\n'), /['"` ](THREAD-\d+\.\d+)(?= )/g);
  expect(tested).toEqual(clauses);
});

test('every clause stands in its chapter, in order', () => {
  const found = [...page.matchAll(/^(?:## |- \*\*)THREAD-(\d+)(?:\.(\d+))?/gm)].map(
    ([, chapter, clause = '0']) => [Number(chapter), Number(clause)],
  );
  const expected: number[][] = [];
  for (const [chapter = 0, clause = 0] of found) {
    const [last = 0, number = 0] = expected.at(-1) ?? [];
    expected.push(clause === 0 ? [last + 1, 0] : [last, number + 1]);
    expect([chapter, clause]).toEqual(expected.at(-1));
  }
  expect(expected.length).toBe(chapters.length + clauses.length);
});

test('every chapter that the doc comments name is there', () => {
  const sources = readdirSync(new URL('../src/', import.meta.url), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`../src/${name}`));
  const named = ids(sources.join('\n'), /@source (THREAD-\d+)/g);
  expect(named.filter((id) => !chapters.includes(id))).toEqual([]);
});
