/** What went wrong elsewhere, each on the smallest primitive over the wait queue that could go wrong in the same way. */
import { CancelledError, TimeoutError } from '@aiokit/loop-core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Driver } from './wait-queue-driver.js';
import { settle, type TestLoop, thrownBy, withLoop } from './wait-queue-loop.js';
import { type Permit, TinyCondition, TinyQueue, TinySemaphore } from './wait-queue-owners.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A task that takes a permit and keeps it. */
const taker = (loop: TestLoop, semaphore: TinySemaphore, weight = 1): Driver<Permit> =>
  new Driver(
    loop,
    (function* () {
      return yield* semaphore.acquire(undefined, weight);
    })(),
  );

/** A task that takes an item. */
const getter = <T>(loop: TestLoop, queue: TinyQueue<T>): Driver<T> =>
  new Driver(
    loop,
    (function* () {
      return yield* queue.get();
    })(),
  );

const permitOf = ({ outcome }: Driver<Permit>): Permit => (outcome as { value: Permit }).value;

describe('handing over', () => {
  test('WAIT-10.1 abort and release in one tick, in both orders: the next has the permit', () =>
    withLoop((loop) => {
      for (const order of ['abort, release', 'release, abort']) {
        const semaphore = loop.owns(new TinySemaphore(1));
        const held = semaphore.acquire().result();
        const controller = new AbortController();
        const first = semaphore.acquire({ signal: controller.signal });
        const second = taker(loop, semaphore);
        loop.tick();
        if (order === 'abort, release') controller.abort('no');
        held.release();
        controller.abort('no');
        loop.tick();
        expect(thrownBy(() => first.result())).toBe('no');
        permitOf(second).release();
        expect(semaphore.value).toBe(1);
      }
    }));

  test('WAIT-10.1 effection: an item is put and the consumer is cancelled in one tick; the item is there', () =>
    withLoop((loop) => {
      const queue = loop.owns(new TinyQueue<string>());
      const consumer = getter(loop, queue);
      loop.tick();
      queue.put('item');
      consumer.cancel();
      loop.tick();
      expect(consumer.outcome).toEqual({ error: new CancelledError() });
      expect(queue.items).toEqual(['item']);
      expect(queue.get().result()).toBe('item');
    }));

  test('WAIT-10.1 @core/asyncutil: a getter aborts, then an item is put; the next getter wakes', () =>
    withLoop((loop) => {
      const queue = loop.owns(new TinyQueue<string>());
      const controller = new AbortController();
      const aborted = queue.get({ signal: controller.signal });
      const next = getter(loop, queue);
      loop.tick();
      controller.abort('no');
      queue.put('item');
      loop.tick();
      expect(next.outcome).toEqual({ value: 'item' });
      expect(aborted.done()).toBe(true);
    }));

  test('WAIT-10.1 @core/asyncutil: undefined is an item', () =>
    withLoop((loop) => {
      const queue = loop.owns(new TinyQueue<undefined>());
      const waiting = getter(loop, queue);
      loop.tick();
      queue.put(undefined);
      queue.put(undefined);
      loop.tick();
      expect(waiting.outcome).toEqual({ value: undefined });
      expect(queue.get().result()).toBe(undefined);
      expect(queue.items).toHaveLength(0);
    }));

  test('WAIT-10.1 @esfx/async-mutex: the end of a turn that was given back in its tick makes one holder, not two', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const held = semaphore.acquire().result();
      const tasks = Array.from({ length: 3 }, () => taker(loop, semaphore));
      loop.tick();
      held.release();
      held.release();
      loop.runUntilIdle();
      expect(tasks.map(({ outcome }) => outcome !== undefined)).toEqual([true, false, false]);
      for (const task of tasks) {
        permitOf(task).release();
        loop.runUntilIdle();
      }
      expect(semaphore.value).toBe(1);
    }));

  test('WAIT-10.1 @std/async, async-sema: releasing a permit twice lets one in, not two', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(2));
      const [one, two] = [semaphore.acquire().result(), semaphore.acquire().result()];
      one.release();
      one.release();
      expect(semaphore.value).toBe(1);
      semaphore.acquire().result().release();
      one.release();
      two.release();
      expect(semaphore.value).toBe(2);
    }));

  test('WAIT-10.1 Effect: whoever is interrupted wherever, all permits are there in the end', () =>
    withLoop((loop) => {
      for (let at = 0; at < 6; at++) {
        const semaphore = loop.owns(new TinySemaphore(2));
        const tasks = Array.from(
          { length: 5 },
          () =>
            new Driver(
              loop,
              (function* () {
                const permit = yield* semaphore.acquire();
                try {
                  yield;
                } finally {
                  permit.release();
                }
              })(),
            ),
        );
        for (let tick = 0; tick < at; tick++) loop.tick();
        for (const task of tasks) task.cancel();
        loop.runUntilIdle();
        expect([at, semaphore.value]).toEqual([at, 2]);
      }
    }));

  test('WAIT-10.1 asyncio, trio: a notification that its receiver cannot use goes to the next', () =>
    withLoop((loop) => {
      // The cancellation comes before the notification, with it, and while the lock is waited for again.
      for (const moment of ['before', 'with', 'relocking']) {
        const condition = new TinyCondition();
        loop.owns(condition);
        loop.owns(condition.lock);
        const woken: string[] = [];
        const wait = (name: string): Driver<void> =>
          new Driver(
            loop,
            (function* () {
              const permit = yield* condition.wait(yield* condition.lock.acquire());
              woken.push(name);
              permit.release();
            })(),
          );
        const [a, b] = [wait('a'), wait('b')];
        loop.runUntilIdle();
        const held = condition.lock.acquire().result();
        if (moment === 'before') a.cancel();
        condition.notify();
        if (moment === 'with') a.cancel();
        loop.tick();
        if (moment === 'relocking') a.cancel();
        loop.tick();
        held.release();
        loop.runUntilIdle();
        expect([moment, woken]).toEqual([moment, ['b']]);
        expect(a.outcome).toEqual({ error: new CancelledError() });
        expect(b.outcome).toEqual({ value: undefined });
        expect(condition.lock.value).toBe(1);
      }
    }));

  test('WAIT-10.1 asyncio: a newcomer does not overtake those who wait', () =>
    withLoop((loop) => {
      const queue = loop.owns(new TinyQueue<string>());
      const early = getter(loop, queue);
      loop.tick();
      queue.put('one');
      const newcomer = queue.get();
      expect(newcomer.done()).toBe(false);
      queue.put('two');
      loop.tick();
      expect(early.outcome).toEqual({ value: 'one' });
      expect(newcomer.result()).toBe('two');
    }));

  test('WAIT-10.1 asyncio: a cancellation in the tick of the outcome is not swallowed', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const held = semaphore.acquire().result();
      const task = taker(loop, semaphore);
      loop.tick();
      held.release();
      task.cancel('why');
      loop.tick();
      expect(task.outcome).toEqual({ error: new CancelledError('why') });
      expect(semaphore.value).toBe(1);
    }));

  test('WAIT-10.1 fastq, p-limit: closing settles everybody who waits', () =>
    withLoop((loop) => {
      const queue = loop.owns(new TinyQueue<string>());
      const reason = new Error('closed');
      const getters = Array.from({ length: 100 }, () => getter(loop, queue));
      loop.tick();
      queue.put('item');
      getters[0]?.cancel();
      queue.close(reason);
      loop.runUntilIdle();
      expect(getters.map(({ outcome }) => outcome)).toEqual([
        { error: new CancelledError() },
        ...Array(99).fill({ error: reason }),
      ]);
      expect(queue.items).toEqual(['item']);
    }));

  test('WAIT-10.1 semaphore-promise: a hand-over takes an iteration, and no timer', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const held = semaphore.acquire().result();
      const tasks = Array.from({ length: 10 }, () => taker(loop, semaphore));
      loop.tick();
      held.release();
      for (const task of tasks) {
        expect(task.outcome).toBe(undefined);
        loop.tick();
        permitOf(task).release();
      }
      expect(loop.time()).toBe(0);
    }));

  test('WAIT-10.1 async-lock, p-queue: the async context is that of the one who waits', () =>
    withLoop(async (loop) => {
      const store = new AsyncLocalStorage<string>();
      const semaphore = loop.owns(new TinySemaphore(1));
      const held = semaphore.acquire().result();
      const seen: unknown[] = [];
      const use = async (): Promise<void> => {
        const permit = await semaphore.acquire();
        seen.push(store.getStore());
        permit.release();
      };
      for (const name of ['a', 'b']) void store.run(name, use);
      void use();
      store.run('c', () => {
        const waiter = semaphore.acquire();
        waiter.addDoneCallback(() => {
          seen.push(store.getStore());
          waiter.result().release();
        });
      });
      await settle(loop);
      store.run('releaser', () => held.release());
      for (let turn = 0; turn < 4; turn++) await settle(loop);
      expect(seen).toEqual(['a', 'b', undefined, 'c']);
    }));
});

describe('time limits', () => {
  test('WAIT-10.2 async-mutex: 1000 time-outs leave an empty queue', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const held = semaphore.acquire().result();
      const waiters = Array.from({ length: 1000 }, () => semaphore.acquire({ timeoutMs: 5 }));
      expect(semaphore.queue.size).toBe(1000);
      loop.runUntilIdle();
      expect([loop.time(), semaphore.queue.size, semaphore.queue.live]).toEqual([5, 0, 0]);
      expect(thrownBy(() => waiters[999]?.result())).toEqual(new TimeoutError('the wait timed out'));
      held.release();
      expect(semaphore.value).toBe(1);
    }));

  test('WAIT-10.2 async-mutex: a heavy waiter that leaves lets the light one behind it in, however it leaves', () =>
    withLoop((loop) => {
      const controller = new AbortController();
      for (const end of ['timeout', 'abort', 'cancel', 'abandon', 'task'] as const) {
        const semaphore = loop.owns(new TinySemaphore(2));
        const held = semaphore.acquire().result();
        const task = end === 'task' ? taker(loop, semaphore, 2) : undefined;
        const heavy =
          end === 'task'
            ? undefined
            : semaphore.acquire(
                end === 'timeout' ? { timeoutMs: 5 } : end === 'abort' ? { signal: controller.signal } : {},
                2,
              );
        loop.tick();
        const light = taker(loop, semaphore);
        loop.tick();
        loop.tick();
        expect([end, light.outcome]).toEqual([end, undefined]);
        if (end === 'timeout') loop.advance(5);
        if (end === 'abort') controller.abort();
        if (end === 'cancel') heavy?.cancel();
        if (end === 'abandon') heavy?.abandon();
        task?.cancel();
        loop.tick();
        loop.tick();
        expect([end, light.outcome !== undefined]).toEqual([end, true]);
        permitOf(light).release();
        held.release();
        expect([end, semaphore.value]).toEqual([end, 2]);
      }
    }));

  test('WAIT-10.2 p-queue: the time-out of a wait never frees a permit that is in use', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      let running = 0;
      let most = 0;
      const work = (): Driver<string> =>
        new Driver(
          loop,
          (function* () {
            let permit: Permit;
            try {
              permit = yield* semaphore.acquire({ timeoutMs: 5 });
            } catch {
              return 'timed out';
            }
            most = Math.max(most, ++running);
            const rest = new TinyQueue<string>();
            loop.callLater(20, () => rest.put('rested'));
            yield* rest.get();
            running--;
            permit.release();
            return 'worked';
          })(),
        );
      const tasks = [work(), work(), work()];
      loop.callAt(20, () => tasks.push(work(), work()));
      loop.runUntilIdle();
      expect(tasks.map(({ outcome }) => outcome)).toEqual(
        ['worked', 'timed out', 'timed out', 'worked', 'timed out'].map((value) => ({ value })),
      );
      expect([most, running, semaphore.value]).toEqual([1, 0, 1]);
    }));

  test('WAIT-10.2 asyncio: a time limit of 0 tries once, and swallows no cancellation', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const permit = semaphore.acquire({ timeoutMs: 0 }).result();
      const late = new Driver(
        loop,
        (function* () {
          yield* semaphore.acquire({ timeoutMs: 0 });
        })(),
      );
      const cancelled = taker(loop, semaphore);
      cancelled.cancel('why');
      loop.tick();
      expect(late.outcome).toEqual({ error: new TimeoutError('the wait timed out') });
      expect(cancelled.outcome).toEqual({ error: new CancelledError('why') });
      permit.release();
    }));
});

describe('listeners', () => {
  test('WAIT-10.3 @core/asyncutil, p-event, CAF: 100 waits on one signal leave no listener', () =>
    withLoop((loop) => {
      const { signal } = new AbortController();
      const queue = loop.owns(new TinyQueue<number>());
      for (let round = 0; round < 100; round++) {
        if (round % 2 === 0) queue.put(round);
        const waiter = queue.get({ signal });
        if (round % 2 === 1) queue.put(round);
        loop.tick();
        expect(waiter.result()).toBe(round);
        expect(listeners(signal)).toBe(0);
      }
    }));

  test('WAIT-10.3 10,000 waits at once on one signal have one listener', () =>
    withLoop((loop) => {
      const controller = new AbortController();
      const queue = loop.owns(new TinyQueue<number>());
      const waiters = Array.from({ length: 10_000 }, () => queue.get({ signal: controller.signal }));
      expect(listeners(controller.signal)).toBe(1);
      controller.abort('no');
      expect(listeners(controller.signal)).toBe(0);
      expect(waiters.every((waiter) => thrownBy(() => waiter.result()) === 'no')).toBe(true);
    }));
});
