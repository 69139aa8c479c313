import { Future } from '@aiokit/future';
import { isCancelledError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { coroutine, type Coroutine, createTask, gather, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { collect } from './logged.js';
import { TinyQueue } from './owners.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

function* after<T>(ms: number, value: T, log: string[] = []): Coroutine<T> {
  try {
    yield* sleep(ms);
    return value;
  } catch (error) {
    log.push(`${String(value)} ${String(error)}`);
    throw error;
  }
}

function* failing(ms: number, message = 'far'): Coroutine<never> {
  yield* sleep(ms);
  throw new RangeError(message);
}

function* stubborn(ms: number): Coroutine<string> {
  try {
    yield* sleep(ms);
  } catch {}
  return 'stubborn';
}

const done = <T>(value: T): Future<T> => {
  const future = new Future<T>();
  future.setResult(value);
  return future;
};

describe('gather', () => {
  inEveryForm(
    'GATHER-1.1 gives the results in the order of the arguments, of whatever can be awaited',
    function* () {
      const results = yield* gather(
        after(20, 'a'),
        function* () {
          return yield* after(10, 'b');
        },
        sleep(5, 'd'),
        createTask(after(1, 'e')),
        done('f'),
      );
      expect(results).toEqual(['a', 'b', 'd', 'e', 'f']);
      expect(yield* gather([after(2, 1), after(1, 2)])).toEqual([1, 2]);
      expect(yield* gather()).toEqual([]);
      expect(yield* gather([])).toEqual([]);
    },
  );

  test('GATHER-1.1 of promises and async functions too', () =>
    playAsync(async () => {
      expect(await gather(Promise.resolve(1), async () => 'c', sleep(5, 2))).toEqual([1, 'c', 2]);
    }));

  test('GATHER-1.2 an argument that stands there twice runs once and appears twice', () =>
    play(function* () {
      const log: string[] = [];
      const once = coroutine(function* (): Coroutine<string> {
        log.push('run');
        yield* sleep(1);
        return 'x';
      })();
      expect(yield* gather(once, sleep(2, 'y'), once)).toEqual(['x', 'y', 'x']);
      const future = new Future<number>();
      const both = gather(future, future);
      future.setResult(7);
      expect(yield* both).toEqual([7, 7]);
      expect(log).toEqual(['run']);
    }));

  inEveryForm(
    'GATHER-1.3 fails with the first error; the others go on, and what they fail with is dropped',
    function* (loop) {
      const log: string[] = [];
      const slow = createTask(after(20, 'slow', log));
      const late = createTask(failing(15, 'late'));
      const error = yield* thrownIn(gather(slow, failing(10), late));
      expect([String(error), loop.time(), slow.done()]).toEqual(['RangeError: far', 10, false]);
      expect([yield* slow, log]).toEqual(['slow', []]);
    },
  );

  inEveryForm(
    'GATHER-1.4 fails with the CancelledError of one that is cancelled, and is not cancelled itself',
    function* () {
      const [task, other] = [createTask(after(10, 'a')), createTask(after(5, 'b'))];
      const all = gather(task, other);
      yield* sleep(1);
      task.cancel('one');
      expect(yield* thrownIn(all)).toMatchObject({ code: 'CANCELLED', message: 'one' });
      expect([all.cancelled(), yield* other]).toEqual([false, 'b']);
    },
  );

  inEveryForm('GATHER-1.5 returnExceptions puts errors and cancellations in place of results', function* () {
    const task = createTask(after(10, 'a'));
    const all = gather(failing(5), task, after(7, 'ok'), { returnExceptions: true });
    yield* sleep(1);
    task.cancel('one');
    const results = yield* all;
    expect(results.map(String)).toEqual(['RangeError: far', 'CancelledError: one', 'ok']);
    const failed = new Future<number>();
    failed.setException(new RangeError('done'));
    const now = gather([failed, done(1)], { returnExceptions: true });
    expect(now.done()).toBe(true);
    expect((yield* now).map(String)).toEqual(['RangeError: done', '1']);
  });

  test('GATHER-1.6 cancelled, it cancels all, and fails with a CancelledError once all have ended', () =>
    play(function* (loop) {
      for (const returnExceptions of [false, true]) {
        const log: string[] = [];
        const all = gather([after(100, 'a', log), after(200, 'b', log)], { returnExceptions });
        yield* sleep(1);
        expect([all.cancel('enough'), all.done()]).toEqual([true, false]);
        expect(yield* thrownIn(all)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
        expect([all.cancelled(), all.cancel(), log]).toEqual([
          false,
          false,
          ['a CancelledError: enough', 'b CancelledError: enough'],
        ]);
      }
      expect(loop.time()).toBe(2);
    }));

  test('GATHER-1.6 also if all of them caught it and returned, or are done by then', () =>
    play(function* () {
      const all = gather(stubborn(100), stubborn(200));
      yield* sleep(1);
      all.cancel('enough');
      expect(yield* thrownIn(all)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
      const future = new Future<number>();
      const ended = gather(future, future);
      future.setResult(1);
      expect([ended.cancel(), yield* ended]).toEqual([false, [1, 1]]);
    }));

  test('GATHER-1.6 a task that waits for it and is cancelled cancels it', () =>
    play(function* () {
      const log: string[] = [];
      const task = createTask(
        (function* () {
          return yield* gather(after(100, 'a', log), after(100, 'b', log));
        })(),
      );
      yield* sleep(1);
      task.cancel('deep');
      expect(isCancelledError(yield* thrownIn(task))).toBe(true);
      expect([log, task.cancelled()]).toEqual([['a CancelledError: deep', 'b CancelledError: deep'], true]);
    }));

  test('GATHER-1.7 what is done counts at once: a failure makes it fail at once', () =>
    play(function* () {
      const [failed, cancelled, pending] = [new Future<number>(), new Future<number>(), new Future<number>()];
      failed.setException(new RangeError('far'));
      cancelled.cancel('gone');
      const all = [gather(done(1), done(2)), gather(failed, pending), gather(cancelled)];
      expect(all.map((one) => one.done())).toEqual([true, true, true]);
      expect(all[0]?.result()).toEqual([1, 2]);
      expect(yield* thrownIn(all[1]!)).toBeInstanceOf(RangeError);
      expect(yield* thrownIn(all[2]!)).toMatchObject({ code: 'CANCELLED', message: 'gone' });
      pending.setResult(1);
      yield* sleep(0);
    }));

  test('GATHER-1.8 refuses what cannot be awaited, and futures of two loops, before anything begins', () =>
    play(function* (loop) {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      const other = new Future<number>({ loop: new VirtualLoop() });
      for (const value of [1, null, undefined, 'text', {}]) {
        const error = thrownBy(() => gather(begins(), value as never, begins()));
        expect(error.name).toBe('TypeError');
        expect(error.message).toBe(
          `An asyncio.Future, a coroutine or an awaitable is required, got ${String(value)}`,
        );
      }
      expect(thrownBy(() => gather(begins(), new Future<number>({ loop }), other))).toMatchObject({
        name: 'RangeError',
        message: 'The future belongs to a different loop than the one specified as the loop argument',
      });
      yield* sleep(0);
      expect(log).toEqual([]);
    }));

  test('GATHER-1.9 an error that nobody asks it for is reported once, those of its tasks are not', () =>
    withLoop(async (loop) => {
      (() => void gather(failing(1), failing(2)))();
      loop.runUntilIdle();
      await collect();
      loop.close();
      expect(loop.takeReports().map(({ message, exception }) => `${message}: ${String(exception)}`)).toEqual([
        'Gathering exception was never retrieved: RangeError: far',
      ]);
    }));

  inBothHosts((host) => {
    test('GATHER-1.10 in an async function: results, errors, cancellation', () =>
      playAsync(async (scope) => {
        const { wait } = host;
        const log: string[] = [];
        expect(await wait(scope, gather(after(2, 1), sleep(1, 'b')))).toEqual([1, 'b']);
        expect(await rejection(wait(scope, gather(failing(1), after(2, 1))))).toBeInstanceOf(RangeError);
        const task = createTask(async (own) => wait(own, gather(after(100, 'a', log), after(100, 'b', log))));
        await wait(scope, sleep(1));
        task.cancel('deep');
        expect(isCancelledError(await rejection(task))).toBe(true);
        expect(log).toEqual(['a CancelledError: deep', 'b CancelledError: deep']);
      }));
  });

  test('GATHER-1.8 what was made is cancelled when a coroutine is used already', () =>
    play(function* () {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      const used = coroutine(begins)();
      yield* used;
      const queue = new TinyQueue<string>();
      expect(thrownBy(() => gather(begins(), queue.get(), used))).toMatchObject({ code: 'REUSED' });
      queue.put('item');
      yield* sleep(1);
      expect([log, queue.items, queue.reserved, queue.queue.size]).toEqual([['begun'], ['item'], 0, 0]);
    }));
});
