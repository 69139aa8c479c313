import { runCompliance } from '@aiokit/loop-core/compliance';
import { expect, test } from 'vitest';
import { brokenLoops } from './broken-loops.js';

test.each(brokenLoops)(
  '$name fails $clause and no other clause',
  { timeout: 60_000 },
  async ({ clause, subject }) => {
    const failed = (await runCompliance(subject)).filter(({ error }) => error !== undefined);
    expect(failed.map(({ id, error }) => (id === clause ? id : `${id}: ${String(error)}`))).toEqual([clause]);
  },
);
