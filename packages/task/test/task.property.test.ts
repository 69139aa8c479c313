import { setEventLoop } from '@aiokit/loop-core';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Program, programs, Run } from './task-program.js';

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(1000, fc.readConfigureGlobal().numRuns ?? 0);

afterEach(() => setEventLoop(null));

async function play(program: Program, exact: boolean): Promise<Run> {
  const run = new Run();
  setEventLoop(run.loop);
  await run.play(program, exact);
  return run;
}

/** Plays random programs; fails if a rule is broken, or a class of events makes up less than one in a hundred. */
async function assertWithHistogram(
  options: { readonly async: boolean; readonly calm: boolean },
  classes: readonly string[],
): Promise<void> {
  const counts = new Map<string, number>();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(programs(options), async (program) => {
      const { broken, events } = await play(program, options.calm);
      expect(broken).toEqual([]);
      runs++;
      for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
    }),
    { numRuns },
  );
  const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
  console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
  expect(shares.filter(([, share]) => share < 1)).toEqual([]);
}

const CALM = [
  'a generator',
  'group ended',
  'group failed',
  'an error is caught',
  'a cancellation is caught',
  'cleaned up',
  'reported',
];

const WILD = [
  ...CALM,
  'group cancelled',
  'timeout ended',
  'timeout late',
  'timeout failed',
  'timeout cancelled',
  'waitFor ended',
  'waitFor late',
  'waitFor cancelled',
  'shield ended',
  'gather ended',
  'the main task is cancelled',
  'a task is cancelled',
];

describe('random trees of tasks: each ends once, none outlives its group, counts are balanced, none is left,', () => {
  test('TASK-8.1 and every error comes up exactly once, of generators', async () => {
    await expect(assertWithHistogram({ async: false, calm: true }, CALM)).resolves.toBe(undefined);
  });

  test('TASK-8.1 and every error comes up exactly once, of async functions', async () => {
    const classes = [...CALM, 'an async function'];
    await expect(assertWithHistogram({ async: true, calm: true }, classes)).resolves.toBe(undefined);
  });

  test('TASK-8.2 and no error comes up twice, of generators that are cancelled at any step', async () => {
    await expect(assertWithHistogram({ async: false, calm: false }, WILD)).resolves.toBe(undefined);
  });

  test('TASK-8.2 and no error comes up twice, of async functions that are cancelled at any step', async () => {
    const classes = [...WILD, 'an async function'];
    await expect(assertWithHistogram({ async: true, calm: false }, classes)).resolves.toBe(undefined);
  });
});
