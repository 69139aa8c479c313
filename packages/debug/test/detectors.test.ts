/** Each detector fires, is silent on correct code, and on code that differs by next to nothing. All the others are on. */
import { setDebugLimits, setWarningFilter, trackResource } from '@aiokit/debug';
import { fromPromise, Future } from '@aiokit/future';
import { isCancelledError, newEventLoop, realm } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Queue } from '@aiokit/queue';
import { Condition, Lock, Semaphore } from '@aiokit/sync-primitives';
import {
  type Coroutine,
  coroutine,
  createTask,
  gather,
  Runner,
  sleep,
  type Task,
  timeout,
  waitFor,
} from '@aiokit/task';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { withDebug } from './with-debug.js';

/** A clock of the host that the test moves. */
function fakeClock(loop: VirtualLoop): { now: number } {
  loop.slowCallbackDurationMs = 100;
  const clock = { now: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  onTestFinished(() => void vi.restoreAllMocks());
  return clock;
}

const place = /at .*detectors\.test\.ts:\d+/;

describe('DEBUG-2.1 slow steps', () => {
  function* steps(clock: { now: number }, ms: number): Coroutine<void> {
    yield* sleep(5);
    clock.now += ms;
    yield* sleep(5);
  }

  test('of a generator task are reported, with the task and the place where it stopped', () =>
    withDebug(({ loop, takeWhole }) => {
      const clock = fakeClock(loop);
      loop.runUntilComplete(createTask(steps(clock, 110), { name: 'slow' }));
      const [report] = takeWhole();
      expect(report).toMatch(
        /^Executing <Task pending name='slow' coro=<.*> wait_for=<Sleep pending>.*> took 0\.110 seconds/,
      );
      expect(report).toMatch(/It stopped at \(most recent call first\):\n +at steps .*detectors\.test\.ts:/);
      expect(report).toMatch(/Task created at \(most recent call first\):\n +at .*detectors\.test\.ts:/);
    }));

  test('of 99 ms are not', () =>
    withDebug(({ loop, take }) => {
      const clock = fakeClock(loop);
      loop.runUntilComplete(createTask(steps(clock, 99)));
      expect(take()).toEqual([]);
    }));

  test.each([
    [110, 1],
    [99, 0],
  ])('of an async function, which the host runs: %i ms', (ms, reports) =>
    withDebug(async ({ loop, take }) => {
      const clock = fakeClock(loop);
      const task = createTask(
        async () => {
          await sleep(5);
          clock.now += ms;
          await sleep(5);
        },
        { name: 'slow' },
      );
      await loop.runUntilCompleteAsync(task);
      expect(take()).toEqual(
        Array.from({ length: reports }, () =>
          expect.stringMatching(/^Executing <Task pending name='slow' .*> took 0\.110 seconds$/),
        ),
      );
    }),
  );

  test.each([
    ['first', ['slow', 'quick', 'other']],
    ['in the middle', ['quick', 'slow', 'other']],
    ['last', ['quick', 'other', 'slow']],
  ])('of an async function that was woken together with others, %s, are its own', (_, names) =>
    withDebug(async ({ loop, take }) => {
      const clock = fakeClock(loop);
      const tasks = names.map((name) =>
        createTask(
          async () => {
            await sleep(5);
            clock.now += name === 'slow' ? 110 : 1;
            await sleep(5);
          },
          { name },
        ),
      );
      await loop.runUntilCompleteAsync(gather(...tasks));
      expect(take()).toEqual([
        expect.stringMatching(/^Executing <Task pending name='slow' .*> took 0\.110 seconds$/),
      ]);
    }),
  );

  test('are not the time in which an async function waits for the host', () =>
    withDebug(async ({ loop, take }) => {
      const clock = fakeClock(loop);
      const task = createTask(async () => {
        await sleep(5);
        const endHold = loop.hold({});
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
        clock.now += 400;
        endHold();
        await sleep(5);
      });
      await loop.runUntilCompleteAsync(task);
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.2 a coroutine that was never awaited', () => {
  const fetchPage = coroutine(function* fetchPage(): Coroutine<number> {
    yield* sleep(1);
    return 1;
  });

  test('is reported when it is collected, with the place where it was made', () =>
    withDebug(async ({ takeWhole, collect }) => {
      (function forgets() {
        void fetchPage();
      })();
      await collect();
      const [report] = takeWhole();
      expect(report).toMatch(/^coroutine 'fetchPage' was never awaited\nCoroutine created at/);
      expect(report).toMatch(/at forgets /);
    }));

  test.each(['yield*', 'await', 'createTask'])('is not one that was used by %s', (how) =>
    withDebug(async ({ loop, take, collect }) => {
      const use = {
        'yield*': () =>
          createTask(function* (): Coroutine<number> {
            return yield* fetchPage();
          }),
        await: () =>
          createTask(async () => {
            await fetchPage();
            return 1;
          }),
        createTask: () => createTask(fetchPage()),
      }[how] as () => Task<number>;
      await loop.runUntilCompleteAsync(use());
      await collect();
      expect(take()).toEqual([]);
    }),
  );

  test('can be left out by a filter', () =>
    withDebug(async ({ take, collect }) => {
      setWarningFilter('never-awaited', 'ignore');
      (function forgets() {
        void fetchPage();
      })();
      await collect();
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.3 an exception that was never retrieved', () => {
  // eslint-disable-next-line require-yield -- it fails before it waits
  const fail = function* fail(): Coroutine<never> {
    throw new Error('not consumed');
  };

  test('is reported when the task is collected, with the place where it was made', () =>
    withDebug(async ({ loop, collect }) => {
      (function starts() {
        createTask(fail());
      })();
      loop.runUntilIdle();
      await collect();
      const [report] = loop.takeReports();
      expect(report).toMatchObject({
        message: 'Task exception was never retrieved',
        exception: { message: 'not consumed' },
      });
      expect(report?.sourceTraceback).toMatch(/at starts /);
    }));

  test('is none that somebody looked at', () =>
    withDebug(async ({ loop, collect }) => {
      (function starts() {
        const task = createTask(fail());
        task.addDoneCallback(() => task.exception());
      })();
      loop.runUntilIdle();
      await collect();
      expect(loop.takeReports()).toEqual([]);
    }));
});

describe('DEBUG-2.4 a task that is destroyed while it is pending', () => {
  test('is reported when its loop is closed, with the place where it was made', () =>
    withDebug(({ loop }) => {
      (function starts() {
        createTask(function* (): Coroutine<void> {
          yield* new Future<void>();
        });
      })();
      loop.runUntilIdle();
      loop.close();
      const [report] = loop.takeReports();
      expect(report?.message).toBe('Task was destroyed but it is pending!');
      expect(report?.sourceTraceback).toMatch(/at starts /);
    }));

  test('is none that has ended', () =>
    withDebug(({ loop }) => {
      const future = new Future<void>();
      createTask(function* (): Coroutine<void> {
        yield* future;
      });
      loop.runUntilIdle();
      future.setResult();
      loop.runUntilIdle();
      loop.close();
      expect(loop.takeReports()).toEqual([]);
    }));
});

describe('DEBUG-2.5 what is left unclosed', () => {
  test('a loop is reported when it is collected', () =>
    withDebug(async ({ takeWhole, collect }) => {
      (function forgets() {
        new VirtualLoop().setDebug(true);
      })();
      // Debug mode keeps the loops that it is on for.
      (function turnsOff() {
        for (const loop of [new VirtualLoop()]) {
          loop.setDebug(true);
          loop.setDebug(false);
        }
      })();
      await collect();
      const [report] = takeWhole();
      expect(report).toMatch(/^unclosed event loop <VirtualLoop>\nObject created at/);
      expect(report).toMatch(/at turnsOff /);
    }));

  test('a loop that was closed is not', () =>
    withDebug(async ({ take, collect }) => {
      (function closes() {
        const loop = new VirtualLoop();
        loop.setDebug(true);
        loop.close();
      })();
      await collect();
      expect(take()).toEqual([]);
    }));

  test('a runner is reported when it is collected, one that was closed is not', () =>
    withDebug(async ({ loop, take, collect }) => {
      await (async function forgets() {
        new Runner({ debug: true, loopFactory: () => loop }).getLoop();
        const closed = new Runner({ debug: true, loopFactory: () => newEventLoop() });
        closed.getLoop();
        await closed.close();
      })();
      await collect();
      expect(take()).toEqual(['unclosed runner <Runner>']);
    }));

  test('a queue with items left in it is reported when its loop is closed, with the place', () =>
    withDebug(({ loop, takeWhole }) => {
      const queue = (function makes() {
        return new Queue<number>();
      })();
      queue.putNowait(7);
      loop.close();
      const [report, ...others] = takeWhole();
      expect(others).toEqual([]);
      expect(report).toMatch(
        /^unclosed queue with items left in it <Queue .*>\nObject created at .*\n +at makes /,
      );
    }));

  test('one that was drained, or shut down, is not', () =>
    withDebug(({ loop, take }) => {
      const [drained, shut] = [new Queue<number>(), new Queue<number>()];
      for (const queue of [drained, shut]) queue.putNowait(7);
      drained.getNowait();
      shut.shutdown();
      loop.close();
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-7 trackResource', () => {
  test('reports what is collected unclosed, once, with the place, and closes it', () =>
    withDebug(async ({ takeWhole, collect }) => {
      const closed: string[] = [];
      (function opens() {
        trackResource({}, { name: 'transport <Socket 127.0.0.1:80>', close: () => closed.push('socket') });
      })();
      await collect();
      await collect();
      const reports = takeWhole();
      expect(reports).toHaveLength(1);
      expect(reports[0]).toMatch(/^unclosed transport <Socket 127\.0\.0\.1:80>\nObject created at/);
      expect(reports[0]).toMatch(/at opens /);
      expect(closed).toEqual(['socket']);
    }));

  test('finds an owner that tracks itself', () =>
    withDebug(async ({ take, collect }) => {
      class Socket {
        constructor() {
          trackResource(this, { name: 'socket' });
        }
      }
      (function opens() {
        return new Socket() instanceof Socket;
      })();
      await collect();
      expect(take()).toEqual(['unclosed socket']);
    }));

  test.each(['closed', 'disposed'])('says nothing of what was %s', (how) =>
    withDebug(async ({ take, collect }) => {
      (function opens() {
        const tracked = trackResource({}, { name: 'socket', close: () => expect.unreachable() });
        if (how === 'closed') tracked.closed();
        else tracked[Symbol.dispose]();
      })();
      await collect();
      expect(take()).toEqual([]);
    }),
  );

  test('reports what is open when its loop is closed; what belongs to another loop stays', () =>
    withDebug(({ loop, take }) => {
      const owners = [{}, {}];
      trackResource(owners[0] as object, { name: 'ours' });
      const other = new VirtualLoop();
      other.callSoon(() => {
        trackResource(owners[1] as object, { name: 'theirs' });
      });
      other.runUntilIdle();
      loop.close();
      expect(take()).toEqual(['unclosed ours']);
      other.close();
      expect(take()).toEqual(['unclosed theirs']);
    }));

  test('goes on when closing fails', () =>
    withDebug(async ({ take, errors, collect }) => {
      (function opens() {
        for (const name of ['one', 'two']) {
          trackResource(
            {},
            {
              name,
              close() {
                throw new Error('far');
              },
            },
          );
        }
      })();
      await collect();
      expect(take().sort()).toEqual(['unclosed one', 'unclosed two']);
      expect(errors.sort()).toEqual(['closing the one has failed', 'closing the two has failed']);
    }));

  test.each([
    ['owner', null, 'socket', undefined],
    ['owner', 1, 'socket', undefined],
    ['name', {}, 5, undefined],
    ['close', {}, 'socket', 'close'],
  ])('refuses %s', (argument, owner, name, close) => {
    expect(() => trackResource(owner as never, { name, close } as never)).toThrow(
      new RegExp(`^${argument} must be `),
    );
  });
});

describe('DEBUG-2.6 a permit that is never released', () => {
  const leak = (lock: Lock) =>
    createTask(
      function* takes(): Coroutine<void> {
        yield* lock.acquire();
      },
      { name: 'taker' },
    );

  test('is reported when its loop is closed, with who took it and where', () =>
    withDebug(({ loop, takeWhole }) => {
      const lock = new Lock();
      leak(lock);
      loop.runUntilIdle();
      loop.close();
      const [report] = takeWhole();
      expect(report).toMatch(/^a permit of <Lock> was never released; task 'taker' took it at/);
      expect(report).toMatch(/at takes .*detectors\.test\.ts:/);
    }));

  test('is reported when it is collected, with its lock', () =>
    withDebug(async ({ loop, take, collect }) => {
      (function forgets() {
        leak(new Lock());
      })();
      loop.runUntilIdle();
      await collect();
      expect(take()).toEqual([
        "a permit of <Lock> was collected unreleased; task 'taker' took it at (most recent call first):",
      ]);
    }));

  test('is none that was released, by its permit or by asyncio’s release(), or handed over', () =>
    withDebug(async ({ loop, take, collect }) => {
      (function uses() {
        const lock = new Lock();
        const condition = new Condition(lock);
        createTask(function* (): Coroutine<void> {
          using _ = yield* lock.acquire();
        });
        createTask(function* (): Coroutine<void> {
          yield* lock.acquire();
          lock.release();
        });
        createTask(function* (): Coroutine<void> {
          const permit = yield* lock.acquire();
          createTask(function* (): Coroutine<void> {
            yield* sleep(0);
            permit.release();
          });
        });
        createTask(function* (): Coroutine<void> {
          using _ = yield* condition.acquire();
          yield* condition.wait({ timeoutMs: 5 });
        }).addDoneCallback((task) => task.exception());
      })();
      loop.runUntilIdle();
      await collect();
      loop.close();
      expect(take()).toEqual([]);
    }));

  test('is not reported while its task goes on', () =>
    withDebug(({ loop, take }) => {
      const lock = new Lock();
      createTask(function* (): Coroutine<void> {
        using _ = yield* lock.acquire();
        yield* new Future<void>();
      });
      loop.runUntilIdle();
      loop.close();
      expect(loop.takeReports()).toHaveLength(1);
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.7 an operation that nobody observes', () => {
  test('and has an item is reported when it is collected', () =>
    withDebug(async ({ takeWhole, collect }) => {
      (function forgets() {
        const queue = new Queue<number>();
        queue.putNowait(1);
        void queue.get();
      })();
      await collect();
      const [report] = takeWhole();
      expect(report).toMatch(
        /^an operation of <Queue> has completed and was never observed: nobody has what it got\./,
      );
      expect(report).toMatch(/Operation created at .*:\n +at forgets .*detectors\.test\.ts:/);
    }));

  test('and has a permit is reported with the name of what it is of', () =>
    withDebug(({ loop, take }) => {
      const semaphore = new Semaphore(2);
      const operation = semaphore.acquire();
      loop.close();
      expect(take()[0]).toMatch(/^an operation of <Semaphore> has completed/);
      operation.abandon();
    }));

  test('whose turn comes while nobody listens is reported at the end', () =>
    withDebug(({ loop, take }) => {
      const lock = new Lock();
      createTask(function* (): Coroutine<void> {
        using _ = yield* lock.acquire();
        void lock.acquire();
      });
      loop.runUntilIdle();
      loop.close();
      expect(take()).toEqual([
        'an operation of <Lock> has completed and was never observed: nobody has what it got.',
      ]);
    }));

  test('is none that is awaited, asked, abandoned or listened to late', () =>
    withDebug(async ({ loop, take, collect }) => {
      (function uses() {
        const queue = new Queue<number>();
        for (let item = 0; item < 5; item++) queue.putNowait(item);
        createTask(function* (): Coroutine<void> {
          yield* queue.get();
          queue.get().result();
          queue.get().abandon();
          using _ = queue.get();
        });
        createTask(async () => {
          const early = queue.get();
          await sleep(1);
          await early;
        });
        const lock = new Lock();
        createTask(async () => {
          const permit = await lock.acquire();
          const late = lock.acquire();
          permit.release();
          await sleep(1);
          (await late).release();
        });
      })();
      await loop.runUntilCompleteAsync(createTask(() => sleep(10)));
      await collect();
      loop.close();
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.8 a cancellation that is swallowed', () => {
  const swallow = (how: 'swallow' | 'rethrow' | 'uncancel') =>
    createTask(
      function* body(): Coroutine<void> {
        try {
          yield* sleep(1000);
        } catch (error) {
          if (how === 'rethrow' && isCancelledError(error)) throw error;
          if (how === 'uncancel') (realm.stepping as Task<void>).uncancel();
        }
      },
      { name: 'hungry' },
    );

  test.each([
    ['swallow', 1],
    ['rethrow', 0],
    ['uncancel', 0],
  ] as const)('%s', (how, reports) =>
    withDebug(({ loop, takeWhole }) => {
      const task = swallow(how);
      loop.callLater(1, function canceller() {
        task.cancel();
      });
      loop.runUntilIdle();
      const found = takeWhole();
      expect(found).toHaveLength(reports);
      if (reports === 0) return;
      expect(found[0]).toMatch(
        /^<Task finished name='hungry' .*> has ended normally although it was cancelled/,
      );
      expect(found[0]).toMatch(/It was cancelled at .*:\n +at canceller /);
    }),
  );

  test('is none of timeout’s, or of one that failed', () =>
    withDebug(({ loop, take }) => {
      const limited = createTask(function* (): Coroutine<void> {
        try {
          yield* timeout(5, function* () {
            yield* sleep(1000);
          });
        } catch {
          return;
        }
      });
      loop.runUntilComplete(limited);
      const fails = createTask(function* (): Coroutine<void> {
        try {
          yield* sleep(1000);
        } catch {
          throw new RangeError('far');
        }
      });
      loop.callSoon(() => fails.cancel());
      expect(() => loop.runUntilComplete(fails)).toThrow('far');
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.9 a task that ignores its cancellation', () => {
  const stubborn = (ms: number) =>
    createTask(
      function* stubborn(): Coroutine<void> {
        try {
          yield* sleep(100_000);
        } finally {
          yield* sleep(ms);
        }
      },
      { name: 'stubborn' },
    );

  test.each([
    [6000, 1],
    [4000, 0],
  ])('for %i ms', (ms, reports) =>
    withDebug(({ loop, take }) => {
      const task = stubborn(ms);
      loop.callLater(1, () => task.cancel());
      for (let at = 0; at < 8000; at += 500) loop.callLater(at, () => {});
      loop.runUntilIdle();
      expect(task.cancelled()).toBe(true);
      expect(take()).toEqual(
        Array.from({ length: reports }, () =>
          expect.stringMatching(
            /^<Task cancelling name='stubborn' .*> has ignored a cancellation for 5\.\d+ seconds$/,
          ),
        ),
      );
    }),
  );

  test('is looked for by limit', () =>
    withDebug(({ loop, take }) => {
      setDebugLimits({ ignoredCancelMs: Infinity });
      const task = stubborn(6000);
      loop.callLater(1, () => task.cancel());
      for (let at = 0; at < 8000; at += 500) loop.callLater(at, () => {});
      loop.runUntilIdle();
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.10 a cancelled task that waits for a host promise', () => {
  test.each([
    ['as it is', 1],
    ['wrapped', 0],
    ['with task.signal', 0],
    ['with a signal that somebody has, who takes his time', 0],
  ])('%s', (how, reports) =>
    withDebug(async ({ loop, take }) => {
      let resolve: () => void = () => {};
      const promise = new Promise<void>((settle) => {
        resolve = settle;
      });
      const task: Task<void> = createTask(
        async () => {
          if (how === 'wrapped') await fromPromise(promise);
          else if (how === 'as it is') await promise;
          else if (how.includes('somebody')) {
            task.signal.addEventListener('abort', () => {});
            await promise;
          } else {
            const { signal } = task;
            await new Promise<void>((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error));
            });
          }
        },
        { name: 'host' },
      );
      const main = createTask(async () => {
        await sleep(0);
        task.cancel();
        for (let round = 0; round < 10; round++) await sleep(300);
        resolve();
      });
      await loop.runUntilCompleteAsync(main);
      await loop.runUntilCompleteAsync(createTask(() => sleep(1)));
      expect(task.done()).toBe(true);
      expect(take()).toEqual(
        Array.from({ length: reports }, () =>
          expect.stringMatching(
            /^<Task cancelling name='host' .*> was cancelled 1\.\d+ seconds ago and waits for a promise of the host/,
          ),
        ),
      );
    }),
  );
});

describe('DEBUG-2.11 a task that wakes itself', () => {
  test.each([
    [0, 1],
    [1, 0],
  ])('by sleep(%i), a thousand times', (ms, reports) =>
    withDebug(({ loop, take }) => {
      loop.runUntilComplete(
        createTask(
          function* polls(): Coroutine<void> {
            for (let round = 0; round < 1100; round++) yield* sleep(ms);
          },
          { name: 'poller' },
        ),
      );
      expect(take()).toEqual(
        Array.from({ length: reports }, () =>
          expect.stringMatching(/^<Task pending name='poller' .*> has woken itself in 1000 of 1000 steps/),
        ),
      );
    }),
  );
});

describe('DEBUG-2.12 a step that never yields', () => {
  test.each([
    [101, 1],
    [99, 0],
  ])('%i operations in one step', (count, reports) =>
    withDebug(({ loop, take }) => {
      setDebugLimits({ operationsPerStep: 100 });
      const queue = new Queue<number>();
      loop.runUntilComplete(
        createTask(
          function* greedy(): Coroutine<void> {
            for (let round = 0; round < count; round++) {
              queue.putNowait(round);
              yield* queue.get();
            }
          },
          { name: 'greedy' },
        ),
      );
      expect(take()).toEqual(
        Array.from({ length: reports }, () =>
          expect.stringMatching(/^<Task pending name='greedy' .*> has completed 100 operations in one step/),
        ),
      );
    }),
  );
});

describe('DEBUG-2.13 a callback that starves', () => {
  test.each([
    [1100, 1],
    [900, 0],
  ])('a timer that is %i ms late', (ms, reports) =>
    withDebug(({ loop, take }) => {
      let late = 0;
      const time = loop.time.bind(loop);
      loop.time = () => time() + late;
      loop.callLater(10, () => {
        late = ms;
      });
      loop.callLater(10, function tick() {});
      loop.runUntilIdle();
      loop.time = time;
      expect(take()).toEqual(
        Array.from(
          { length: reports },
          () => '<TimerHandle when=10 tick()> was ready for 1.100 seconds before it ran',
        ),
      );
    }),
  );
});

describe('DEBUG-2.14 a long wait', () => {
  function hold(lock: Lock, ms: number): void {
    createTask(
      function* holds(): Coroutine<void> {
        using _ = yield* lock.acquire();
        yield* sleep(ms);
      },
      { name: 'holder' },
    );
    createTask(
      function* asks(): Coroutine<void> {
        using _ = yield* lock.acquire();
      },
      { name: 'waiter' },
    );
  }

  test.each([
    [11_000, 1],
    [9_000, 0],
  ])('for a lock that somebody holds for %i ms', (ms, reports) =>
    withDebug(({ loop, takeWhole }) => {
      hold(new Lock(), ms);
      for (let at = 0; at < 12_000; at += 500) loop.callLater(at, () => {});
      loop.runUntilIdle();
      const found = takeWhole();
      expect(found).toHaveLength(reports);
      if (reports === 0) return;
      expect(found[0]).toMatch(
        /^<Task pending name='waiter' .*> has waited 1\d\.\d+ seconds for <Lock locked waiters=1>/,
      );
      expect(found[0]).toMatch(/It waits at .*:\n +at asks /);
      expect(found[0]).toMatch(/task 'holder' holds it; taken at .*:\n +at holds /);
    }),
  );

  test('for an event or an item is none', () =>
    withDebug(({ loop, take }) => {
      const queue = new Queue<number>();
      createTask(function* (): Coroutine<void> {
        yield* queue.get();
      });
      for (let at = 0; at < 12_000; at += 500) loop.callLater(at, () => {});
      loop.callLater(12_000, () => queue.putNowait(1));
      loop.runUntilIdle();
      expect(take()).toEqual([]);
    }));
});

describe('DEBUG-2.15 a duration that looks like seconds', () => {
  const durations: Record<string, (ms: number) => unknown> = {
    'callLater()': (ms) => realm.loop?.callLater(ms, () => {}),
    'sleep()': (ms) =>
      createTask(function* (): Coroutine<void> {
        yield* sleep(ms);
      }),
    'timeout()': (ms) =>
      createTask(function* (): Coroutine<void> {
        yield* timeout(ms, function* () {});
      }),
    'waitFor()': (ms) =>
      createTask(function* (): Coroutine<void> {
        yield* waitFor(sleep(0), ms);
      }).addDoneCallback((task) => task.exception()),
    timeoutMs: (ms) =>
      createTask(function* (): Coroutine<void> {
        yield* new Semaphore(0).acquire({ timeoutMs: ms });
      }).addDoneCallback((task) => task.exception()),
  };

  test.each(Object.keys(durations))('%s: 0.1 is reported once, 1 and 0 and a measured time are not', (name) =>
    withDebug(({ loop, takeWhole }) => {
      for (const ms of [1, 0, 1.5, 0.123456]) durations[name]?.(ms);
      loop.runUntilIdle();
      expect(takeWhole()).toEqual([]);
      for (let round = 0; round < 3; round++) durations[name]?.(0.1);
      loop.runUntilIdle();
      const found = takeWhole();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(
        /^a duration of 0\.1 milliseconds; durations are in milliseconds, did you port seconds\?/,
      );
      expect(found[0]).toMatch(place);
    }),
  );
});

test('DEBUG-2.17 a callback for a loop in a step of another is reported, one for its own or from outside is not', () =>
  withDebug(({ loop, takeWhole }) => {
    const other = new VirtualLoop();
    loop.callSoon(() => loop.callSoon(() => {}));
    other.callSoon(() => {});
    loop.runUntilIdle();
    expect(takeWhole()).toEqual([]);
    other.callSoon(() => void loop.callSoon(() => {}));
    other.callSoon(() => void loop.callSoonThreadsafe(() => {}));
    other.runUntilIdle();
    loop.runUntilIdle();
    const found = takeWhole();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^Non-thread-safe operation invoked on an event loop other than the current one/,
    );
    expect(found[0]).toMatch(place);
    other.close();
  }));
