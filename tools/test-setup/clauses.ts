/** The tests that a page of clauses has: each clause a test, each test a clause, all of them in order. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What stands for a page. */
export interface ClausesOptions {
  /** Of `docs/semantics`, without its ending. */
  readonly page: string;
  /** The folder of the tests. */
  readonly tests: string;
  /** The folder of the sources, whose `@source` names chapters. */
  readonly sources: string;
  /** Which of the tests' files bear clauses of this page; all if absent. */
  readonly files?: RegExp;
}

const semantics = join(import.meta.dirname, '../../docs/semantics');

const idsOf = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id as string))].sort();

/** Tests a page, and the titles and comments that name its clauses. */
export function testClauses({ page, tests, sources, files = /\.test\.ts$/ }: ClausesOptions): void {
  const text = readFileSync(join(semantics, `${page}.md`), 'utf8');
  const chapters = idsOf(text, /^## ([A-Z]+-\d+) /gm);
  const names = [...new Set(chapters.map((id) => id.replace(/-\d+$/, '')))].join('|');

  test(`every clause of ${page}.md has a test, and every test a clause`, () => {
    const titles = readdirSync(tests)
      .filter((name) => files.test(name))
      .map((name) => readFileSync(join(tests, name), 'utf8'))
      .join('\n');
    const tested = idsOf(titles, new RegExp(`['"\`( ]((?:${names})-\\d+\\.\\d+)(?=[ '])`, 'g'));
    expect(tested).toEqual(idsOf(text, /^(?:- |\| )\*\*([A-Z]+-\d+\.\d+)\*\* /gm));
  });

  test(`every clause of ${page}.md stands in its chapter, in order`, () => {
    const found: string[] = [];
    const expected: string[] = [];
    let chapter = '';
    let last = 0;
    for (const [, heading, clause] of text.matchAll(
      /^(?:## ([A-Z]+-\d+) |(?:- |\| )\*\*([A-Z]+-\d+\.\d+)\*\* )/gm,
    )) {
      if (clause === undefined) {
        chapter = heading as string;
        last = 0;
      } else {
        found.push(clause);
        expected.push(`${chapter}.${++last}`);
      }
    }
    expect(found).toEqual(expected);
  });

  test(`every chapter of ${page}.md that the doc comments name is there`, () => {
    const comments = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(sources, name), 'utf8'))
      .join('\n');
    const named = idsOf(comments, new RegExp(`@source ((?:${names})-\\d+)`, 'g'));
    expect(named.filter((id) => !chapters.includes(id))).toEqual([]);
  });
}
