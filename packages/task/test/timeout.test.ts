import { inspect } from 'node:util';
import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import {
  type Coroutine,
  createTask,
  currentTask,
  isNoCurrentTaskError,
  sleep,
  type Task,
  type Timeout,
  timeout,
  timeoutAt,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

function* sleeper(ms = 1000): Coroutine<string> {
  yield* sleep(ms);
  return 'slept';
}

describe('timeout', () => {
  inEveryForm('TIMEOUT-1.1 gives the result of its body, and takes its timer away', function* (loop) {
    expect(yield* timeout(100, () => sleeper(10))).toBe('slept');
    expect(loop.time()).toBe(10);
    const error = new RangeError('far');
    const thrown = yield* thrownIn(
      timeout(100, function* () {
        throw error;
      }),
    );
    expect(thrown).toBe(error);
    expect(yield* timeout(100, () => sleep(5, 'operation'))).toBe('operation');
  });

  inEveryForm(
    'TIMEOUT-1.2 cancels its body when the time is up, and throws a TimeoutError',
    function* (loop) {
      const log: string[] = [];
      let limit: Timeout | undefined;
      const error = yield* thrownIn(
        timeout(100, function* (own) {
          limit = own;
          try {
            yield* sleep(1000);
          } catch (caught) {
            log.push(`inside ${(caught as Error).name}`);
            yield* sleep(5);
            log.push('cleaned up');
            throw caught;
          }
        }),
      );
      expect([isTimeoutError(error), isCancelledError(error.cause), loop.time()]).toEqual([true, true, 105]);
      expect([log, limit?.expired(), currentTask()?.cancelling() ?? 0]).toEqual([
        ['inside CancelledError', 'cleaned up'],
        true,
        0,
      ]);
      const late = yield* thrownIn(timeout(5, () => sleep(1000)));
      expect(isTimeoutError(late)).toBe(true);
    },
  );

  inEveryForm(
    'TIMEOUT-1.3 a body that caught the cancellation ends as it likes: expired, and no TimeoutError',
    function* () {
      let limit: Timeout | undefined;
      const body = (end: () => unknown) =>
        timeout(1, function* (own) {
          limit = own;
          try {
            yield* sleep(1000);
          } catch {}
          return end();
        });
      expect(yield* body(() => 'kept')).toBe('kept');
      expect([limit?.expired(), currentTask()?.cancelling() ?? 0]).toEqual([true, 0]);
      const thrown = yield* thrownIn(
        body(() => {
          throw new RangeError('far');
        }),
      );
      expect([String(thrown), limit?.expired()]).toEqual(['RangeError: far', true]);
      yield* sleep(5);
    },
  );

  test('TIMEOUT-1.4 a cancellation from outside passes through, also in the iteration in which the time is up', () =>
    play(function* (loop) {
      for (const [ms, order] of [
        [50, 'long before'],
        [100, 'first'],
        [100, 'second'],
      ] as const) {
        let limit: Timeout | undefined;
        const cancel = () => task.cancel('outside');
        const start = loop.time();
        if (order === 'first') loop.callAt(start + ms, cancel);
        const task: Task<unknown> = createTask(
          timeoutAt(start + 100, function* (own) {
            limit = own;
            yield* sleep(1000);
          }),
        );
        if (order === 'long before') loop.callAt(start + ms, cancel);
        yield* sleep(1);
        if (order === 'second') loop.callAt(start + ms, cancel);
        const error = yield* thrownIn(task);
        expect([order, error.name, task.cancelling(), limit?.expired()]).toEqual([
          order,
          'CancelledError',
          1,
          order !== 'long before',
        ]);
      }
    }));

  test('TIMEOUT-1.5 of no time does not swallow a cancellation that is to come', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          currentTask()?.cancel('outside');
          return yield* timeout(0, () => sleeper());
        })(),
      );
      const error = yield* thrownIn(task);
      expect([error.name, task.cancelling()]).toEqual(['CancelledError', 1]);
    }));

  inEveryForm('TIMEOUT-1.6 of two that are up at once, the outer one throws', function* () {
    let seen = '';
    const error = yield* thrownIn(
      timeout(0, function* () {
        try {
          yield* timeout(0, () => sleeper());
        } catch (caught) {
          seen = (caught as Error).name;
          throw caught;
        }
      }),
    );
    expect([seen, isTimeoutError(error), currentTask()?.cancelling() ?? 0]).toEqual([
      'CancelledError',
      true,
      0,
    ]);
  });

  inEveryForm(
    'TIMEOUT-1.7 nested, the inner one leaves the outer alone, and the outer one is not the inner’s',
    function* (loop) {
      let inner: Timeout | undefined;
      const value = yield* timeout(100, function* () {
        const error = yield* thrownIn(timeout(10, () => sleeper()));
        yield* sleep(10);
        return isTimeoutError(error);
      });
      expect([value, loop.time()]).toEqual([true, 20]);
      const error = yield* thrownIn(
        timeout(10, function* () {
          yield* timeout(100, function* (own) {
            inner = own;
            yield* sleep(1000);
          });
        }),
      );
      expect([isTimeoutError(error), inner?.expired(), loop.time()]).toEqual([true, false, 30]);
    },
  );

  inEveryForm(
    'TIMEOUT-1.8 null, undefined and Infinity are no limit; without a wait there is no time-out',
    function* () {
      for (const none of [null, undefined, Infinity]) {
        expect(yield* timeout(none, () => sleeper(5000))).toBe('slept');
        expect(yield* timeoutAt(none, () => sleeper(5000))).toBe('slept');
      }
      expect(
        yield* timeout(0, function* () {
          return 'no wait';
        }),
      ).toBe('no wait');
      yield* sleep(0);
    },
  );

  test('TIMEOUT-1.9 counts with cancellations that were caught before', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          try {
            yield* sleep(1000);
          } catch {}
          return yield* thrownIn(timeout(5, () => sleeper()));
        })(),
      );
      yield* sleep(1);
      task.cancel();
      expect([isTimeoutError(yield* task), task.cancelling()]).toEqual([true, 1]);
    }));

  test('TIMEOUT-1.10 closed with its coroutine, it takes its timer away', () =>
    play(function* (loop) {
      const task = createTask(
        (function* () {
          const steps = timeout(10, () => sleeper());
          steps.next();
          steps.close();
          yield* sleep(100);
          return loop.time();
        })(),
      );
      expect(yield* task).toBe(100);
    }));

  inBothHosts((host) => {
    test('TIMEOUT-1.11 in an async function cancels the waits of its body, and not the task', () =>
      playAsync(async (scope, loop) => {
        const { wait } = host;
        const log: string[] = [];
        const error = await rejection(
          timeout(
            10,
            async (limit) => {
              try {
                await wait(limit, sleep(1000));
              } catch (caught) {
                log.push((caught as Error).name);
                await wait(limit, sleep(5));
                log.push('cleaned up');
                throw caught;
              }
            },
            host.options(scope),
          ),
        );
        expect([isTimeoutError(error), log, scope.task.cancelling(), loop.time()]).toEqual([
          true,
          ['CancelledError', 'cleaned up'],
          0,
          15,
        ]);
        expect(await timeout(10, async () => 'quick', host.options(scope))).toBe('quick');
        expect(await timeout(10, () => sleep(1, 'operation'), host.options(scope))).toBe('operation');
        expect(isTimeoutError(await rejection(timeout(10, () => sleep(100), host.options(scope))))).toBe(
          true,
        );
        const thrown = timeout(10, async () => Promise.reject(new RangeError('far')), host.options(scope));
        expect(await rejection(thrown)).toBeInstanceOf(RangeError);
        await wait(scope, sleep(20));
      }));

    test('TIMEOUT-1.12 in an async function, nested: the outer one throws; a cancellation from outside passes through', () =>
      playAsync(async (scope) => {
        const { wait } = host;
        const nested = timeout(
          10,
          async (outer) => {
            await timeout(10, async (inner) => wait(inner, sleep(1000)), host.options(outer));
          },
          host.options(scope),
        );
        expect(isTimeoutError(await rejection(nested))).toBe(true);
        const task = createTask(async (own) =>
          timeout(100, async (limit) => wait(limit, sleep(1000)), host.options(own)),
        );
        await wait(scope, sleep(1));
        task.cancel('outside');
        expect(String(await rejection(task))).toBe('CancelledError: outside');
        expect(task.cancelling()).toBe(1);
        const soon = createTask(async (own) => {
          own.task.cancel('outside');
          await timeout(0, async (limit) => wait(limit, sleep(1000)), host.options(own));
        });
        expect(String(await rejection(soon))).toBe('CancelledError: outside');
      }));

    test('TIMEOUT-1.13 in an async function, while the body awaits a promise: its next wait throws', () =>
      playAsync(async (scope, loop) => {
        const log: string[] = [];
        const error = await rejection(
          timeout(
            0,
            async (limit) => {
              await Promise.resolve();
              while (!limit.expired()) await new Promise((resolve) => setImmediate(resolve));
              log.push('woken');
              await host.wait(limit, sleep(1000));
              log.push('not here');
            },
            host.options(scope),
          ),
        );
        expect([isTimeoutError(error), log, loop.time()]).toEqual([true, ['woken'], 0]);
      }));
  });
});

describe('a limit', () => {
  inEveryForm('TIMEOUT-2.1 says when it is up, can be moved, and taken away', function* (loop) {
    const value = yield* timeout(10, function* (limit) {
      expect(limit.when()).toBe(loop.time() + 10);
      limit.reschedule(loop.time() + 50);
      yield* sleep(40);
      limit.reschedule(null);
      expect(limit.when()).toBe(null);
      yield* sleep(1000);
      limit.reschedule(Infinity);
      yield* sleep(1000);
      return 'done';
    });
    expect(value).toBe('done');
    const error = yield* thrownIn(
      timeout(null, function* (limit) {
        limit.reschedule(loop.time() - 5);
        yield* sleep(1000);
      }),
    );
    expect([isTimeoutError(error), loop.time()]).toEqual([true, 2040]);
  });

  test('TIMEOUT-2.2 can be moved only while its body runs and the time is not up', () =>
    play(function* () {
      let limit: Timeout | undefined;
      const wrong = (message: string) => ({ name: 'RuntimeError', code: 'TIMEOUT_STATE', message });
      yield* timeout(10, function* (own) {
        limit = own;
        expect([String(own), inspect(own)]).toEqual(Array(2).fill('<Timeout [active] when=10.000>'));
        own.reschedule(null);
        expect(String(own)).toBe('<Timeout [active] when=null>');
      });
      expect(String(limit)).toBe('<Timeout [finished]>');
      expect(thrownBy(() => limit?.reschedule(5))).toMatchObject(
        wrong('Cannot change state of finished Timeout'),
      );
      yield* thrownIn(
        timeout(1, function* (own) {
          limit = own;
          try {
            yield* sleep(1000);
          } catch (error) {
            expect(String(own)).toBe('<Timeout [expiring]>');
            expect(thrownBy(() => own.reschedule(5))).toMatchObject(
              wrong('Cannot change state of expiring Timeout'),
            );
            throw error;
          }
        }),
      );
      expect(String(limit)).toBe('<Timeout [expired]>');
      expect(thrownBy(() => limit?.reschedule(5))).toMatchObject(
        wrong('Cannot change state of expired Timeout'),
      );
    }));

  test('TIMEOUT-2.3 is made, but not entered, by its class', async () => {
    const { Timeout: Limit } = await import('@aiokit/task');
    const limit = new Limit(null);
    expect(String(limit)).toBe('<Timeout [created]>');
    expect([limit.expired(), limit.when()]).toEqual([false, null]);
    expect(thrownBy(() => limit.reschedule(5))).toMatchObject({ message: 'Timeout has not been entered' });
    play(function* () {
      yield* limit.run(() => sleeper(1), undefined);
      expect(yield* thrownIn(limit.run(() => sleeper(1), undefined))).toMatchObject({
        code: 'TIMEOUT_STATE',
        message: 'Timeout has already been entered',
      });
    });
  });

  test('TIMEOUT-2.4 what is no time and no body is refused, before anything is run', () =>
    play(function* () {
      const log: string[] = [];
      const body = function* () {
        log.push('run');
      };
      for (const [make, name] of [
        [timeout, 'delayMs'],
        [timeoutAt, 'when'],
      ] as const) {
        expect(thrownBy(() => make(NaN, body))).toMatchObject({
          name: 'RangeError',
          message: `${name} must be a number of milliseconds, got NaN`,
        });
        expect(thrownBy(() => make('5' as never, body))).toMatchObject({
          name: 'TypeError',
          message: `${name} must be a number of milliseconds, got '5'`,
        });
        expect(thrownBy(() => make(5, 5 as never))).toMatchObject({
          name: 'TypeError',
          message: 'body must be a function, got 5',
        });
      }
      yield* timeout(5, function* (limit) {
        expect(thrownBy(() => limit.reschedule(NaN))).toMatchObject({ name: 'RangeError' });
        expect(limit.when()).toBe(5);
      });
      expect(log).toEqual([]);
    }));

  test('TIMEOUT-2.5 a body is a generator function in a coroutine, or an async function elsewhere', async () => {
    await playAsync(async (scope) => {
      const returned = await rejection(timeout(5, (() => 5) as never));
      expect(returned).toMatchObject({
        name: 'TypeError',
        message: 'body must be a generator function or an async function, got one that returned 5',
      });
      expect(await rejection(timeout(5, (() => undefined) as never, { scope }))).toBeInstanceOf(TypeError);
    });
    play(function* () {
      const error = yield* thrownIn(timeout(5, async () => Promise.reject(new Error('unheard'))));
      expect(error).toMatchObject({
        name: 'TypeError',
        message: 'body must be a generator function in a coroutine, got an async function',
      });
      expect(yield* thrownIn(timeout(5, (() => null) as never))).toBeInstanceOf(TypeError);
    });
  });

  inBothHosts((host) => {
    test('TIMEOUT-2.6 outside a task it is refused, and the body is not run', async () => {
      const log: string[] = [];
      const error = await rejection(
        timeout(5, async () => {
          log.push('run');
        }),
      );
      expect([isNoCurrentTaskError(error), error.message, log]).toEqual([
        true,
        `Timeout should be used inside a task${host.hasContext ? '' : ': pass { scope }, this host has no async context'}`,
        [],
      ]);
      const future = new Future<void>();
      future.addDoneCallback(() => {});
      expect(thrownBy(() => timeout(5, () => sleeper()).next())).toMatchObject({ code: 'NO_CURRENT_TASK' });
    });
  });
});
