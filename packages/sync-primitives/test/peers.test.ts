/** What went wrong in other libraries, each by name. */
import { isTimeoutError } from '@aiokit/loop-core';
import {
  BoundedSemaphore,
  Condition,
  Event,
  type Governor,
  KeyedLock,
  Lock,
  RWLock,
  Semaphore,
} from '@aiokit/sync-primitives';
import { type Coroutine, createTask } from '@aiokit/task';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { hop, thrownBy, withLoop } from './with-loop.js';

test('SYNC-1.3 async-mutex: a thousand time-outs leave no waiter', () =>
  withLoop((loop) => {
    const semaphore = loop.watch(new Semaphore(1));
    semaphore.tryAcquire();
    const waits = Array.from({ length: 1000 }, () => semaphore.acquire({ timeoutMs: 5 }));
    loop.advance(5);
    expect(waits.every((one) => isTimeoutError(thrownBy(() => one.result())))).toBe(true);
    expect(inspect(semaphore)).toBe('<Semaphore locked>');
    semaphore.release();
  }));

test('SYNC-1.3 async-mutex: a heavy waiter that timed out blocks no light one', () =>
  withLoop((loop) => {
    const semaphore = loop.watch(new Semaphore(2));
    const held = semaphore.tryAcquire();
    semaphore.acquire({ permits: 2, timeoutMs: 5 });
    const light = semaphore.acquire();
    loop.advance(5);
    expect(light.done()).toBe(true);
    light.result().release();
    held?.release();
  }));

test('SYNC-1.3 async-mutex, async-sema, es-toolkit: a stray release admits nobody', () =>
  withLoop((loop) => {
    const strict = loop.watch(new Semaphore(1, { strict: true }));
    const bounded = loop.watch(new BoundedSemaphore(1));
    const lock = loop.watch(new Lock());
    for (const one of [strict, bounded, lock]) {
      expect(thrownBy(() => one.release())).toBeInstanceOf(Error);
      const held = one.tryAcquire();
      expect(one.tryAcquire()).toBeNull();
      held?.release();
      expect(thrownBy(() => one.release())).toBeInstanceOf(Error);
      one.tryAcquire()?.release();
    }
  }));

test('SYNC-1.3 @std/async: disposing twice admits nobody', () =>
  withLoop((loop) => {
    const semaphore = loop.watch(new Semaphore(1));
    const permit = semaphore.tryAcquire();
    permit?.[Symbol.dispose]();
    permit?.[Symbol.dispose]();
    const held = semaphore.tryAcquire();
    expect(semaphore.tryAcquire()).toBeNull();
    held?.release();
  }));

test('SYNC-1.3 @esfx/async-mutex: two releases in one tick do not make two holders', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    lock.tryAcquire();
    const waits = [lock.acquire(), lock.acquire()];
    lock.release();
    expect(() => lock.release()).toThrow('Lock is not acquired.');
    expect(waits.map((one) => one.done())).toEqual([true, false]);
    waits[0]?.result().release();
    waits[1]?.result().release();
  }));

test('SYNC-1.3 async-lock, p-queue: a time limit of the wait frees nothing that is in use', () =>
  withLoop(async (loop) => {
    const all: Governor[] = [
      new Lock(),
      new Semaphore(1) as unknown as Governor,
      new KeyedLock().of('key'),
      new RWLock().write,
    ];
    for (const one of all) {
      let inside = 0;
      let most = 0;
      const work = one.wrap(
        async () => {
          most = Math.max(most, ++inside);
          await hop();
          inside--;
        },
        { timeoutMs: 5 },
      );
      const jobs = Array.from({ length: 3 }, () => work().catch(() => {}));
      await loop.runUntilCompleteAsync(Promise.all(jobs));
      expect(most).toBe(1);
    }
  }));

test('SYNC-1.3 async-lock, p-queue: the AsyncLocalStorage context is kept', () =>
  withLoop(async (loop) => {
    const store = new AsyncLocalStorage<string>();
    const semaphore = loop.watch(new Semaphore(1));
    const jobs = ['a', 'b', 'c'].map((name) =>
      store.run(name, () =>
        semaphore.with(async () => {
          await hop();
          return store.getStore();
        }),
      ),
    );
    expect(await loop.runUntilCompleteAsync(Promise.all(jobs))).toEqual(['a', 'b', 'c']);
  }));

test('SYNC-1.3 @core/asyncutil: an aborted waiter does not swallow the wake-up of the next', () =>
  withLoop((loop) => {
    for (const one of [loop.watch(new Lock()), loop.watch(new Semaphore(1))]) {
      const controller = new AbortController();
      const held = one.tryAcquire();
      one.acquire({ signal: controller.signal });
      const next = one.acquire();
      controller.abort();
      held?.release();
      expect(next.done()).toBe(true);
      next.result().release();
    }
  }));

test('SYNC-1.3 p-event, CAF, @core/asyncutil: a hundred waits leave no listener', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    const { signal } = new AbortController();
    for (let n = 0; n < 100; n++) {
      const waits = event.wait({ signal });
      event.set();
      event.clear();
      expect(waits.result()).toBe(true);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }));

test('SYNC-1.3 fastq, p-limit: every waiter is settled when it is ended', () =>
  withLoop(async (loop) => {
    const semaphore = loop.watch(new Semaphore(1));
    const held = semaphore.tryAcquire();
    const controller = new AbortController();
    const jobs = Array.from({ length: 10 }, () => semaphore.with(() => 'ran', { signal: controller.signal }));
    controller.abort('cleared');
    const outcomes = await loop.runUntilCompleteAsync(Promise.allSettled(jobs));
    expect(outcomes.map((one) => one.status)).toEqual(jobs.map(() => 'rejected'));
    held?.release();
  }));

test('SYNC-1.3 Effect: an interrupted waiter leaks no permit', () =>
  withLoop((loop) => {
    const semaphore = loop.watch(new Semaphore(2));
    function* work(): Coroutine<void> {
      using permit = yield* semaphore.acquire();
      expect(permit.live).toBe(true);
      yield;
    }
    for (let n = 0; n < 100; n++) {
      const tasks = [1, 2, 3, 4].map(() => createTask(work()));
      for (let tick = 0; tick < n % 5; tick++) loop.tick();
      for (const task of tasks) task.cancel();
      loop.runUntilIdle();
      expect(inspect(semaphore)).toBe('<Semaphore unlocked value=2>');
    }
  }));

test('SYNC-1.3 asyncio 3.7 to 3.12, trio: a cancelled waiter loses no notification', () =>
  withLoop((loop) => {
    for (let cancelAt = 0; cancelAt < 6; cancelAt++) {
      const condition = loop.watch(new Condition());
      const woken: string[] = [];
      function* wait(name: string): Coroutine<void> {
        using permit = yield* condition.acquire();
        yield* condition.wait();
        woken.push(permit.live ? name : 'without the lock');
      }
      const tasks = ['a', 'b'].map((name) => createTask(wait(name)));
      loop.tick();
      const permit = condition.tryAcquire();
      condition.notify();
      for (let tick = 0; tick < 6; tick++) {
        if (tick === cancelAt) tasks[0]?.cancel();
        if (tick === 3) permit?.release();
        loop.tick();
      }
      loop.runUntilIdle();
      const cancelled = tasks[0]?.cancelled();
      expect([cancelAt, woken]).toEqual([cancelAt, cancelled ? ['b'] : ['a']]);
      tasks[1]?.cancel();
      loop.runUntilIdle();
    }
  }));

test('SYNC-1.3 trio: a deadlock of two locks is reported', () =>
  withLoop((loop) => {
    const locks = [new Lock(), new Lock()] as const;
    function* work(first: Lock, second: Lock): Coroutine<void> {
      yield* first.with(function* (): Coroutine<void> {
        yield;
        yield* second.acquire();
      });
    }
    createTask(work(...locks));
    const other = work(locks[1], locks[0]);
    expect(thrownBy(() => loop.runUntilComplete(other))).toMatchObject({ code: 'DEADLOCK' });
    loop.close();
    loop.reports.splice(0);
  }));

test('SYNC-1.3 semaphore-promise: no host timer per acquire and release', () =>
  withLoop(async (loop) => {
    const semaphore = loop.watch(new Semaphore(1));
    const before = loop.time();
    for (let n = 0; n < 100; n++) (await semaphore.acquire()).release();
    expect(loop.time()).toBe(before);
  }));
