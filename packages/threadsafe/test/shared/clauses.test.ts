import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const ids = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id as string))].sort();
const page = read('../../../../docs/semantics/shared.md');

test('every clause of shared memory has a test, and every test a clause', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  const tested = ids(files.map((name) => read(name)).join('\n'), /'(SHARED-\d+\.\d+)(?= )/g);
  expect(tested).toEqual(ids(page, /^- \*\*(SHARED-\d+\.\d+)\*\* /gm));
});

test('every chapter of shared memory that the doc comments name is there', () => {
  const folder = new URL('../../src/shared/', import.meta.url);
  const sources = readdirSync(folder).map((name) => read(`../../src/shared/${name}`));
  const named = ids(sources.join('\n'), /@source (SHARED-\d+)/g);
  const chapters = ids(page, /^## (SHARED-\d+) /gm);
  expect(named.filter((id) => !chapters.includes(id))).toEqual([]);
});
