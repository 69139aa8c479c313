/** Deadlocks are reported as they close, and correct programs never. Every other detector is on. */
import { Future } from '@aiokit/future';
import { HostLoop, setEventLoop } from '@aiokit/loop-core';
import { CapacityLimiter, Condition, Event, Lock, RWLock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, sleep, type Task, TaskGroup, timeout } from '@aiokit/task';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Debugged, withDebug } from './with-debug.js';
import { watchWarnings } from './watch-warnings.js';
import { hop } from '../../loop-core/test/watched-loops.js';

type Gate = Pick<Lock, 'acquire'>;

/** Takes the gates one after the other, with a pause between them, and keeps them meanwhile. */
function* taking(...gates: readonly Gate[]): Coroutine<void> {
  const permits: { release(): void }[] = [];
  try {
    for (const gate of gates) {
      permits.push(yield* gate.acquire());
      yield* sleep(1);
    }
  } finally {
    for (const permit of permits) permit.release();
  }
}

const named = (name: string, steps: Coroutine<unknown>): Task<unknown> => createTask(steps, { name });

/** Runs what can be run, and cancels the rest: it is stuck. */
function stop({ loop }: Debugged, ...tasks: readonly Task<unknown>[]): void {
  loop.runUntilIdle();
  for (const task of tasks) {
    if (task.done()) continue;
    task.cancel();
    task.addDoneCallback(() => task.cancelled() || task.exception());
    loop.runUntilIdle();
  }
}

describe('DEBUG-8.1 a deadlock is reported as it closes', () => {
  test('two tasks that take two locks in different order: who waits for whom, where, and where it was taken', () =>
    withDebug((debugged) => {
      const [a, b] = [new Lock(), new Lock()];
      const one = named('one', taking(a, b));
      const two = named('two', taking(b, a));
      debugged.loop.runUntilIdle();
      const reports = debugged.takeWhole();
      expect(reports).toHaveLength(1);
      expect(reports[0]).toMatch(/^deadlock: 2 tasks wait for each other: 'two' → 'one' → 'two'\n/);
      expect(reports[0]).toMatch(
        /\ntask 'one' waits for <Lock locked waiters=1>, which 'two' has\nIt waits at .*:\n +at taking .*deadlocks\.test\.ts:/,
      );
      expect(reports[0]).toMatch(/\nTaken by 'one' at .*:\n +at taking .*deadlocks\.test\.ts:/);
      stop(debugged, one, two);
      expect(debugged.take()).toEqual([]);
    }));

  test('it can be made an error, which the loop’s handler is given', () =>
    withDebug(async (debugged) => {
      const { setWarningFilter } = await import('@aiokit/debug');
      setWarningFilter('deadlock', 'error');
      const lock = new Lock();
      const task = named('self', taking(lock, lock));
      debugged.loop.runUntilIdle();
      const [report] = debugged.loop.takeReports();
      expect(report).toMatchObject({ kind: 'deadlock' });
      expect(report?.message).toMatch(/^deadlock: task 'self' waits for itself\n/);
      stop(debugged, task);
      expect(debugged.take()).toEqual([]);
    }));

  const corpus: Record<string, () => Task<unknown>[]> = {
    'a lock, twice': () => {
      const lock = new Lock();
      return [named('a', taking(lock, lock))];
    },
    'a lock of a condition, twice': () => {
      const condition = new Condition();
      return [named('a', taking(condition, condition.lock))];
    },
    'a reader who wants to write': () => {
      const lock = new RWLock();
      return [named('a', taking(lock.read, lock.write))];
    },
    'a writer who wants to read': () => {
      const lock = new RWLock();
      return [named('a', taking(lock.write, lock.read))];
    },
    'a reader who reads again behind a writer': () => {
      const lock = new RWLock();
      return [named('a', taking(lock.read, lock.read)), named('b', taking(lock.write))];
    },
    'two semaphores of 1': () => {
      const [a, b] = [new Semaphore(1), new Semaphore(1)];
      return [named('a', taking(a, b)), named('b', taking(b, a))];
    },
    'a strict semaphore of 1, twice': () => {
      const semaphore = new Semaphore(1, { strict: true });
      return [named('a', taking(semaphore, semaphore))];
    },
    'a limiter whose holders all want more': () => {
      const limiter = new CapacityLimiter(2);
      return [named('a', taking(limiter, limiter)), named('b', taking(limiter, limiter))];
    },
    'a holder who awaits a task that wants the lock': () => {
      const lock = new Lock();
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* lock.acquire();
            yield* named('b', taking(lock));
          })(),
        ),
      ];
    },
    'a holder who gathers tasks that want the lock': () => {
      const lock = new Lock();
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* lock.acquire();
            yield* gather(taking(lock), taking(lock));
          })(),
        ),
      ];
    },
    'a holder whose group’s tasks want the lock': () => {
      const lock = new Lock();
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* lock.acquire();
            yield* new TaskGroup().run(function* (group) {
              group.createTask(taking(lock));
              yield* sleep(1);
            });
          })(),
        ),
      ];
    },
  };
  for (let count = 3; count <= 8; count++) {
    corpus[`a cycle of ${count} locks, with a tail`] = () => {
      const locks = Array.from({ length: count }, () => new Lock());
      const at = (index: number) => locks[index % count] as Lock;
      const tasks = locks.map((_, index) => named(`t${index}`, taking(at(index), at(index + 1))));
      return [...tasks, named('tail', taking(at(0)))];
    };
  }

  test.each(Object.keys(corpus))('%s', (name) =>
    withDebug((debugged) => {
      const tasks = (corpus[name] as () => Task<unknown>[])();
      debugged.loop.runUntilIdle();
      const reports = debugged.take();
      expect(reports).toEqual([expect.stringMatching(/^deadlock: /)]);
      expect(reports[0]).not.toMatch(/tail/);
      stop(debugged, ...tasks.reverse());
      debugged.take();
    }),
  );

  test('tasks that await each other, which asyncio cannot cancel either', () =>
    withDebug(({ loop, take }) => {
      const tasks: Task<unknown>[] = [];
      function* awaiting(other: number): Coroutine<void> {
        yield* sleep(1);
        yield* tasks[other] as Task<unknown>;
      }
      tasks.push(named('a', awaiting(1)), named('b', awaiting(0)));
      loop.runUntilIdle();
      expect(take()).toEqual(["deadlock: 2 tasks wait for each other: 'b' → 'a' → 'b'"]);
      loop.close();
      expect(loop.takeReports()).toHaveLength(2);
    }));

  test('async functions', () =>
    withDebug(async (debugged) => {
      const [a, b] = [new Lock(), new Lock()];
      const body = (first: Lock, second: Lock) => async () => {
        using _ = await first.acquire();
        await sleep(1);
        using __ = await second.acquire();
      };
      const one = createTask(body(a, b), { name: 'one' });
      createTask(body(b, a), { name: 'two' });
      const main = createTask(async () => {
        await sleep(5);
        one.cancel();
        await sleep(5);
      });
      await debugged.loop.runUntilCompleteAsync(main);
      expect(debugged.take()).toEqual([
        expect.stringMatching(/^deadlock: 2 tasks wait for each other: '(one' → 'two|two' → 'one)' → /),
      ]);
    }));

  test('a plain semaphore, twice, once nothing else is left that could release it', async () => {
    const warnings = watchWarnings();
    const loop = new HostLoop();
    setEventLoop(loop);
    loop.setDebug(true);
    onTestFinished(() => {
      setEventLoop(null);
      loop.close();
    });
    const semaphore = new Semaphore(1);
    const task = named(
      'guard',
      (function* (): Coroutine<void> {
        yield* semaphore.acquire();
        yield* semaphore.acquire();
      })(),
    );
    for (let round = 0; round < 5; round++) await hop();
    expect(warnings).toEqual(["deadlock: task 'guard' waits for itself"]);
    task.cancel();
    for (let round = 0; round < 5; round++) await hop();
    expect(task.cancelled()).toBe(true);
  });
});

describe('DEBUG-8.2 what can go on is no deadlock', () => {
  const correct: Record<string, (debugged: Debugged) => Task<unknown>[]> = {
    'locks taken in one order': () => {
      const [a, b] = [new Lock(), new Lock()];
      return [named('a', taking(a, b)), named('b', taking(a, b))];
    },
    'a time limit of the wait': () => {
      const lock = new Lock();
      const limited = { acquire: () => lock.acquire({ timeoutMs: 5 }) };
      const task = named('a', taking(lock, limited));
      task.addDoneCallback(() => task.exception());
      return [task];
    },
    'a signal that ends the wait': ({ loop }) => {
      const lock = new Lock();
      const controller = new AbortController();
      loop.callLater(5, () => controller.abort());
      const task = named('a', taking(lock, { acquire: () => lock.acquire({ signal: controller.signal }) }));
      task.addDoneCallback(() => task.exception());
      return [task];
    },
    'a time limit around the wait': () => {
      const lock = new Lock();
      const task = named(
        'a',
        (function* (): Coroutine<void> {
          yield* timeout(5, () => taking(lock, lock));
        })(),
      );
      task.addDoneCallback(() => task.exception());
      return [task];
    },
    'a semaphore as a signal, which somebody else releases': ({ loop }) => {
      const semaphore = new Semaphore(1);
      loop.callLater(5, () => semaphore.release());
      loop.callLater(6, () => semaphore.release());
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            yield* semaphore.acquire();
            (yield* semaphore.acquire()).release();
          })(),
        ),
      ];
    },
    'a permit that was handed over': () => {
      const lock = new Lock();
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            const permit = yield* lock.acquire();
            createTask(function* (): Coroutine<void> {
              yield* sleep(1);
              permit.release();
            });
            yield* sleep(5);
            (yield* lock.acquire()).release();
          })(),
        ),
      ];
    },
    'a lock that somebody else has released before: it is a signal': () => {
      const lock = new Lock();
      createTask(function* (): Coroutine<void> {
        for (let round = 0; round < 3; round++) {
          yield* sleep(2);
          lock.release();
        }
      });
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            yield* lock.acquire();
            yield* sleep(3);
            yield* lock.acquire();
            yield* lock.acquire();
          })(),
        ),
      ];
    },
    'a limiter of 3 of which two hold 2': () => {
      const limiter = new CapacityLimiter(3);
      return [named('a', taking(limiter, limiter)), named('b', taking(limiter, limiter))];
    },
    'a holder who awaits a task that asks for another lock': () => {
      const [a, b] = [new Lock(), new Lock()];
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* a.acquire();
            yield* named('b', taking(b));
          })(),
        ),
      ];
    },
    'a wait for an event while a lock is held': ({ loop }) => {
      const lock = new Lock();
      const event = new Event();
      loop.callLater(5, () => event.set());
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* lock.acquire();
            yield* event.wait();
          })(),
        ),
        named('b', taking(lock)),
      ];
    },
    'a condition that is notified': () => {
      const condition = new Condition();
      return [
        named(
          'a',
          (function* (): Coroutine<void> {
            using _ = yield* condition.acquire();
            yield* condition.wait();
          })(),
        ),
        named(
          'b',
          (function* (): Coroutine<void> {
            yield* sleep(1);
            using _ = yield* condition.acquire();
            condition.notify();
            yield* sleep(1);
          })(),
        ),
      ];
    },
    'a holder who gathers a task that may fail first': ({ loop }) => {
      const lock = new Lock();
      const fails = new Future<void>();
      loop.callLater(5, () => fails.setException(new Error('far')));
      const task = named(
        'a',
        (function* (): Coroutine<void> {
          using _ = yield* lock.acquire();
          yield* gather(taking(lock), fails);
        })(),
      );
      task.addDoneCallback(() => task.exception());
      return [task];
    },
  };

  test.each(Object.keys(correct))('%s', (name) =>
    withDebug((debugged) => {
      const tasks = (correct[name] as (test: Debugged) => Task<unknown>[])(debugged);
      debugged.loop.runUntilIdle();
      expect(tasks.map((task) => task.done())).not.toContain(false);
      expect(debugged.take()).toEqual([]);
    }),
  );

  test('a race of an async function that something else can win', () =>
    withDebug(async (debugged) => {
      const lock = new Lock();
      const main = createTask(async () => {
        using _ = await lock.acquire();
        const again = lock.acquire();
        await Promise.race([again, sleep(5)]);
        again.abandon();
      });
      await debugged.loop.runUntilCompleteAsync(main);
      await hop();
      expect(debugged.take()).toEqual([]);
    }));
});
