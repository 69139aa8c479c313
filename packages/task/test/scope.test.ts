import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromPromise, Future } from '@aiokit/future';
import { getEventLoop, isCancelledError, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import {
  type Coroutine,
  createTask,
  currentTask,
  isNoCurrentTaskError,
  NoCurrentTaskError,
  rethrowCancelled,
  run,
  Scope,
  sleep,
  type Task,
  TaskGroup,
  timeout,
  waitFor,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts } from './hosts.js';
import { hop, playAsync, rejection, thrownBy, withLoop } from './with-loop.js';

/** A promise that the test settles. */
function gate<T = void>(): { readonly promise: Promise<T>; open(value: T): void; fail(error: Error): void } {
  let open: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

describe('a task of an async function', () => {
  inBothHosts((host) => {
    const { wait } = host;
    const isCancelled = async (task: Task<unknown>): Promise<boolean> =>
      isCancelledError(await rejection(task)) && task.cancelled();

    test('SCOPE-1.1 has the outcome of its function', () =>
      playAsync(async (scope) => {
        expect(
          await wait(
            scope,
            createTask(async () => 'done'),
          ),
        ).toBe('done');
        const failed = createTask(async () => Promise.reject(new RangeError('far')));
        expect(await rejection(wait(scope, failed))).toBeInstanceOf(RangeError);
      }));

    test('SCOPE-1.2 is cancelled where it waits, in nested functions too, and may catch it and go on', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const task = createTask(async (own) => {
          const inner = async (): Promise<void> => {
            try {
              await wait(own, sleep(1000));
            } catch (error) {
              log.push(`inner ${String(error)}`);
              throw error;
            }
          };
          try {
            await inner();
          } catch {
            log.push('outer');
          }
          await wait(own, sleep(1));
          return 'went on';
        });
        await wait(scope, sleep(1));
        expect(task.cancel('enough')).toBe(true);
        expect(await wait(scope, task)).toBe('went on');
        expect([log, task.cancelling(), task.cancelled()]).toEqual([
          ['inner CancelledError: enough', 'outer'],
          1,
          false,
        ]);
      }));

    test('SCOPE-1.3 every wait of it is reached: Promise.all of several', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const task = createTask(async (own) => {
          const one = async (name: string): Promise<void> => {
            try {
              await wait(own, sleep(1000));
            } catch (error) {
              log.push(name);
              throw error;
            }
          };
          await Promise.all([one('a'), one('b'), wait(own, sleep(1000))]);
        });
        await wait(scope, sleep(1));
        task.cancel();
        expect(await isCancelled(task)).toBe(true);
        expect(log).toEqual(['a', 'b']);
      }));

    test('SCOPE-1.4 waits in finally go on, and a second cancellation reaches them', () =>
      playAsync(async (scope, loop) => {
        for (const again of [false, true]) {
          const log: string[] = [];
          const start = loop.time();
          const task = createTask(async (own) => {
            try {
              await wait(own, sleep(1000));
            } finally {
              await wait(own, sleep(10));
              log.push('cleaned up');
            }
          });
          await wait(scope, sleep(1));
          task.cancel('first');
          await wait(scope, sleep(1));
          if (again) task.cancel('second');
          const error = await rejection(task);
          expect([String(error), log, loop.time() - start, task.cancelling()]).toEqual(
            again ? ['CancelledError: second', [], 2, 2] : ['CancelledError: first', ['cleaned up'], 11, 1],
          );
        }
      }));

    test('SCOPE-1.5 before its first step its function is never called', () =>
      playAsync(async () => {
        const log: string[] = [];
        const task = createTask(async () => {
          log.push('called');
        });
        task.cancel('early');
        expect(String(await rejection(task))).toBe('CancelledError: early');
        expect([log, task.cancelled()]).toEqual([[], true]);
      }));

    test('SCOPE-1.6 before its first wait, that wait throws, and what it waits for is cancelled', () =>
      playAsync(async () => {
        const future = new Future<void>();
        const task = createTask(async (own) => {
          own.task.cancel('self');
          await wait(own, future);
        });
        expect(String(await rejection(task))).toBe('CancelledError: self');
        expect(future.cancelled()).toBe(true);
        const begun = createTask(async (own) => {
          const waiting = (async () => wait(own, sleep(1000)))();
          own.task.cancel('self');
          await waiting;
        });
        expect(String(await rejection(begun))).toBe('CancelledError: self');
      }));

    test('SCOPE-1.7 while it awaits a promise of the host, that is not interrupted: the next wait throws', () =>
      playAsync(async (scope) => {
        const [log, door] = [[] as string[], gate()];
        const task = createTask(async (own) => {
          await door.promise;
          log.push('promise');
          try {
            await wait(own, sleep(1000));
          } catch (error) {
            log.push(String(error));
            throw error;
          }
        });
        await wait(scope, sleep(0));
        task.cancel('enough');
        await wait(scope, sleep(0));
        expect([task.done(), log]).toEqual([false, []]);
        door.open();
        expect(await isCancelled(task)).toBe(true);
        expect(log).toEqual(['promise', 'CancelledError: enough']);
      }));

    test('SCOPE-1.8 one that waits no more ends as cancelled; one that throws ends with that', () =>
      playAsync(async (scope) => {
        const doors = [gate(), gate()] as const;
        const returns = createTask(async () => doors[0].promise);
        const throws = createTask(async () => doors[1].promise);
        await wait(scope, sleep(0));
        returns.cancel('late');
        throws.cancel('late');
        doors[0].open();
        doors[1].fail(new RangeError('far'));
        expect(String(await rejection(returns))).toBe('CancelledError: late');
        expect([returns.cancelled(), await rejection(throws)]).toEqual([true, new RangeError('far')]);
      }));

    test('SCOPE-1.9 twice before it is delivered: one error, of the first', () =>
      playAsync(async (scope) => {
        const task = createTask(async (own) => {
          const first = await rejection(wait(own, sleep(1000)));
          await wait(own, sleep(1));
          return String(first);
        });
        await wait(scope, sleep(1));
        task.cancel('a');
        task.cancel('b');
        expect(await wait(scope, task)).toBe('CancelledError: a');
        expect(task.cancelling()).toBe(2);
      }));

    test('SCOPE-1.10 uncancel takes one back that was not delivered', () =>
      playAsync(async (scope) => {
        const door = gate();
        const task = createTask(async (own) => {
          await door.promise;
          await wait(own, sleep(1));
          return 'went on';
        });
        await wait(scope, sleep(0));
        task.cancel();
        expect(task.uncancel()).toBe(0);
        door.open();
        expect(await wait(scope, task)).toBe('went on');
      }));

    test('SCOPE-1.11 waiting for a task passes the cancellation on to that; an operation that it has not awaited is left', () =>
      playAsync(async (scope) => {
        const inner = createTask(async (own) => wait(own, sleep(1000)));
        const called = sleep(5, 'left alone');
        const outer = createTask(async (own) => {
          await wait(own, inner);
        });
        await wait(scope, sleep(1));
        outer.cancel();
        expect([await isCancelled(outer), inner.cancelled()]).toEqual([true, true]);
        expect(await wait(scope, called)).toBe('left alone');
      }));

    test('SCOPE-1.12 what it has begun and not awaited keeps it from nothing, and is not cancelled once it is done', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const failed = createTask(async (own) => {
          void (async () => {
            await wait(own, sleep(5));
            log.push('alive');
          })();
          rethrowCancelled(new RangeError('no cancellation'));
          await wait(own, sleep(1));
          throw Object.assign(new Error('mine'), { [Symbol.for('aiokit.CancelledError')]: true });
        });
        await wait(scope, sleep(2));
        expect(failed.cancelled()).toBe(true);
        await wait(scope, sleep(10));
        expect(log).toContain('alive');
      }));

    test('SCOPE-1.13 a promise made a future by fromPromise is interrupted, and its signal aborts', () =>
      playAsync(async (scope) => {
        let aborted: unknown;
        const task = createTask(async (own) => {
          await wait(
            own,
            fromPromise((signal) => {
              signal.addEventListener('abort', () => {
                aborted = signal.reason;
              });
              return new Promise<void>(() => {});
            }),
          );
        });
        await wait(scope, fromPromise(hop()));
        task.cancel('enough');
        expect(await isCancelled(task)).toBe(true);
        await wait(scope, sleep(0));
        expect(aborted).toBeDefined();
      }));

    test('SCOPE-3.1 its signal aborts when it is cancelled; whoever sees that has been told', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const task = createTask(async (own) => {
          const { signal } = own;
          expect([signal === own.signal, signal === own.task.signal, signal.aborted]).toEqual([
            true,
            true,
            false,
          ]);
          try {
            await new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error));
            });
          } catch (error) {
            log.push(String(error));
            expect(own.signal === signal).toBe(false);
            await wait(own, sleep(5));
            log.push('cleaned up');
            throw error;
          }
        });
        await wait(scope, fromPromise(hop()));
        task.cancel('enough');
        expect(await isCancelled(task)).toBe(true);
        expect(log).toEqual(['CancelledError: enough', 'cleaned up']);
      }));

    test('SCOPE-3.2 one that nobody saw abort loses nothing: it is the same until the next wait throws', () =>
      playAsync(async (scope) => {
        const door = gate();
        const task = createTask(async (own) => {
          const before = own.signal;
          await door.promise;
          const after = own.signal;
          const error = await rejection(wait(own, sleep(1000)));
          return [before === after, String(error), own.signal === after, own.signal.aborted];
        });
        await wait(scope, sleep(0));
        task.cancel('enough');
        door.open();
        expect(await wait(scope, task)).toEqual([true, 'CancelledError: enough', false, false]);
      }));

    test('SCOPE-3.3 asked for after the cancellation it has aborted, and reading that is being told', () =>
      playAsync(async (scope) => {
        const door = gate();
        const task = createTask(async (own) => {
          await door.promise;
          const { signal } = own;
          const seen = [signal.aborted, String(signal.reason)];
          await wait(own, sleep(1));
          return seen;
        });
        await wait(scope, sleep(0));
        task.cancel('enough');
        door.open();
        expect(await wait(scope, task)).toEqual([true, 'CancelledError: enough']);
      }));

    test('SCOPE-3.4 that of a section aborts when the section is cancelled, with the task or alone', () =>
      playAsync(async (scope) => {
        const reasons: string[] = [];
        const hanging = (signal: AbortSignal) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => {
              reasons.push((signal.reason as Error).name);
              reject(signal.reason as Error);
            });
          });
        const late = createTask(async (own) =>
          rejection(timeout(5, async (limit) => hanging(limit.signal), host.options(own))),
        );
        expect((await wait(scope, late)).name).toBe('TimeoutError');
        const cancelled = createTask(async (own) =>
          new TaskGroup().run(async (group) => hanging(group.signal), host.options(own)),
        );
        await wait(scope, sleep(1));
        cancelled.cancel();
        expect([await isCancelled(cancelled), reasons]).toEqual([true, ['CancelledError', 'CancelledError']]);
      }));

    test('SCOPE-2.1 scope.wait refuses what cannot be awaited, and takes promises as they are', () =>
      playAsync(async (scope) => {
        expect(await rejection(scope.wait(5 as never))).toMatchObject({
          name: 'TypeError',
          message: 'source must be something to wait for, got 5',
        });
        expect(await rejection(scope.wait(null as never))).toBeInstanceOf(TypeError);
        expect(await scope.wait(Promise.resolve('p'))).toBe('p');
        const failed = new Future<void>();
        failed.setException(new RangeError('far'));
        expect(await rejection(scope.wait(failed))).toBeInstanceOf(RangeError);
        const pending = sleep(1, 'x');
        const waiting = scope.wait(pending);
        expect(scope.waiting.map(String)).toEqual(['<Sleep pending>']);
        expect(await waiting).toBe('x');
        const several = [scope.wait(sleep(1)), scope.wait(sleep(2))];
        expect(scope.waiting).toHaveLength(2);
        await Promise.all(several);
        expect(scope.waiting).toEqual([]);
      }));

    test('SCOPE-4.1 what needs a task says so where there is none, or where it cannot be known', async () => {
      const sections = [
        () => timeout(5, async () => {}),
        () => new TaskGroup().run(async () => {}),
        () => waitFor(async () => {}, 5),
      ];
      for (const section of sections) {
        const error = await rejection(section());
        expect([isNoCurrentTaskError(error), error instanceof NoCurrentTaskError, error.code]).toEqual([
          true,
          true,
          'NO_CURRENT_TASK',
        ]);
        expect(error.message.endsWith(': pass { scope }, this host has no async context')).toBe(
          !host.hasContext,
        );
      }
      await playAsync(async (scope) => {
        for (const section of sections) {
          const outcome = await section().then(
            () => 'ran',
            (error: unknown) => (error as Error).name,
          );
          expect(outcome).toBe(host.hasContext ? 'ran' : 'NoCurrentTaskError');
        }
        expect(currentTask() === scope.task).toBe(host.hasContext);
      });
    });
  });
});

describe('signals of generator tasks', () => {
  test('SCOPE-3.5 abort with the task, and whoever sees that takes nothing from its step', () =>
    withLoop((loop) => {
      const log: string[] = [];
      const task = createTask(
        (function* (): Coroutine<void> {
          const { signal } = currentTask() as Task<unknown>;
          signal.addEventListener('abort', () => log.push(`task ${String(signal.reason)}`));
          yield* timeout(1000, function* (limit) {
            const inner = limit.signal;
            inner.addEventListener('abort', () => log.push(`limit ${String(inner.reason)}`));
            for (let times = 0; times < 10; times++) yield* sleep(0);
          });
        })(),
      );
      loop.tick();
      loop.tick();
      task.cancel('enough');
      expect(log).toEqual(['task CancelledError: enough', 'limit CancelledError: enough']);
      expect(String(thrownBy(() => loop.runUntilComplete(task)))).toBe('CancelledError: enough');
    }));

  test('SCOPE-3.5 also where it waits, and a section that is over is told nothing', () =>
    withLoop((loop) => {
      let aborted = 0;
      const task = createTask(
        (function* () {
          const note = () => aborted++;
          yield* timeout(1000, function* (limit) {
            limit.signal.addEventListener('abort', note);
            yield* sleep(1);
          });
          currentTask()?.signal.addEventListener('abort', note);
          yield* sleep(1000);
        })(),
      );
      loop.callLater(10, () => task.cancel('enough'));
      expect(String(thrownBy(() => loop.runUntilComplete(task)))).toBe('CancelledError: enough');
      expect(aborted).toBe(1);
    }));
});

describe('a program of the host', () => {
  test('SCOPE-3.6 fetch is aborted by the signal of its task', async () => {
    const server = createServer(() => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const log: string[] = [];
    try {
      await run(async () => {
        const requested = once(server, 'request');
        const task = createTask(async ({ signal }) => {
          try {
            await fetch(`http://127.0.0.1:${port}/`, { signal });
          } catch (error) {
            log.push((error as Error).name);
            await sleep(0);
            log.push('cleaned up');
            throw error;
          }
        });
        const [request] = (await requested) as [IncomingMessage];
        const closed = once(request.socket, 'close');
        task.cancel('enough');
        expect(isCancelledError(await rejection(task))).toBe(true);
        await closed;
        log.push('the server saw it');
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(log).toEqual(['CancelledError', 'cleaned up', 'the server saw it']);
  });

  test('SCOPE-1.14 the loop of an async function is the default one, or the one that it was given', async () => {
    setEventLoop(null);
    const main = getEventLoop();
    const task = createTask(async () => sleep(0, 'host'));
    expect([task.getLoop() === main, await task]).toEqual([true, 'host']);
    getEventLoop().close();
    const loop = new VirtualLoop();
    setEventLoop(null);
    expect(await loop.runUntilCompleteAsync(createTask(async () => 'virtual', { loop }))).toBe('virtual');
    loop.close();
    const scope = new Scope();
    scope.task = task;
    expect(scope.waiting).toEqual([]);
  });
});
