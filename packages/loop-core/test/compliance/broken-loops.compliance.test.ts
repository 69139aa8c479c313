import { runCompliance } from '@aiokit/loop-core/compliance';
import { expect, test } from 'vitest';
import { brokenLoops } from './broken-loops.js';

/** What a loop whose handler may throw leaves to the host to report, in place of the runner's own listeners. */
async function hostReports(work: () => Promise<void>): Promise<unknown[]> {
  const reports: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => reports.push(error));
  try {
    await work();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
  return reports;
}

test.each(brokenLoops)(
  '$name fails $clause and no other clause',
  { timeout: 60_000 },
  async ({ name, clause, subject }) => {
    const reports = await hostReports(async () => {
      const failed = (await runCompliance(subject)).filter(({ error }) => error !== undefined);
      expect(failed.map(({ id, error }) => (id === clause ? id : `${id}: ${String(error)}`))).toEqual([
        clause,
      ]);
    });
    expect(reports.map(String)).toEqual(
      {
        HandlersErrorEscapes: ['Error: in the handler'],
        DefaultHandlersErrorEscapes: ['Error: in the default handler'],
      }[name] ?? [],
    );
  },
);
