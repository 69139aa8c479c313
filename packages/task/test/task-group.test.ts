import { inspect } from 'node:util';
import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import {
  allTasks,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  ExceptionGroup,
  isExceptionGroup,
  isNoCurrentTaskError,
  sleep,
  type Task,
  TaskGroup,
  timeout,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

function* after<T>(ms: number, value: T, log: string[] = []): Coroutine<T> {
  try {
    yield* sleep(ms);
    return value;
  } catch (error) {
    log.push(`${String(value)} ${(error as Error).name}`);
    throw error;
  }
}

function* failing(ms: number, message = 'far'): Coroutine<never> {
  yield* sleep(ms);
  throw new RangeError(message);
}

const errorsOf = (error: unknown): string[] =>
  isExceptionGroup(error) ? error.errors.map(String) : [String(error)];

describe('a group', () => {
  inEveryForm('GROUP-1.1 waits for its tasks, and gives what its body returns', function* (loop) {
    const tasks: Task<string>[] = [];
    const result = yield* new TaskGroup().run(function* (group) {
      tasks.push(group.createTask(after(20, 'a')), group.createTask(after(10, 'b')));
      tasks.push(group.createTask(() => sleep(5, 'c')));
      yield* sleep(1);
      tasks.push(group.createTask(sleep(30, 'd')));
      return 'body';
    });
    expect([result, loop.time(), tasks.map((task) => task.result())]).toEqual([
      'body',
      31,
      ['a', 'b', 'c', 'd'],
    ]);
    expect(allTasks(loop).size).toBeLessThan(2);
  });

  inEveryForm('GROUP-1.2 tasks may make more tasks in it, until the last has ended', function* () {
    const log: string[] = [];
    yield* new TaskGroup().run(function* (group) {
      function* child(depth: number): Coroutine<void> {
        yield* sleep(1);
        log.push(`child ${depth}`);
        if (depth > 0) group.createTask(child(depth - 1));
      }
      group.createTask(child(2));
    });
    expect(log).toEqual(['child 2', 'child 1', 'child 0']);
  });

  inEveryForm(
    'GROUP-1.3 a task that fails cancels the others and the body, and the group throws all errors',
    function* (loop) {
      const log: string[] = [];
      const error = yield* thrownIn(
        new TaskGroup().run(function* (group) {
          group.createTask(failing(10));
          group.createTask(after(1000, 'sibling', log));
          group.createTask(
            (function* () {
              try {
                yield* sleep(1000);
              } catch {
                throw new TypeError('while it was cancelled');
              }
            })(),
          );
          yield* after(1000, 'body', log);
        }),
      );
      expect(error).toMatchObject({
        name: 'ExceptionGroup',
        code: 'EXCEPTION_GROUP',
        message: 'unhandled errors in a TaskGroup (2 sub-exceptions)',
      });
      expect([errorsOf(error), log.sort(), loop.time(), currentTask()?.cancelling() ?? 0]).toEqual([
        ['RangeError: far', 'TypeError: while it was cancelled'],
        ['body CancelledError', 'sibling CancelledError'],
        10,
        0,
      ]);
      yield* sleep(1);
    },
  );

  inEveryForm('GROUP-1.3 also if the body catches the cancellation and goes on', function* (loop) {
    const log: string[] = [];
    const error = yield* thrownIn(
      new TaskGroup().run(function* (group) {
        group.createTask(failing(5));
        group.createTask(after(1000, 'sibling', log));
        yield* thrownIn(sleep(1000));
        yield* sleep(50);
        log.push(`body ends at ${loop.time()}`);
      }),
    );
    expect([errorsOf(error), log, loop.time()]).toEqual([
      ['RangeError: far'],
      ['sibling CancelledError', 'body ends at 55'],
      55,
    ]);
  });

  test('GROUP-1.3 each of the others is cancelled once, also if the body ends before they have noticed', () =>
    play(function* () {
      let other: Task<unknown> | undefined;
      const woken = new Future<void>();
      const error = yield* thrownIn(
        new TaskGroup().run(function* (group) {
          other = group.createTask(after(1000, 'other'));
          group.createTask(failing(0));
          group.createTask(function* () {
            yield* sleep(0);
            woken.setResult();
          });
          yield* woken;
        }),
      );
      expect(errorsOf(error)).toEqual(['RangeError: far']);
      expect([other?.cancelled(), other?.cancelling()]).toEqual([true, 1]);
    }));

  inEveryForm('GROUP-1.4 an error of the body comes after those of the tasks', function* () {
    const error = yield* thrownIn(
      new TaskGroup().run(function* (group) {
        group.createTask(failing(5));
        try {
          yield* sleep(1000);
        } catch {}
        throw new TypeError('body');
      }),
    );
    expect(errorsOf(error)).toEqual(['RangeError: far', 'TypeError: body']);
    const log: string[] = [];
    const alone = yield* thrownIn(
      new TaskGroup().run(function* (group) {
        group.createTask(after(1000, 'child', log));
        yield* sleep(1);
        throw new TypeError('body');
      }),
    );
    expect([errorsOf(alone), log]).toEqual([['TypeError: body'], ['child CancelledError']]);
  });

  inEveryForm('GROUP-1.5 a task that is cancelled, by whomever, is not an error', function* () {
    const log: string[] = [];
    const result = yield* new TaskGroup().run(function* (group) {
      const task = group.createTask(after(1000, 'child', log));
      yield* sleep(1);
      task.cancel();
      group.createTask(
        (function* () {
          const own = currentTask();
          own?.cancel();
          yield* sleep(1000);
        })(),
      );
      return 'fine';
    });
    expect([result, log]).toEqual(['fine', ['child CancelledError']]);
  });

  test('GROUP-1.6 a cancellation from outside cancels its tasks, waits for them, and passes through', () =>
    play(function* (loop) {
      for (const where of ['body', 'exit'] as const) {
        const log: string[] = [];
        const start = loop.time();
        const task = createTask(
          new TaskGroup().run(function* (group) {
            group.createTask(
              (function* () {
                try {
                  yield* sleep(1000);
                } finally {
                  yield* sleep(20);
                  log.push('cleaned up');
                }
              })(),
            );
            if (where === 'body') yield* after(1000, 'body', log);
          }),
        );
        yield* sleep(10);
        task.cancel('outside');
        expect(String(yield* thrownIn(task))).toBe('CancelledError: outside');
        expect([log, loop.time() - start, task.cancelling()]).toEqual([
          where === 'body' ? ['body CancelledError', 'cleaned up'] : ['cleaned up'],
          30,
          1,
        ]);
      }
    }));

  test('GROUP-1.7 with errors, a cancellation from outside comes at the next wait', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          const error = yield* thrownIn(
            new TaskGroup().run(function* (group) {
              group.createTask(
                (function* () {
                  try {
                    yield* sleep(1000);
                  } catch {
                    throw new RangeError('far');
                  }
                })(),
              );
            }),
          );
          return [errorsOf(error), String(yield* thrownIn(sleep(1000)))];
        })(),
      );
      yield* sleep(1);
      task.cancel('outside');
      expect(yield* task).toEqual([['RangeError: far'], 'CancelledError']);
      expect(task.cancelling()).toBe(1);
    }));

  test('GROUP-1.8 a cancellation that was caught long before is not asked for again', () =>
    play(function* () {
      const task = createTask(
        (function* () {
          try {
            yield* sleep(1000);
          } catch {}
          const error = yield* thrownIn(
            new TaskGroup().run(function* (group) {
              group.createTask(failing(1));
            }),
          );
          yield* sleep(5);
          return errorsOf(error);
        })(),
      );
      yield* sleep(1);
      task.cancel();
      expect([yield* task, task.cancelling()]).toEqual([['RangeError: far'], 1]);
    }));

  test('GROUP-1.9 a second cancellation while it ends is counted, and waits for the tasks too', () =>
    play(function* () {
      const log: string[] = [];
      const task = createTask(
        new TaskGroup().run(function* (group) {
          group.createTask(
            (function* () {
              try {
                yield* sleep(1000);
              } finally {
                yield* sleep(20);
                log.push('cleaned up');
              }
            })(),
          );
        }),
      );
      yield* sleep(1);
      task.cancel('first');
      yield* sleep(1);
      task.cancel('second');
      expect(String(yield* thrownIn(task))).toBe('CancelledError: first');
      expect([log, task.cancelling()]).toEqual([['cleaned up'], 2]);
    }));

  inEveryForm(
    'GROUP-1.10 in a time limit that is up: the tasks end first, and the limit throws',
    function* (loop) {
      const log: string[] = [];
      const error = yield* thrownIn(
        timeout(10, function* () {
          yield* new TaskGroup().run(function* (group) {
            group.createTask(after(1000, 'child', log));
            yield* after(1000, 'body', log);
          });
        }),
      );
      expect([isTimeoutError(error), log.sort(), loop.time()]).toEqual([
        true,
        ['body CancelledError', 'child CancelledError'],
        10,
      ]);
      yield* sleep(1);
    },
  );

  inEveryForm(
    'GROUP-1.11 in a time limit that is up, with errors: they leave the limit, and nothing is cancelled later',
    function* () {
      const error = yield* thrownIn(
        timeout(10, function* () {
          yield* new TaskGroup().run(function* (group) {
            group.createTask(
              (function* () {
                try {
                  yield* sleep(1000);
                } catch {
                  throw new RangeError('far');
                }
              })(),
            );
          });
        }),
      );
      expect(errorsOf(error)).toEqual(['RangeError: far']);
      yield* sleep(5);
      expect(currentTask()?.cancelling() ?? 0).toBe(0);
      const caught = yield* thrownIn(
        timeout(10, function* () {
          yield* thrownIn(
            new TaskGroup().run(function* (group) {
              group.createTask(
                (function* () {
                  try {
                    yield* sleep(1000);
                  } catch {
                    throw new RangeError('far');
                  }
                })(),
              );
            }),
          );
          yield* sleep(1000);
        }),
      );
      expect(isTimeoutError(caught)).toBe(true);
    },
  );

  inEveryForm(
    'GROUP-1.12 in a group: the inner one fails, the outer one’s tasks are cancelled with it',
    function* () {
      const log: string[] = [];
      const error = yield* thrownIn(
        new TaskGroup().run(function* (outer) {
          outer.createTask(after(1000, 'outer child', log));
          yield* new TaskGroup().run(function* (inner) {
            inner.createTask(failing(5));
          });
        }),
      );
      const [group] = (error as ExceptionGroup).errors;
      expect([errorsOf(group), log]).toEqual([['RangeError: far'], ['outer child CancelledError']]);
    },
  );

  test('GROUP-1.13 closed with its coroutine, it cancels its tasks', () =>
    play(function* (loop) {
      const log: string[] = [];
      const group = new TaskGroup();
      const steps = group.run(function* (own) {
        own.createTask(after(1000, 'child', log));
        yield* sleep(1000);
      });
      steps.next();
      yield* sleep(5);
      steps.close();
      yield* sleep(5);
      expect([log, loop.time()]).toEqual([['child CancelledError'], 10]);
    }));

  test('GROUP-1.14 an error that comes when the parent has ended is reported', () =>
    withLoop(async (loop) => {
      let group: TaskGroup | undefined;
      const parent = createTask(
        (function* () {
          const steps = new TaskGroup().run(function* (own) {
            group = own;
            yield* sleep(1000);
          });
          steps.next();
          group?.createTask(failing(5));
        })(),
        { name: 'parent' },
      );
      loop.runUntilComplete(parent);
      loop.runUntilIdle();
      const [report, ...others] = loop.takeReports();
      expect(others).toEqual([]);
      expect(report?.message).toMatch(
        /^Task <Task finished .*> has errored out but its parent task <Task finished name='parent' .*> is already completed$/,
      );
      expect(String(report?.exception)).toBe('RangeError: far');
    }));

  inBothHosts((host) => {
    const { wait } = host;

    test('GROUP-1.15 of async functions: results, errors, the body is cancelled and not the task', () =>
      playAsync(async (scope, loop) => {
        const log: string[] = [];
        const sum = await new TaskGroup().run(async (group) => {
          const tasks = [1, 2].map((n) => group.createTask(async (own) => wait(own, sleep(n, n))));
          await wait(group, sleep(5));
          return tasks.reduce((total, task) => total + task.result(), 0);
        }, host.options(scope));
        expect(sum).toBe(3);
        const error = await rejection(
          new TaskGroup().run(async (group) => {
            group.createTask(async (own) => {
              try {
                await wait(own, sleep(1000));
              } catch (caught) {
                log.push(`sibling ${(caught as Error).name}`);
                throw caught;
              }
            });
            group.createTask(async (own) => {
              await wait(own, sleep(1));
              throw new RangeError('far');
            });
            try {
              await wait(group, sleep(3000));
            } catch (caught) {
              log.push(`body ${(caught as Error).name}`);
              throw caught;
            }
          }, host.options(scope)),
        );
        expect([errorsOf(error), log.sort(), scope.task.cancelling(), loop.time()]).toEqual([
          ['RangeError: far'],
          ['body CancelledError', 'sibling CancelledError'],
          0,
          6,
        ]);
        await wait(scope, sleep(10));
      }));

    test('GROUP-1.16 of async functions, cancelled from outside: once its tasks have ended it passes through', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const task = createTask(async (own) =>
          new TaskGroup().run(async (group) => {
            group.createTask(async (child) => {
              try {
                await wait(child, sleep(1000));
              } finally {
                await wait(child, sleep(5));
                log.push('cleaned up');
              }
            });
          }, host.options(own)),
        );
        await wait(scope, sleep(1));
        task.cancel('outside');
        expect(String(await rejection(task))).toBe('CancelledError: outside');
        expect(log).toEqual(['cleaned up']);
      }));

    test('GROUP-1.17 of async functions, with errors: a cancellation from outside comes at the next wait', () =>
      playAsync(async (scope) => {
        const task = createTask(async (own) => {
          const error = await rejection(
            new TaskGroup().run(async (group) => {
              group.createTask(async (child) => {
                await rejection(wait(child, sleep(1000)));
                throw new RangeError('far');
              });
            }, host.options(own)),
          );
          return [errorsOf(error), String(await rejection(wait(own, sleep(1000))))];
        });
        await wait(scope, sleep(1));
        task.cancel('outside');
        expect(await wait(scope, task)).toEqual([['RangeError: far'], 'CancelledError']);
      }));
  });
});

describe('createTask of a group', () => {
  test('GROUP-2.1 is refused before, while it ends because of an error, and after; a coroutine is closed', () =>
    play(function* () {
      const wrong = (message: string) => ({ name: 'RuntimeError', code: 'GROUP_STATE', message });
      const unused = coroutine(function* (): Coroutine<void> {})();
      const group = new TaskGroup();
      expect(thrownBy(() => group.createTask(unused))).toMatchObject(
        wrong('TaskGroup <TaskGroup> has not been entered'),
      );
      expect(unused.next()).toEqual({ done: true, value: undefined });
      const operation = sleep(1000);
      const seen: unknown[] = [];
      yield* thrownIn(
        group.run(function* (own) {
          own.createTask(
            (function* () {
              try {
                yield* sleep(1000);
              } catch {
                seen.push(thrownBy(() => own.createTask(operation)));
              }
            })(),
          );
          yield* sleep(1);
          throw new Error('body');
        }),
      );
      expect(seen[0]).toMatchObject(wrong('TaskGroup <TaskGroup tasks=1 cancelling> is shutting down'));
      expect(operation.cancelled()).toBe(true);
      expect(thrownBy(() => group.createTask(() => sleep(5)))).toMatchObject(
        wrong('TaskGroup <TaskGroup errors=1 cancelling> is finished'),
      );
      expect(thrownBy(() => group.createTask(null as never))).toMatchObject({ code: 'GROUP_STATE' });
    }));

  test('GROUP-2.2 takes what createTask takes, and refuses what it refuses', () =>
    play(function* () {
      yield* new TaskGroup().run(function* (group) {
        const task = group.createTask(after(1, 'x'), { name: 'named' });
        expect(task.getName()).toBe('named');
        expect(thrownBy(() => group.createTask(5 as never))).toMatchObject({
          name: 'TypeError',
          message: 'a coroutine was expected, got 5',
        });
      });
    }));

  test('GROUP-2.3 of tasks that start at once and end at once', () =>
    play(function* (loop) {
      loop.setTaskFactory(eagerTaskFactory);
      const error = yield* thrownIn(
        new TaskGroup().run(function* (group) {
          const quick = group.createTask(
            (function* () {
              return 1;
            })(),
          );
          expect(quick.done()).toBe(true);
          group.createTask(
            (function* () {
              throw new RangeError('far');
            })(),
          );
        }),
      );
      expect(errorsOf(error)).toEqual(['RangeError: far']);
      loop.setTaskFactory(null);
    }));

  test('GROUP-2.4 a group runs once, in a task, with a body that is a function', async () => {
    play(function* () {
      const group = new TaskGroup();
      yield* group.run(function* (own) {
        expect([String(own), inspect(own)]).toEqual(Array(2).fill('<TaskGroup entered>'));
      });
      expect(yield* thrownIn(group.run(function* () {}))).toMatchObject({
        code: 'GROUP_STATE',
        message: 'TaskGroup <TaskGroup entered> has already been entered',
      });
      expect(thrownBy(() => group.run(5 as never))).toMatchObject({
        name: 'TypeError',
        message: 'body must be a function, got 5',
      });
    });
    const error = await rejection(new TaskGroup().run(async () => {}));
    expect([isNoCurrentTaskError(error), error.message]).toEqual([
      true,
      'TaskGroup <TaskGroup> cannot determine the parent task',
    ]);
  });
});

describe('ExceptionGroup', () => {
  const group = new ExceptionGroup('several', [
    new RangeError('a'),
    new ExceptionGroup('inner', [new TypeError('b'), new RangeError('c')]),
    new TypeError('d'),
  ]);
  const isRange = (error: unknown) => error instanceof RangeError;
  const names = (error: ExceptionGroup | null): unknown =>
    error && error.exceptions.map((one) => (isExceptionGroup(one) ? names(one) : (one as Error).message));

  test('GROUP-3.1 is an AggregateError with a message, a code and its errors', () => {
    expect(group).toBeInstanceOf(AggregateError);
    expect([group.name, group.code, group.message, group.exceptions === group.errors]).toEqual([
      'ExceptionGroup',
      'EXCEPTION_GROUP',
      'several (3 sub-exceptions)',
      true,
    ]);
    expect(new ExceptionGroup('one', [1]).message).toBe('one (1 sub-exception)');
    expect([
      isExceptionGroup(group),
      isExceptionGroup(new AggregateError([])),
      isExceptionGroup(null),
    ]).toEqual([true, false, false]);
  });

  test('GROUP-3.2 split and subgroup keep the nesting and the message', () => {
    const [ranges, rest] = group.split(isRange);
    expect([names(ranges), names(rest)]).toEqual([
      ['a', ['c']],
      [['b'], 'd'],
    ]);
    expect([ranges?.message, names(group.subgroup(isRange))]).toEqual([
      'several (2 sub-exceptions)',
      ['a', ['c']],
    ]);
    expect([group.subgroup(() => false), group.split(() => true)[1]]).toEqual([null, null]);
  });

  test('GROUP-3.3 needs errors', () => {
    expect(thrownBy(() => new ExceptionGroup('none', []))).toMatchObject({
      name: 'RangeError',
      message: 'errors must be a non-empty list',
    });
    expect(thrownBy(() => new ExceptionGroup('none', 5 as never))).toBeInstanceOf(TypeError);
    expect(isCancelledError(group)).toBe(false);
  });
});
