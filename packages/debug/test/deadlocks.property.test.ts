/** Random programs that cannot deadlock are never said to, and random cycles always are. */
import { Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep, type Task, timeout } from '@aiokit/task';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withDebug } from './with-debug.js';

interface Worker {
  /** Which gates it takes, in the order of their numbers. */
  readonly gates: readonly number[];
  readonly pauseMs: number;
  /** When it is cancelled; never if absent. */
  readonly cancelAt: number | undefined;
  /** The limit for all of it; none if absent. */
  readonly limitMs: number | undefined;
}

const maybe = (max: number): fc.Arbitrary<number | undefined> =>
  fc.option(fc.integer({ min: 1, max }), { nil: undefined, freq: 3 });

const worker: fc.Arbitrary<Worker> = fc.record({
  gates: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
  pauseMs: fc.nat(3),
  cancelAt: maybe(20),
  limitMs: maybe(20),
});

function* work(gates: readonly (Lock | Semaphore)[], pauseMs: number): Coroutine<void> {
  const permits: { release(): void }[] = [];
  try {
    for (const gate of gates) {
      permits.push(yield* gate.acquire());
      yield* sleep(pauseMs);
    }
  } finally {
    for (const permit of permits.reverse()) permit.release();
  }
}

test('DEBUG-8.3 programs that take what they take in one order, with time limits and cancellations, are never reported', {
  timeout: 120_000,
}, async () => {
  const seen = { waits: 0, cancelled: 0, limited: 0, runs: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(worker, { minLength: 2, maxLength: 8 }), async (workers) =>
      withDebug(({ loop, take }) => {
        const gates = [new Lock(), new Semaphore(1), new Lock(), new Semaphore(2), new Lock(), new Lock()];
        const tasks: Task<unknown>[] = workers.map(({ gates: numbers, pauseMs, cancelAt, limitMs }) => {
          const mine = [...numbers].sort((a, b) => a - b).map((number) => gates[number] as Lock);
          const task = createTask(function* (): Coroutine<void> {
            if (limitMs === undefined) yield* work(mine, pauseMs);
            else yield* timeout(limitMs, () => work(mine, pauseMs));
          });
          task.addDoneCallback(() => task.cancelled() || task.exception());
          if (cancelAt !== undefined) loop.callLater(cancelAt, () => task.cancel());
          return task;
        });
        loop.callLater(2, () => {
          seen.waits += gates.filter((gate) => gate.statistics().waiting > 0).length;
        });
        loop.runUntilIdle();
        seen.runs++;
        seen.cancelled += tasks.filter((task) => task.cancelled()).length;
        seen.limited += tasks.filter((task) => !task.cancelled() && task.exception() !== null).length;
        expect(tasks.map((task) => task.done())).not.toContain(false);
        expect(take()).toEqual([]);
      }),
    ),
    { numRuns: 500 },
  );
  console.log(seen);
  expect(Math.min(seen.waits, seen.cancelled, seen.limited)).toBeGreaterThan(seen.runs / 100);
});

test('DEBUG-8.1 cycles of any length are reported once, as they close, whoever else waits', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 12 }),
      fc.array(fc.nat(11), { maxLength: 5 }),
      async (length, tails) =>
        withDebug(({ loop, take }) => {
          const locks = Array.from({ length }, () => new Lock());
          const at = (index: number): Lock => locks[index % length] as Lock;
          const tasks = [
            ...locks.map((_, index) => createTask(work([at(index), at(index + 1)], 1))),
            ...tails.map((index) => createTask(work([at(index)], 1))),
          ];
          loop.runUntilIdle();
          expect(take()).toEqual([
            expect.stringMatching(new RegExp(`^deadlock: ${length} tasks wait for each other`)),
          ]);
          for (const task of tasks) {
            task.cancel();
            loop.runUntilIdle();
          }
          expect(take()).toEqual([]);
        }),
    ),
    { numRuns: 50 },
  );
});
