import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import { type Coroutine, createTask, currentTask, isNoCurrentTaskError, sleep, waitFor } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

function* after<T>(ms: number, value: T, log: string[] = []): Coroutine<T> {
  try {
    yield* sleep(ms);
    return value;
  } catch (error) {
    log.push(`${String(value)} ${(error as Error).name}`);
    throw error;
  }
}

describe('waitFor', () => {
  inEveryForm('WAITFOR-1.1 gives the result of what is done in time, of whatever kind', function* (loop) {
    const future = new Future<string>();
    loop.callLater(5, () => future.setResult('future'));
    expect(yield* waitFor(future, 10)).toBe('future');
    expect(yield* waitFor(after(5, 'coroutine'), 10)).toBe('coroutine');
    expect(yield* waitFor(() => after(5, 'function'), 10)).toBe('function');
    expect(yield* waitFor(sleep(5, 'operation'), 10)).toBe('operation');
    expect(yield* waitFor(createTask(after(5, 'task')), 10)).toBe('task');
    for (const none of [null, undefined, Infinity]) {
      expect(yield* waitFor(after(5000, 'long'), none)).toBe('long');
      expect(yield* waitFor(() => after(5000, 'long'), none)).toBe('long');
      expect(yield* waitFor(sleep(5000, 'long'), none)).toBe('long');
    }
  });

  inEveryForm(
    'WAITFOR-1.2 cancels what is late, waits for its end, and throws a TimeoutError',
    function* (loop) {
      const log: string[] = [];
      const task = createTask(after(1000, 'task', log));
      const error = yield* thrownIn(waitFor(task, 10));
      expect([isTimeoutError(error), task.cancelled(), loop.time()]).toEqual([true, true, 10]);
      expect(isTimeoutError(yield* thrownIn(waitFor(after(1000, 'coroutine', log), 10)))).toBe(true);
      expect(isTimeoutError(yield* thrownIn(waitFor(() => after(1000, 'function', log), 10)))).toBe(true);
      const operation = sleep(1000);
      expect(isTimeoutError(yield* thrownIn(waitFor(operation, 10)))).toBe(true);
      expect([operation.cancelled(), log]).toEqual([
        true,
        ['task CancelledError', 'coroutine CancelledError', 'function CancelledError'],
      ]);
      const thrown = waitFor(
        (function* () {
          throw new RangeError('far');
        })(),
        10,
      );
      expect(yield* thrownIn(thrown)).toBeInstanceOf(RangeError);
    },
  );

  test('WAITFOR-1.3 makes no task of a coroutine: it runs in the caller’s', () =>
    play(function* () {
      function* who() {
        yield* sleep(1);
        return currentTask();
      }
      expect((yield* waitFor(who(), 10)) === currentTask()).toBe(true);
      expect((yield* waitFor(who, null)) === currentTask()).toBe(true);
    }));

  inEveryForm('WAITFOR-1.4 for no time cancels at once, unless it is done already', function* (loop) {
    const done = new Future<string>();
    done.setResult('done');
    expect(yield* waitFor(done, 0)).toBe('done');
    const failed = new Future<string>();
    failed.setException(new RangeError('far'));
    expect(yield* thrownIn(waitFor(failed, -1))).toBeInstanceOf(RangeError);
    const log: string[] = [];
    const error = yield* thrownIn(
      waitFor(function* () {
        log.push('begun');
      }, 0),
    );
    expect([isTimeoutError(error), isCancelledError(error.cause), log, loop.time()]).toEqual([
      true,
      true,
      [],
      0,
    ]);
    const stubborn = createTask(
      (function* () {
        try {
          yield* sleep(1000);
        } catch {}
        return 'kept';
      })(),
    );
    const failing = createTask(
      (function* () {
        try {
          yield* sleep(1000);
        } catch {
          throw new TypeError('while it was cancelled');
        }
      })(),
    );
    yield* sleep(1);
    expect(yield* waitFor(stubborn, 0)).toBe('kept');
    expect(yield* thrownIn(waitFor(failing, 0))).toBeInstanceOf(TypeError);
  });

  test('WAITFOR-1.5 cancelled from outside, it passes that on to what it waits for, and through', () =>
    play(function* (loop) {
      for (const timeoutMs of [100, null, 0]) {
        const log: string[] = [];
        const inner = createTask(
          (function* () {
            try {
              yield* sleep(1000);
            } catch (error) {
              log.push((error as Error).name);
              yield* sleep(10);
              throw error;
            }
          })(),
        );
        yield* sleep(1);
        const task = createTask(waitFor(inner, timeoutMs));
        yield* sleep(1);
        task.cancel('outside');
        const error = yield* thrownIn(task);
        expect([timeoutMs, error.name, task.cancelling(), log]).toEqual([
          timeoutMs,
          'CancelledError',
          1,
          ['CancelledError'],
        ]);
        yield* thrownIn(inner);
      }
      expect(loop.time()).toBeLessThan(100);
    }));

  test('WAITFOR-1.6 refuses what cannot be awaited and what is no time, before anything is run', () =>
    play(function* () {
      expect(thrownBy(() => waitFor(5 as never, 10))).toMatchObject({
        name: 'TypeError',
        message: 'An asyncio.Future, a coroutine or an awaitable is required, got 5',
      });
      expect(thrownBy(() => waitFor(sleep(0), NaN))).toMatchObject({
        name: 'RangeError',
        message: 'timeoutMs must be a number of milliseconds, got NaN',
      });
      expect(thrownBy(() => waitFor(sleep(0), '5' as never))).toMatchObject({ name: 'TypeError' });
      expect(yield* thrownIn(waitFor((() => 5) as never, 10))).toBeInstanceOf(TypeError);
    }));

  inBothHosts((host) => {
    test('WAITFOR-1.7 in an async function, of promises and async functions too', () =>
      playAsync(async (scope, loop) => {
        const options = host.options(scope);
        expect(await waitFor(Promise.resolve('promise'), 10, options)).toBe('promise');
        expect(await waitFor(Promise.resolve('promise'), null, options)).toBe('promise');
        expect(await waitFor(async () => 'function', 10, options)).toBe('function');
        expect(await waitFor(async () => 'function', null, options)).toBe('function');
        expect(await waitFor(after(5, 'coroutine'), 10, options)).toBe('coroutine');
        expect(await waitFor(sleep(5, 'operation'), null, options)).toBe('operation');
        const log: string[] = [];
        const late = waitFor(
          async (own) => {
            try {
              await host.wait(own, sleep(1000));
            } catch (error) {
              log.push((error as Error).name);
              throw error;
            }
          },
          10,
          options,
        );
        expect(isTimeoutError(await rejection(late))).toBe(true);
        expect(isTimeoutError(await rejection(waitFor(sleep(1000), 10, options)))).toBe(true);
        expect(isTimeoutError(await rejection(waitFor(new Promise(() => {}), 0, options)))).toBe(true);
        expect([log, loop.time(), scope.task.cancelling()]).toEqual([['CancelledError'], 30, 0]);
        const task = createTask(async (own) => waitFor(sleep(1000), 100, host.options(own)));
        await host.wait(scope, sleep(1));
        task.cancel('outside');
        expect(String(await rejection(task))).toBe('CancelledError: outside');
      }));

    test('WAITFOR-1.8 outside a task it needs none where there is no limit, and is refused where there is one', async () => {
      expect(await waitFor(Promise.resolve(1), null)).toBe(1);
      expect(isNoCurrentTaskError(await rejection(waitFor(Promise.resolve(1), 10)))).toBe(true);
    });
  });
});
