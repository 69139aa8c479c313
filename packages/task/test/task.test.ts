import { AsyncLocalStorage } from 'node:async_hooks';
import { Future } from '@aiokit/future';
import { CancelledError, isCancelledError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import type { Task } from '@aiokit/task';
import { coroutine, type Coroutine, createTask, currentTask, gather, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { collect, installHooks, watchLog } from './logged.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

function* value<T>(result: T): Coroutine<T> {
  return result;
}

function* sleeper(log: string[] = [], ms = 1000): Coroutine<string> {
  try {
    yield* sleep(ms);
    return 'slept';
  } catch (error) {
    log.push(String(error));
    throw error;
  }
}

describe('the outcome', () => {
  test('TASK-2.1 is what the coroutine returns, throws, or its cancellation', () =>
    play(function* () {
      expect(yield* createTask(value('done'))).toBe('done');
      const error = new Error('far');
      const failed = createTask(
        (function* () {
          throw error;
        })(),
      );
      expect(yield* thrownIn(failed)).toBe(error);
      expect(failed.exception()).toBe(error);
      const cancelled = createTask(
        (function* () {
          throw new CancelledError('mine');
        })(),
      );
      expect(yield* thrownIn(cancelled)).toMatchObject({ code: 'CANCELLED', message: 'mine' });
      expect(cancelled.cancelled()).toBe(true);
    }));

  test('TASK-2.2 cannot be set by others', () =>
    play(function* () {
      const task = createTask(value(1));
      expect(thrownBy(() => task.setResult(2))).toMatchObject({
        name: 'RuntimeError',
        code: 'TASK_OUTCOME',
        message: 'Task does not support setResult operation',
      });
      expect(thrownBy(() => task.setException(new Error('no')))).toMatchObject({
        code: 'TASK_OUTCOME',
        message: 'Task does not support setException operation',
      });
      expect(yield* task).toBe(1);
    }));

  test('TASK-2.3 of throwing nothing is an Error that says so', () =>
    playAsync(async () => {
      for (const nothing of [undefined, null]) {
        const tasks = [
          createTask(() => Promise.reject(nothing)),
          createTask(function* (): Coroutine<void> {
            throw nothing;
          }),
        ];
        for (const task of tasks)
          expect(await rejection(gather(task))).toMatchObject({ message: `failed with ${nothing}` });
      }
    }));

  test('TASK-2.4 the first who asks for a cancelled task’s outcome is thrown the error that it ended with', () =>
    play(function* () {
      const log: Error[] = [];
      const task = createTask(
        (function* () {
          try {
            yield* sleep(1000);
          } catch (error) {
            log.push(error as Error);
            throw error;
          }
        })(),
      );
      yield* sleep(1);
      task.cancel('enough');
      const [first, second] = [yield* thrownIn(task), thrownBy(() => task.result())];
      expect(first).toBe(log[0]);
      expect(second).not.toBe(first);
      expect(second).toMatchObject({ code: 'CANCELLED', message: 'enough' });
    }));

  test('TASK-2.5 is reported if it is an error that nobody looks at', () =>
    withLoop(async (loop) => {
      const fail = () =>
        createTask(
          (function* () {
            throw new RangeError('far');
          })(),
        );
      const looked = (() => {
        fail();
        return fail();
      })();
      loop.runUntilIdle();
      expect(looked.exception()).toBeInstanceOf(RangeError);
      await collect();
      const reports = loop
        .takeReports()
        .map(({ message, exception, future }) => [message, String(exception), String(future)]);
      expect(reports).toEqual([
        [
          'Task exception was never retrieved',
          'RangeError: far',
          expect.stringMatching(
            /^<Task finished name='Task-\d+' coro=<coroutine done> exception=RangeError\('far'\)>$/,
          ),
        ],
      ]);
    }));
});

describe('what a coroutine yields', () => {
  /** What a task is thrown that yields something. */
  const thrownFor = (make: (task: () => Task<unknown>) => unknown, star = false): Error & { code?: string } =>
    play(function* () {
      const task: Task<Error> = createTask(
        (function* (): Coroutine<Error> {
          const what = make(() => task);
          try {
            if (star) yield* what as Coroutine<never>;
            else yield what as never;
          } catch (error) {
            return error as Error;
          }
          throw new Error('nothing was thrown');
        })(),
        { name: 't' },
      );
      return yield* task;
    });

  test('TASK-2.6 without the star is a RuntimeError, an iteration later, with asyncio’s words', () => {
    const future = new Future<number>({ loop: new VirtualLoop() });
    expect(thrownFor(() => future)).toMatchObject({
      name: 'RuntimeError',
      code: 'BAD_YIELD',
      message:
        "yield was used instead of yield* in task <Task pending name='t' coro=<coroutine> cb=[Task.wakeup()]> with <Future pending>",
    });
    expect(thrownFor(() => value(1)).message).toMatch(
      /^yield was used instead of yield\* for generator in task <Task pending .*> with \[object Generator\]$/,
    );
    expect(thrownFor(() => Promise.resolve(1)).message).toBe(
      'Task got bad yield: a promise; use yield* fromPromise(promise)',
    );
    expect(thrownFor(() => 5).message).toBe('Task got bad yield: 5');
    expect(thrownFor(() => null).message).toBe('Task got bad yield: null');
    expect(thrownFor(() => ({ done: false })).message).toBe('Task got bad yield: [object Object]');
  });

  test('TASK-2.7 may be undefined: a bare yield, which resumes with null', () =>
    play(function* () {
      expect(yield).toBe(null);
    }));

  test('TASK-2.8 may not be the task itself', () => {
    expect(thrownFor((task) => task(), true)).toMatchObject({
      code: 'SELF_AWAIT',
      message: "Task cannot await on itself: <Task pending name='t' coro=<coroutine> cb=[Task.wakeup()]>",
    });
  });

  test('TASK-2.9 may not belong to another loop', () => {
    const other = new VirtualLoop();
    const future = new Future<number>({ loop: other });
    const context = new AsyncLocalStorage<string>();
    const expected = {
      code: 'OTHER_LOOP',
      message:
        "Task <Task pending name='t' coro=<coroutine> cb=[Task.wakeup()]> got Future <Future pending> attached to a different loop",
    };
    expect(thrownFor(() => future, true)).toMatchObject(expected);
    context.run('a', () => expect(thrownFor(() => future, true)).toMatchObject(expected));
  });

  test('TASK-2.10 is refused by a cancellation, if there is one', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          try {
            yield 5 as never;
          } catch (error) {
            return error;
          }
          return null;
        })(),
      );
      yield* sleep(0);
      task.cancel('instead');
      expect(yield* task).toMatchObject({ code: 'CANCELLED', message: 'instead' });
    }));
});

describe('cancel()', () => {
  test('TASK-3.1 throws into the coroutine where it waits, and cancels what it waits for', () =>
    play(function* () {
      const [log, future] = [[] as string[], new Future<number>()];
      const task = createTask(
        (function* () {
          try {
            yield* future;
          } catch (error) {
            log.push(String(error));
            throw error;
          }
        })(),
      );
      yield* sleep(0);
      expect([task.cancel('enough'), task.done(), future.cancelled()]).toEqual([true, false, true]);
      expect(yield* thrownIn(task)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
      expect([log, task.cancelled(), task.cancelling()]).toEqual([['CancelledError: enough'], true, 1]);
    }));

  test('TASK-3.2 before the first step: the body never begins', () =>
    play(function* () {
      const log: string[] = [];
      const task = createTask(
        (function* () {
          log.push('begun');
        })(),
      );
      task.cancel();
      yield* thrownIn(task);
      expect([log, task.cancelled()]).toEqual([[], true]);
    }));

  test('TASK-3.3 of a task that is done is false, changes nothing, and counts as having looked', () =>
    withLoop(async (loop) => {
      const task = createTask(
        (function* () {
          throw new Error('far');
        })(),
      );
      loop.runUntilIdle();
      expect([task.cancel(), task.cancelling(), task.cancelled()]).toEqual([false, 0, false]);
      await collect();
    }));

  test('TASK-3.4 twice before it is delivered: one error, of the first; the count is two', () =>
    play(function* () {
      const log: string[] = [];
      const task = createTask(sleeper(log));
      yield* sleep(1);
      task.cancel('a');
      task.cancel('b');
      expect(String(yield* thrownIn(task))).toBe('CancelledError: a');
      expect([log, task.cancelling()]).toEqual([['CancelledError: a'], 2]);
    }));

  test('TASK-3.5 of a waiter that was woken: the cancellation wins, and the result is lost to it', () =>
    play(function* () {
      const future = new Future<string>();
      const waiter = createTask(
        (function* () {
          return yield* future;
        })(),
      );
      yield* sleep(0);
      future.setResult('value');
      expect(waiter.cancel()).toBe(true);
      expect(isCancelledError(yield* thrownIn(waiter))).toBe(true);
      expect(future.result()).toBe('value');
    }));

  test('TASK-3.5 wins over an error too, which counts as seen; but one CancelledError is not put in place of another', () =>
    play(function* () {
      const [failing, cancelled] = [new Future<string>(), new Future<string>()];
      const waiters = [failing, cancelled].map((future) =>
        createTask(
          (function* () {
            return yield* future;
          })(),
        ),
      );
      yield* sleep(0);
      failing.setException(new Error('far'));
      cancelled.cancel('theirs');
      for (const waiter of waiters) waiter.cancel('mine');
      const [first, second] = waiters as [Task<string>, Task<string>];
      expect(String(yield* thrownIn(first))).toBe('CancelledError: mine');
      expect(String(yield* thrownIn(second))).toBe('CancelledError: theirs');
    }));

  test('TASK-3.6 may be caught: the task goes on, and its count stays until uncancel()', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          try {
            yield* sleep(1000);
          } catch {}
          yield* sleep(5);
          return 'went on';
        })(),
      );
      yield* sleep(1);
      task.cancel();
      expect(yield* task).toBe('went on');
      expect([task.cancelled(), task.cancelling()]).toEqual([false, 1]);
    }));

  test('TASK-3.7 in the last stretch: the task is cancelled, although it returned', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          currentTask()?.cancel('late');
          return 1;
        })(),
      );
      expect(yield* thrownIn(task)).toMatchObject({ message: 'late' });
      expect(task.cancelled()).toBe(true);
    }));

  test('TASK-3.8 by itself: its next wait throws; an error that it throws before that is its outcome', () =>
    play(function* () {
      const waits = createTask(
        (function* () {
          currentTask()?.cancel('self');
          const future = new Future<number>();
          const error = yield* thrownIn(future);
          return [String(error), future.cancelled()];
        })(),
      );
      expect(yield* waits).toEqual(['CancelledError: self', true]);
      const pauses = createTask(
        (function* () {
          currentTask()?.cancel('self');
          return String(yield* thrownIn(sleep(0)));
        })(),
      );
      expect(yield* pauses).toBe('CancelledError: self');
      const throws = createTask(
        (function* () {
          currentTask()?.cancel('self');
          throw new RangeError('far');
        })(),
      );
      expect(yield* thrownIn(throws)).toBeInstanceOf(RangeError);
    }));

  test('TASK-3.9 goes down to the innermost task that is awaited, and comes up through each', () =>
    play(function* () {
      const log: string[] = [];
      const inner = createTask(sleeper(log));
      const outer = createTask(
        (function* () {
          return yield* inner;
        })(),
      );
      yield* sleep(1);
      outer.cancel('deep');
      expect(String(yield* thrownIn(outer))).toBe('CancelledError: deep');
      expect([log, inner.cancelled(), inner.cancelling(), outer.cancelling()]).toEqual([
        ['CancelledError: deep'],
        true,
        1,
        1,
      ]);
    }));

  test('TASK-3.9 an inner task that catches it keeps it from the outer', () =>
    play(function* () {
      const inner = createTask(
        (function* () {
          try {
            yield* sleep(1000);
          } catch {}
          return 'kept';
        })(),
      );
      const outer = createTask(
        (function* () {
          return yield* inner;
        })(),
      );
      yield* sleep(1);
      outer.cancel();
      expect(yield* outer).toBe('kept');
    }));
});

describe('uncancel()', () => {
  test('TASK-3.10 counts down to 0, where it forgets a cancellation that was not delivered', () =>
    play(function* () {
      const task = createTask(sleeper([], 5));
      expect(task.uncancel()).toBe(0);
      task.cancel();
      task.cancel();
      expect([task.cancelling(), task.uncancel(), task.uncancel(), task.uncancel()]).toEqual([2, 1, 0, 0]);
      expect(yield* task).toBe('slept');
      const kept = createTask(sleeper([], 5));
      kept.cancel();
      kept.cancel();
      expect(kept.uncancel()).toBe(1);
      expect(isCancelledError(yield* thrownIn(kept))).toBe(true);
    }));
});

describe('names, places and the repr', () => {
  test('TASK-1.6 a name is Task- and a number until it is given one, always a string', () =>
    play(function* () {
      const tasks = [createTask(value(1)), createTask(value(1)), createTask(value(1), { name: 'mine' })];
      const [first = '', second = '', third] = tasks.map((task) => task.getName());
      expect([first, second].every((name) => /^Task-\d+$/.test(name))).toBe(true);
      expect(Number(second.slice(5))).toBe(Number(first.slice(5)) + 1);
      expect(third).toBe('mine');
      tasks[0]?.setName(5 as never);
      expect(tasks[0]?.getName()).toBe('5');
      expect(createTask(value(1), { name: 7 as never }).getName()).toBe('7');
      yield* gather(tasks);
      yield* sleep(0);
    }));

  test('TASK-1.7 getCoro gives what it steps until it is done, getContext its async context', () =>
    playAsync(async () => {
      const steps = value(1);
      const task = createTask(steps);
      const running = createTask(async () => {});
      expect([task.getCoro(), running.getCoro(), task.getContext()]).toEqual([
        steps,
        null,
        expect.anything(),
      ]);
      await gather(task, running);
      expect([task.getCoro(), running.getCoro()]).toEqual([null, null]);
    }));

  test('TASK-1.7 getContext is null where no store is active', () => {
    const program = (): unknown =>
      play(function* () {
        return currentTask()?.getContext();
      });
    expect(program() === null || Number(process.versions.node.split('.')[0]) < 24).toBe(true);
  });

  test('TASK-1.8 the repr shows state, name, function, what it waits for, and who waits for it', () =>
    playAsync(async () => {
      const greet = coroutine(function* greet(): Coroutine<string> {
        yield* sleep(10);
        return 'hello';
      });
      function* parked(): Coroutine<string> {
        return yield* sleep(10, 'x');
      }
      const tasks = {
        greet: createTask(greet(), { name: 'g' }),
        parked: createTask(parked, { name: 'p' }),
        running: createTask(
          async function run() {
            await Promise.all([sleep(10), sleep(20)]);
          },
          { name: 'r' },
        ),
        operation: createTask(sleep(10), { name: 'o' }),
        failed: createTask(
          function* fail(): Coroutine<void> {
            throw new Error('no');
          },
          { name: 'f' },
        ),
        quick: createTask(async () => {}, { name: 'q' }),
      };
      const waiter = createTask(async () => {
        await tasks.greet;
      });
      await sleep(1);
      const shown = () => Object.values(tasks).map(String);
      expect(shown()).toEqual([
        "<Task pending name='g' coro=<greet()> wait_for=<Sleep pending> cb=[Reaction()]>",
        "<Task pending name='p' coro=<parked()> wait_for=<Sleep pending>>",
        expect.stringMatching(/^<Task pending name='r' coro=<run\(\)> wait_for=.*, .*>$/),
        "<Task pending name='o' coro=<operation()> wait_for=<Sleep pending>>",
        "<Task finished name='f' coro=<fail() done> exception=Error('no')>",
        "<Task finished name='q' coro=<anonymous() done> result=undefined>",
      ]);
      expect(tasks.failed.exception()).toBeInstanceOf(Error);
      tasks.greet.cancel();
      expect(String(tasks.greet)).toMatch(/^<Task cancelling name='g' /);
      await rejection(waiter);
      expect(String(tasks.greet)).toBe("<Task cancelled name='g' coro=<greet() done>>");
      await gather(tasks.parked, tasks.running, tasks.operation);
    }));

  test('TASK-1.8 a task shows how it waits among the callbacks of a future', () =>
    play(function* () {
      const future = new Future<number>();
      const task = createTask(
        (function* () {
          yield* future;
        })(),
      );
      yield* sleep(0);
      expect(String(future)).toBe('<Future pending cb=[Task.wakeup()]>');
      future.setResult(1);
      yield* task;
    }));

  test('TASK-1.9 getStack gives the places of an error, or in debug mode where a pending task was made', () =>
    play(function* () {
      function* guilty(): Coroutine<void> {
        throw new RangeError('far');
      }
      const failed = createTask(guilty, { name: 'f' });
      yield* thrownIn(failed);
      expect(failed.getStack()[0]).toMatch(/guilty/);
      expect(failed.getStack({ limit: 1 })).toHaveLength(1);
      const pending = createTask(sleeper([], 5), { name: 'p' });
      expect(pending.getStack()).toEqual([]);
      installHooks({ origin: () => '    at here (file.js:1)\n    at there (file.js:2)' });
      expect(pending.getStack()).toEqual(['    at here (file.js:1)', '    at there (file.js:2)']);
      const lines = watchLog();
      pending.printStack({ limit: 1 });
      failed.printStack({ limit: 0 });
      yield* pending;
      expect(pending.getStack()).toEqual([]);
      pending.printStack();
      failed.printStack({ limit: 1 });
      expect(lines).toEqual([
        "Stack for <Task pending name='p' coro=<coroutine>> (most recent call first):\n    at here (file.js:1)",
        "No stack for <Task finished name='f' coro=<guilty() done> exception=RangeError('far')>",
        "No stack for <Task finished name='p' coro=<coroutine done> result='slept'>",
        expect.stringMatching(
          /^Traceback for <Task finished name='f' .*> \(most recent call first\):\n +at guilty/,
        ),
      ]);
      const text = createTask(function* (): Coroutine<void> {
        throw 'text';
      });
      yield* sleep(0);
      expect([text.getStack(), text.exception()]).toEqual([[], 'text']);
      const cancelled = createTask(value(1));
      cancelled.cancel();
      yield* thrownIn(cancelled);
      expect(cancelled.getStack()).toEqual([]);
    }));
});

describe('async context', () => {
  const storage = new AsyncLocalStorage<string>();

  test('TASK-7.1 the steps of a task run in the context in which it was made', () =>
    play(function* () {
      const seen: unknown[] = [];
      function* steps(): Coroutine<void> {
        seen.push(storage.getStore());
        yield* sleep(1);
        seen.push(storage.getStore());
        try {
          yield 5 as never;
        } catch {
          seen.push(storage.getStore());
        }
      }
      const tasks = ['a', 'b'].map((name) => storage.run(name, () => createTask(steps())));
      tasks.push(createTask(steps()));
      yield* gather(tasks);
      expect(seen.filter((one) => one === undefined)).toHaveLength(3);
      expect(seen.filter((one) => one === 'a')).toHaveLength(3);
      expect(storage.getStore()).toBe(undefined);
    }));

  test('TASK-7.2 a task can be given the context of another', () =>
    play(function* () {
      const first = storage.run('given', () => createTask(value(1)));
      const context = first.getContext() ?? undefined;
      const task = createTask(() => value(storage.getStore()), { context });
      expect(yield* task).toBe('given');
      yield* first;
    }));

  test('TASK-7.3 async functions keep it too, and what they schedule keeps it without being part of them', () =>
    storage.run('outer', () =>
      playAsync(async (scope, loop) => {
        const seen: unknown[] = [];
        const note = () => seen.push([storage.getStore(), currentTask() === null]);
        await storage.run('inner', async () => {
          loop.callSoon(note);
          loop.callLater(1, note);
          await sleep(5);
          expect(storage.getStore()).toBe('inner');
          expect(currentTask() === scope.task).toBe(true);
          const made = createTask(async () => [storage.getStore(), currentTask() !== scope.task]);
          expect(await made).toEqual(['inner', true]);
        });
        expect(storage.getStore()).toBe('outer');
        expect(seen).toEqual([
          ['inner', true],
          ['inner', true],
        ]);
      }),
    ));
});
