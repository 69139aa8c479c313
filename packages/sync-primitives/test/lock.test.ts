/** asyncio's lock. */
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

test.each([null, 'strict', 5])('PERMIT-2.1 %s are no options of a lock', (options) => {
  expect(() => new Lock(options as never)).toThrow(/^options must be an object, got /);
});

test('LOCK-1.1 a free lock is taken at once, past those who were cancelled', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    expect(lock.locked()).toBe(false);
    const held = lock.acquire().result();
    const waits = lock.acquire();
    waits.addDoneCallback(() => {});
    held.release();
    waits.abandon();
    const again = lock.acquire();
    expect([again.done(), lock.locked()]).toEqual([true, true]);
    lock.release();
  }));

test('LOCK-1.2 whoever waits gets it in order, an iteration after the release', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    lock.tryAcquire();
    const got: string[] = [];
    for (const name of ['a', 'b']) {
      const operation = lock.acquire();
      operation.addDoneCallback(() => {
        got.push(name);
        operation.result().release();
      });
    }
    lock.release();
    expect(got).toEqual([]);
    loop.tick();
    expect(got).toEqual(['a']);
    loop.tick();
    expect(got).toEqual(['a', 'b']);
  }));

test('LOCK-1.3 between a release and the step of whoever is next nobody can take it', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    const held = lock.tryAcquire();
    const next = lock.acquire();
    held?.release();
    const late = lock.acquire();
    expect([lock.locked(), lock.tryAcquire(), late.done()]).toEqual([false, null, false]);
    next.result();
    expect([lock.locked(), late.done()]).toEqual([true, false]);
    lock.release();
    late.result().release();
  }));

test('LOCK-1.4 it is not reentrant, and the deadlock is reported', () =>
  withLoop((loop) => {
    const lock = new Lock();
    function* twice(): Coroutine<void> {
      using outer = yield* lock.acquire();
      yield* lock.acquire();
      expect(outer.live).toBe('never');
    }
    expect(thrownBy(() => loop.runUntilComplete(twice()))).toMatchObject({ code: 'DEADLOCK' });
    // A main task is not reported again when its loop is closed.
    loop.close();
    expect(loop.reports.splice(0)).toEqual([]);
  }));

test('LOCK-2.1 release of what is not held', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    const error = { name: 'RuntimeError', code: 'NOT_ACQUIRED', message: 'Lock is not acquired.' };
    expect(thrownBy(() => lock.release())).toMatchObject(error);
    const held = lock.tryAcquire();
    const next = lock.acquire();
    held?.release();
    expect(thrownBy(() => lock.release())).toMatchObject(error);
    next.result().release();
    expect(thrownBy(() => lock.release())).toMatchObject(error);
  }));

test('LOCK-2.2 a first in line that was cancelled wakes the next in its own step', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    const held = lock.tryAcquire();
    const steps: string[] = [];
    function* worker(name: string): Coroutine<void> {
      try {
        yield* lock.acquire();
        steps.push(`${name} in`);
        lock.release();
      } catch (error) {
        steps.push(`${name} ${(error as Error).name}`);
        throw error;
      }
    }
    const [first] = ['a', 'b'].map((name) => createTask(worker(name)));
    loop.tick();
    first?.cancel();
    held?.release();
    // Nobody has the turn now, and nobody who comes may take it.
    expect(lock.tryAcquire()).toBeNull();
    loop.tick();
    expect(steps).toEqual(['a CancelledError']);
    loop.tick();
    expect(steps).toEqual(['a CancelledError', 'b in']);
  }));

test('LOCK-1.2 async functions get it in the order of coming too', () =>
  withLoop(async (loop) => {
    const lock = loop.watch(new Lock());
    const steps: number[] = [];
    const worker = async (n: number): Promise<void> => {
      await lock.with(async () => {
        steps.push(n);
        await Promise.resolve();
        steps.push(n);
      });
    };
    await loop.runUntilCompleteAsync(Promise.all([1, 2, 3].map(worker)));
    expect(steps).toEqual([1, 1, 2, 2, 3, 3]);
  }));

test('LOCK-1.2 a task that is slow to sleep holds it all the while', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    const steps: string[] = [];
    function* worker(name: string, ms: number): Coroutine<void> {
      using permit = yield* lock.acquire();
      steps.push(`${name} ${loop.time()} ${permit.live}`);
      yield* sleep(ms);
    }
    createTask(worker('a', 10));
    createTask(worker('b', 5));
    createTask(worker('c', 1));
    loop.runUntilIdle();
    expect(steps).toEqual(['a 0 true', 'b 10 true', 'c 15 true']);
  }));
