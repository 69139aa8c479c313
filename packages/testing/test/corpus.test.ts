import { explore, replay } from '@aiokit/testing';
import { describe, expect, test } from 'vitest';
import { bugs } from './corpus.js';

describe('known bugs', () => {
  test('are 25 or more', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(25);
  });

  test.each(bugs)('EXPLORE-2 found within 1,000 schedules: $name', async ({ kind, program, options }) => {
    const { failure } = await explore(program, { schedules: 1000, ...options });
    expect(failure?.kind).toBe(kind);
    expect(failure?.token.length).toBeLessThanOrEqual(200);
    const again = await replay(program, failure?.token ?? '');
    expect(again.failure).toMatchObject({ kind, table: failure?.table, waiting: failure?.waiting });
  });
});
