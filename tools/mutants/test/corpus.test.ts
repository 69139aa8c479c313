/** The mutants are found, each by its scenario within 10,000 schedules, and the scenarios find nothing in what is right. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withSuite } from '../src/build.js';
import { corpus } from '../src/corpus/corpus.js';
import { applied, MOST_LINES, type Mutant } from '../src/mutant.js';

const proof = process.env['MODE'] === 'proof';
const MOST_SCHEDULES = 10_000;
/** An issue or a pull request; else the release of a package. */
const UPSTREAM = /^[\w.-]+\/[\w.-]+#\d+$|^@?[a-zA-Z][\w/@-]+( \d+(\.\d+)?)?$/;

describe('the corpus', () => {
  test('has 30 bugs or more, each with a name, and where it is known from', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(30);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
    for (const { upstream } of corpus) {
      expect(upstream.length).toBeGreaterThan(0);
      for (const one of upstream) expect(one).toMatch(UPSTREAM);
    }
    const reported = corpus.filter(({ upstream }) => upstream.some((one) => one.includes('#')));
    expect(reported.length).toBeGreaterThanOrEqual(30);
  });

  test.each(corpus)('is of our source: $file, $name', ({ file }) => {
    expect(existsSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)))).toBe(true);
  });
});

describe('a mutant is found', () => {
  test.each(corpus)('$name ($upstream)', async (mutant) => {
    const report = await withSuite(mutant, async (suite) =>
      suite.run(mutant.scenario, { schedules: MOST_SCHEDULES }),
    );
    expect(report.failure).toBeDefined();
    expect(report.failure?.kind).not.toBe('nondeterminism');
    if (proof)
      console.info(`found: ${mutant.name}: ${report.failure?.kind}, schedule ${report.failure?.foundAt}`);
  });
});

describe('the scenarios', () => {
  test('find nothing in what is right', { timeout: 600_000 }, async () => {
    const failures = await withSuite(undefined, async (suite) => {
      const failed: string[] = [];
      for (const name of suite.names) {
        const report = await suite.run(name, { schedules: proof ? 100_000 : 1500 });
        if (!report.ok) failed.push(`${name}: ${String(report)}`);
        if (proof) console.info(`${name}: ${String(report)}`);
      }
      return failed;
    });
    expect(failures).toEqual([]);
  });

  test('are each needed by a mutant, or are told of as extra', async () => {
    const names = await withSuite(undefined, async (suite) => Promise.resolve(suite.names));
    const used = new Set(corpus.map(({ scenario }) => scenario));
    expect([...used].filter((name) => !names.includes(name))).toEqual([]);
    expect(names.filter((name) => !used.has(name))).toEqual([
      'lock, hosted',
      'condition, items, cancelled twice',
      'event',
      'readers and writers, downgraded',
      'queue, cancelled twice',
      'queue without a bound',
      'queue, in time',
      'queue, hosted',
      'queue, joined',
    ]);
  });
});

describe('a patch', () => {
  const mutant: Mutant = {
    name: 'one',
    upstream: ['a/b#1'],
    file: 'x.ts',
    replace: [['a', 'b']],
    scenario: 'lock',
  };

  test('is put in', () => {
    expect(applied(mutant, 'xay')).toBe('xby');
    expect(applied({ ...mutant, replace: [['a', '$&']] }, 'xay')).toBe('x$&y');
  });

  test('is refused if it does not apply any more, or in two places', () => {
    expect(() => applied(mutant, 'xyz')).toThrow('one: "a" is in x.ts 0 times');
    expect(() => applied(mutant, 'aa')).toThrow('one: "a" is in x.ts 2 times');
  });

  test('is refused if it is longer than 20 lines', () => {
    const long = 'b\n'.repeat(MOST_LINES);
    expect(() => applied({ ...mutant, replace: [['a', long]] }, 'xay')).toThrow('21 lines are changed');
  });
});
