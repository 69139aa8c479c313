import { explore, replay } from '@aiokit/testing';
import { describe, expect, test } from 'vitest';
import { type Bug, bugs } from './corpus.js';
import { lateBugs } from './late-corpus.js';

const MOST_SCHEDULES = 1000;

async function isFound({ kind, program, options }: Bug): Promise<void> {
  const { failure } = await explore(program, { schedules: MOST_SCHEDULES, ...options });
  expect(failure?.kind).toBe(kind);
  expect(failure?.token.length).toBeLessThanOrEqual(200);
  const again = await replay(program, failure?.token ?? '');
  expect(again.failure).toMatchObject({ kind, table: failure?.table, waiting: failure?.waiting });
}

describe('known bugs', () => {
  test('are 25 or more, and half of 25 beside', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(25);
    expect(lateBugs.length).toBeGreaterThanOrEqual(13);
  });

  test.each(bugs)('EXPLORE-2 found within 1,000 schedules: $name', isFound);
});

describe('known bugs, written when the search was frozen', () => {
  test.each(lateBugs)('EXPLORE-2 found within 1,000 schedules: $name', isFound);
});
