/** Random works with random ends: every work has one outcome, and the executor goes on. */
import {
  type ConcurrentFuture,
  type PoolOptions,
  WorkerExecutor,
  type WorkModule,
  workerModule,
} from '@aiokit/threadsafe';
import { ProcessExecutor } from '@aiokit/threadsafe/process';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileFixture } from './fixtures.js';

let work: WorkModule<typeof import('./fixtures/work.js')>;

beforeAll(async () => {
  work = workerModule<typeof import('./fixtures/work.js')>(await compileFixture('work'));
});

type What = 'add' | 'text' | 'slowly' | 'fail' | 'untilAborted' | 'exit' | 'uncloneable';
type When = 'never' | 'at once' | 'a turn later' | 'after the first outcome';

const steps = fc.array(
  fc.record({
    what: fc.constantFrom<What>(
      'add',
      'add',
      'text',
      'slowly',
      'fail',
      'untilAborted',
      'exit',
      'uncloneable',
    ),
    cancel: fc.constantFrom<When>('never', 'never', 'at once', 'a turn later', 'after the first outcome'),
  }),
  { minLength: 1, maxLength: 30 },
);

const KINDS = [
  { kind: 'threads', make: (options: PoolOptions) => new WorkerExecutor(options), numRuns: 40 },
  {
    kind: 'processes',
    make: (options: PoolOptions) => new ProcessExecutor({ execArgv: [], ...options }),
    numRuns: 6,
  },
];

function submit(
  executor: WorkerExecutor | ProcessExecutor,
  what: What,
  at: number,
): ConcurrentFuture<unknown> {
  if (what === 'add') return executor.submit(work.add(at, 1));
  if (what === 'text') return executor.submit(work.echo(`text ${at}`));
  if (what === 'slowly') return executor.submit(work.slowly(at));
  if (what === 'fail') return executor.submit(work.fail());
  if (what === 'exit') return executor.submit(work.exit(at));
  return executor.submit<unknown>(work[what]());
}

/** What each may end with, beside a cancellation that was asked for. */
const EXPECTED: Record<What, (at: number) => RegExp> = {
  add: (at) => new RegExp(`^${at + 1}$`),
  text: (at) => new RegExp(`^text ${at}$`),
  slowly: (at) => new RegExp(`^${at}$`),
  fail: () => /^RangeError: too far$/,
  untilAborted: () => /^never$/,
  exit: () => /^WorkerEndedError: the worker ended while it ran 'exit'/,
  uncloneable: () => /^TypeError: the result of 'uncloneable' cannot be cloned/,
};

describe.each(KINDS)('an executor of $kind', ({ make, numRuns }) => {
  test('THREAD-8.16 every work has one outcome: its own, or the cancellation that was asked for', {
    timeout: 120_000,
  }, async () => {
    const counts = { own: 0, cancelled: 0 };
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (program, maxWorkers) => {
        const executor = make({ maxWorkers, graceMs: Number.POSITIVE_INFINITY });
        const futures = program.map(({ what }, at) => submit(executor, what, at));
        const cancel = (when: When) => {
          for (const [at, one] of program.entries()) {
            const never = one.what === 'untilAborted' && one.cancel === 'never' && when === 'a turn later';
            if (one.cancel === when || never) futures[at]?.cancel('asked');
          }
        };
        cancel('at once');
        const outcomes = futures.map((future) => future.then(String, String));
        await new Promise(setImmediate);
        cancel('a turn later');
        if (program.some(({ what }) => what !== 'untilAborted')) {
          await Promise.race(outcomes.filter((_, at) => program[at]?.what !== 'untilAborted'));
        }
        cancel('after the first outcome');
        for (const [at, outcome] of (await Promise.all(outcomes)).entries()) {
          const { what, cancel: when } = program[at] as { what: What; cancel: When };
          const own = EXPECTED[what](at).test(outcome);
          expect(own || outcome).toBe(own ? true : 'CancelledError: asked');
          if (!own) expect(what === 'untilAborted' || when !== 'never').toBe(true);
          counts[own ? 'own' : 'cancelled']++;
        }
        expect(executor.pending).toBe(0);
        expect(await executor.submit(work.add(1, 1))).toBe(2);
        await executor.shutdown();
        expect(executor.workers).toBe(0);
      }),
      { numRuns },
    );
    expect(counts.own).toBeGreaterThan(numRuns / 3);
    expect(counts.cancelled).toBeGreaterThan(numRuns / 3);
  });
});
