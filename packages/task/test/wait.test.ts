import { Future } from '@aiokit/future';
import { isCancelledError } from '@aiokit/loop-core';
import {
  ALL_COMPLETED,
  type Coroutine,
  createTask,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  sleep,
  wait,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

function* after(ms: number, error?: Error): Coroutine<number> {
  yield* sleep(ms);
  if (error) throw error;
  return ms;
}

const task = (ms: number, error?: Error) => createTask(after(ms, error), { name: String(ms) });
type Tasks = readonly { getName(): string }[];
const names = (sets: readonly [Iterable<unknown>, Iterable<unknown>]): string[] =>
  sets.map((set) => ([...set] as unknown as Tasks).map((one) => one.getName()).join(' '));

describe('wait', () => {
  inEveryForm(
    'WAITSOME-1.1 waits for all, and gives those that are done in the order of the list',
    function* (loop) {
      const all = [task(20), task(10), task(15)];
      expect(names(yield* wait(all))).toEqual(['20 10 15', '']);
      expect(loop.time()).toBe(20);
      expect(names(yield* wait([all[0]!, all[0]!], { returnWhen: ALL_COMPLETED }))).toEqual(['20', '']);
    },
  );

  inEveryForm('WAITSOME-1.2 FIRST_COMPLETED returns when one is done; the others go on', function* (loop) {
    const all = [task(20), task(10)];
    const sets = yield* wait(all, { returnWhen: FIRST_COMPLETED });
    expect([names(sets), loop.time(), all[0]?.cancelling()]).toEqual([['10', '20'], 10, 0]);
    expect(yield* all[0]!).toBe(20);
  });

  inEveryForm(
    'WAITSOME-1.3 FIRST_EXCEPTION returns when one has failed; cancelled is not failed',
    function* (loop) {
      const all = [task(20), task(10, new RangeError('far')), task(5)];
      const sets = yield* wait(all, { returnWhen: FIRST_EXCEPTION });
      expect([names(sets), loop.time()]).toEqual([['10 5', '20'], 10]);
      yield* all[0]!;
      const others = [task(20), task(10)];
      yield* sleep(1);
      others[1]?.cancel();
      expect(names(yield* wait(others, { returnWhen: FIRST_EXCEPTION }))).toEqual(['20 10', '']);
      expect(isCancelledError(yield* thrownIn(others[1]!))).toBe(true);
    },
  );

  inEveryForm(
    'WAITSOME-1.4 a time-out returns what is done by then, throws nothing, and cancels nothing',
    function* (loop) {
      const all = [task(20), task(10)];
      expect(names(yield* wait(all, { timeoutMs: 15 }))).toEqual(['10', '20']);
      expect(loop.time()).toBe(15);
      expect(yield* all[0]!).toBe(20);
      const none = [task(5)];
      expect(names(yield* wait(none, { timeoutMs: 0 }))).toEqual(['', '5']);
      expect(names(yield* wait(none, { timeoutMs: Infinity }))).toEqual(['5', '']);
    },
  );

  test('WAITSOME-1.5 what is done by the time it resumes is done, although it waited for less', () =>
    play(function* () {
      const [first, second] = [new Future<number>(), new Future<number>()];
      const waiting = createTask(
        (function* () {
          return yield* wait([first, second], { returnWhen: FIRST_COMPLETED });
        })(),
      );
      yield* sleep(0);
      first.setResult(1);
      yield* sleep(0);
      second.setResult(2);
      const [done, pending] = yield* waiting;
      expect([done.size, pending.size]).toEqual([2, 0]);
    }));

  test('WAITSOME-1.6 cancelled, it cancels nothing, and leaves neither timer nor callback', () =>
    play(function* (loop) {
      const inner = task(20);
      const waiting = createTask(
        (function* () {
          return yield* wait([inner], { timeoutMs: 1000 });
        })(),
      );
      yield* sleep(1);
      waiting.cancel();
      expect(isCancelledError(yield* thrownIn(waiting))).toBe(true);
      yield* sleep(0);
      expect(String(inner)).not.toContain('cb=');
      expect([yield* inner, loop.time()]).toEqual([20, 20]);
    }));

  test('WAITSOME-1.7 refuses coroutines, nothing, and options that there are not, before anything is run', () =>
    play(function* () {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      const future = new Future<number>();
      future.setResult(1);
      const cases: readonly (readonly [() => unknown, string, string])[] = [
        [() => wait([]), 'RangeError', 'Set of Tasks/Futures is empty.'],
        [
          () => wait([begins() as never]),
          'TypeError',
          'Passing coroutines is forbidden, use tasks explicitly.',
        ],
        [() => wait([5 as never]), 'TypeError', 'futures must be futures or tasks, got 5; use ensureFuture'],
        [
          () => wait(future as never),
          'TypeError',
          'futures must be a list of futures, got <Future finished result=1>',
        ],
        [
          () => wait(begins() as never),
          'TypeError',
          'futures must be a list of futures, got [object Generator]',
        ],
        [() => wait(null as never), 'TypeError', 'futures must be a list of futures, got null'],
        [
          () => wait([future], { returnWhen: 'SOME' as never }),
          'RangeError',
          "returnWhen must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED, got 'SOME'",
        ],
        [
          () => wait([future], { timeoutMs: NaN }),
          'RangeError',
          'timeoutMs must be a number of milliseconds, got NaN',
        ],
      ];
      for (const [action, name, message] of cases) expect(thrownBy(action)).toMatchObject({ name, message });
      yield* sleep(0);
      expect(log).toEqual([]);
    }));

  inBothHosts((host) => {
    test('WAITSOME-1.8 in an async function', () =>
      playAsync(async (scope) => {
        const all = [task(20), task(10)];
        expect(names(await host.wait(scope, wait(all, { returnWhen: FIRST_COMPLETED })))).toEqual([
          '10',
          '20',
        ]);
        const waiting = createTask(async (own) => host.wait(own, wait(all)));
        await host.wait(scope, sleep(1));
        waiting.cancel();
        expect(isCancelledError(await rejection(waiting))).toBe(true);
        expect(names(await host.wait(scope, wait(all)))).toEqual(['20 10', '']);
      }));
  });
});
