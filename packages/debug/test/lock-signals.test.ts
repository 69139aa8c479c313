/** A lock that is a signal is no deadlock; a lock that is a guard is one while others go on. Every other detector is on. */
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';
import { withDebug } from './with-debug.js';

function* twice(lock: Lock): Coroutine<void> {
  yield* lock.acquire();
  yield* lock.acquire();
  lock.release();
}

test.each(['a task', 'a callback'])(
  'DEBUG-8.2 a lock that %s is to release is a signal, at the first wait already',
  (who) =>
    withDebug(({ loop, take }) => {
      const lock = new Lock();
      createTask(twice(lock));
      if (who === 'a callback') loop.callLater(10, () => lock.release());
      else {
        createTask(function* (): Coroutine<void> {
          yield* sleep(10);
          lock.release();
        });
      }
      loop.runUntilIdle();
      expect(take()).toEqual([]);
    }),
);

test('DEBUG-8.1 a lock that its holders have released is none: who asks twice is reported while others go on', () =>
  withDebug(({ loop, take }) => {
    const lock = new Lock();
    const stuck = createTask(
      function* (): Coroutine<void> {
        (yield* lock.acquire()).release();
        yield* twice(lock);
      },
      { name: 'stuck' },
    );
    const others = createTask(function* (): Coroutine<void> {
      for (let beat = 0; beat < 10; beat++) yield* sleep(10);
    });
    const reports: string[] = [];
    loop.callLater(1, () => reports.push(...take()));
    loop.runUntilIdle();
    expect(reports).toEqual(["deadlock: task 'stuck' waits for itself"]);
    expect(others.done()).toBe(true);
    stuck.cancel();
    stuck.addDoneCallback(() => stuck.cancelled());
    loop.runUntilIdle();
    lock.release();
    expect(take()).toEqual([]);
  }));

test('DEBUG-8.1 a lock that nobody can release any more is reported when nothing else goes on', () =>
  withDebug(({ loop, take }) => {
    const lock = new Lock();
    const stuck = createTask(twice(lock), { name: 'stuck' });
    const reports: string[] = [];
    createTask(function* (): Coroutine<void> {
      yield* sleep(10);
      reports.push(...take());
    });
    loop.runUntilIdle();
    expect(reports).toEqual([]);
    expect(take()).toEqual(["deadlock: task 'stuck' waits for itself"]);
    stuck.cancel();
    loop.runUntilIdle();
    lock.release();
  }));
