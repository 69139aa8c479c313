/** When what happens, in iterations of the loop after the start: rows of the table that CPython 3.13 gave. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Barrier, Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';

type Note = (what: string) => void;

/** Runs tasks that note in which iteration something happens. */
function ticks(tasks: (note: Note) => Coroutine<unknown>[]): string[] {
  const loop = new VirtualLoop();
  const notes: string[] = [];
  let tick = 0;
  const count = {
    run: () => {
      tick++;
      loop.enqueue(count);
    },
  };
  function* main(): Coroutine<void> {
    loop.enqueue(count);
    for (const task of tasks((what) => void notes.push(`${what} +${tick}`)).map((one) => createTask(one)))
      yield* task;
  }
  loop.runUntilComplete(main());
  loop.close();
  return notes;
}

test('SYNC-1.1 LOCK-1.5 a release at +1: those who wait, then the releaser again', () => {
  const lock = new Lock();
  expect(
    ticks((note) => {
      function* holder(): Coroutine<void> {
        yield* lock.acquire();
        note('held');
        lock.release();
        yield* lock.acquire();
        note('again');
        lock.release();
      }
      function* waiter(name: string): Coroutine<void> {
        yield* lock.acquire();
        note(name);
        lock.release();
      }
      lock.tryAcquire();
      return [
        waiter('w0'),
        waiter('w1'),
        waiter('w2'),
        (function* (): Coroutine<void> {
          lock.release();
          note('released');
          yield* holder();
        })(),
      ];
    }),
  ).toEqual(['released +1', 'w0 +2', 'w1 +3', 'w2 +4', 'held +5', 'again +5']);
});

test('SYNC-1.1 Semaphore(2) x 5, each held for an iteration', () => {
  const semaphore = new Semaphore(2);
  expect(
    ticks((note) =>
      [0, 1, 2, 3, 4].map((n) =>
        semaphore.with(function* (): Coroutine<void> {
          note(String(n));
          yield* sleep(0);
        }),
      ),
    ),
  ).toEqual(['0 +1', '1 +1', '2 +3', '3 +3', '4 +5']);
});

test('SYNC-1.1 Event set() and clear() at +1', () => {
  const event = new Event();
  expect(
    ticks((note) => {
      function* waiter(n: number): Coroutine<void> {
        yield* event.wait();
        note(String(n));
      }
      function* setter(): Coroutine<void> {
        event.set();
        event.clear();
        note('set');
        yield;
      }
      return [waiter(0), waiter(1), waiter(2), setter()];
    }),
  ).toEqual(['set +1', '0 +2', '1 +2', '2 +2']);
});

test('SYNC-1.1 Condition notifyAll() at +1', () => {
  const condition = new Condition();
  expect(
    ticks((note) => {
      function* waiter(n: number): Coroutine<void> {
        yield* condition.acquire();
        yield* condition.wait();
        note(String(n));
        condition.release();
      }
      function* notifier(): Coroutine<void> {
        yield* condition.acquire();
        condition.notifyAll();
        condition.release();
        note('notified');
      }
      return [waiter(0), waiter(1), waiter(2), notifier()];
    }),
  ).toEqual(['notified +1', '0 +2', '1 +2', '2 +2']);
});

test('SYNC-1.1 Barrier(3)', () => {
  const barrier = new Barrier(3);
  expect(
    ticks((note) =>
      [0, 1, 2].map(function* (): Coroutine<void> {
        note(String(yield* barrier.wait()));
      }),
    ),
  ).toEqual(['2 +1', '0 +2', '1 +2']);
});
