/** What went wrong elsewhere, each as a test here. */
import { CancelledError, TimeoutError } from '@aiokit/loop-core';
import { Queue, QueueShutDown } from '@aiokit/queue';
import { type Coroutine, createTask, sleep, type Task } from '@aiokit/task';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { nameOf, settle, thrownBy, withLoop } from './with-loop.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

function* getting<T>(queue: Queue<T>): Coroutine<T> {
  return yield* queue.get();
}

function* putting<T>(queue: Queue<T>, item: T): Coroutine<void> {
  yield* queue.put(item);
}

describe('order', () => {
  test('QUEUE-13.1 asyncio gh-83055: getNowait and putNowait in one tick; those who waited are first, and in order', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<unknown>(1));
      queue.putNowait(0);
      for (const item of [1, 2]) createTask(putting(queue, item));
      loop.tick();
      expect(queue.getNowait()).toBe(0);
      // asyncio lets `x` in, and 1 goes to the end of the line: x, 2, 1.
      expect(nameOf(thrownBy(() => queue.putNowait('x')))).toBe('QueueFull');
      createTask(putting<unknown>(queue, 'x'));
      const order: unknown[] = [];
      for (let item = 0; item < 3; item++) {
        loop.runUntilIdle();
        order.push(queue.getNowait());
      }
      expect(order).toEqual([1, 2, 'x']);
    }));

  test('QUEUE-13.1 asyncio gh-83055: a getter is not starved by getNowait', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const getter = createTask(getting(queue));
      loop.tick();
      queue.putNowait(1);
      expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
      loop.tick();
      expect(getter.result()).toBe(1);
    }));
});

describe('items', () => {
  test('QUEUE-13.2 effection: an item is put and the consumer is cancelled in one tick; the item is there', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const consumer = createTask(getting(queue));
      loop.tick();
      queue.putNowait('item');
      consumer.cancel();
      loop.tick();
      expect(consumer.cancelled()).toBe(true);
      expect([queue.qsize(), queue.getNowait()]).toEqual([1, 'item']);
    }));

  test('QUEUE-13.2 asyncio bpo-23812, gh-108042: a getter or putter is cancelled in its turn; the next one has it', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      const getters = [1, 2].map(() => createTask(getting(queue)));
      loop.tick();
      queue.putNowait('a');
      getters[0]?.cancel();
      loop.runUntilIdle();
      expect(getters[1]?.result()).toBe('a');
      queue.putNowait('b');
      const putters = ['c', 'd'].map((item) => createTask(putting(queue, item)));
      loop.tick();
      expect(queue.getNowait()).toBe('b');
      putters[0]?.cancel();
      loop.runUntilIdle();
      expect([putters[1]?.done(), queue.getNowait(), queue.empty()]).toEqual([true, 'd', true]);
    }));

  test('QUEUE-13.2 @core/asyncutil: undefined is an item', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<undefined>());
      const waiting = createTask(getting(queue));
      loop.tick();
      queue.putNowait(undefined);
      queue.putNowait(undefined);
      loop.tick();
      expect([waiting.result(), queue.qsize(), queue.getNowait()]).toEqual([undefined, 1, undefined]);
    }));

  test('QUEUE-13.2 Effect: whoever is interrupted wherever, all items and places are there in the end', () =>
    withLoop((loop) => {
      for (let at = 0; at < 8; at++) {
        const queue = loop.owns(new Queue<number>(2));
        let got = 0;
        const tasks: Task<void>[] = [];
        for (let name = 0; name < 4; name++) {
          tasks.push(
            createTask(
              (function* (): Coroutine<void> {
                for (;;) yield* queue.put(name);
              })(),
            ),
            createTask(
              (function* (): Coroutine<void> {
                for (;;) {
                  yield* queue.get();
                  got++;
                  yield* sleep(0);
                }
              })(),
            ),
          );
        }
        for (let tick = 0; tick < at; tick++) loop.tick();
        for (const task of tasks) task.cancel();
        loop.runUntilIdle();
        const { items, unfinished } = queue.statistics();
        expect([at, got + items]).toEqual([at, unfinished]);
        while (!queue.full()) queue.putNowait(0);
        expect(queue.qsize()).toBe(2);
      }
    }));
});

describe('waiting', () => {
  test('QUEUE-13.2 @core/asyncutil: a getter aborts, then an item is put; the next getter wakes', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const controller = new AbortController();
      const aborted = queue.get({ signal: controller.signal });
      const next = createTask(getting(queue));
      loop.tick();
      controller.abort('no');
      queue.putNowait('item');
      loop.tick();
      expect([next.result(), thrownBy(() => aborted.result())]).toEqual(['item', 'no']);
    }));

  test('QUEUE-13.2 @core/asyncutil, p-event, CAF: 100 operations on a signal leave no listener', () =>
    withLoop(async (loop) => {
      const { signal } = new AbortController();
      const queue = loop.owns(new Queue<number>(1));
      const consumer = createTask(async () => {
        for (let item = 0; item < 50; item++) await queue.get({ signal });
        return 'done';
      });
      const producer = createTask(
        (function* (): Coroutine<void> {
          for (let item = 0; item < 50; item++) yield* queue.put(item, { signal });
        })(),
      );
      expect(await loop.runUntilCompleteAsync(consumer)).toBe('done');
      await settle(loop);
      expect([producer.done(), listeners(signal)]).toEqual([true, 0]);
      const many = Array.from({ length: 100 }, () => queue.get({ signal }));
      expect(listeners(signal)).toBe(1);
      for (const one of many) one.abandon();
      expect(listeners(signal)).toBe(0);
    }));

  test('QUEUE-13.2 async-mutex: 1000 time-outs leave nobody in the queue', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      const gets = Array.from({ length: 1000 }, () => queue.get({ timeoutMs: 1 }));
      loop.advance(1);
      for (const get of gets) expect(thrownBy(() => get.result())).toBeInstanceOf(TimeoutError);
      expect(queue.statistics().getters).toBe(0);
      queue.putNowait(0);
      const puts = Array.from({ length: 1000 }, () => queue.put(1, { timeoutMs: 1 }));
      loop.advance(1);
      for (const put of puts) expect(thrownBy(() => put.result())).toBeInstanceOf(TimeoutError);
      expect(queue.statistics()).toMatchObject({ putters: 0, items: 1, unfinished: 1 });
    }));

  test('QUEUE-13.2 async-mutex: a batch that timed out blocks nobody', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(3));
      queue.putNowait(1);
      const heavy = queue.getMany({ min: 2, timeoutMs: 5 });
      const light = createTask(getting(queue));
      loop.advance(5);
      loop.tick();
      expect([nameOf(thrownBy(() => heavy.result())), light.result()]).toEqual(['TimeoutError', 1]);
    }));

  test('QUEUE-13.2 fastq, p-limit, p-queue: everybody who waits is told when the queue is shut down', () =>
    withLoop(async (loop) => {
      for (const immediate of [false, true]) {
        const queue = loop.owns(new Queue<number>(1));
        await queue.put(0);
        const puts = [1, 2, 3].map((item) => Promise.resolve(queue.put(item)));
        const told = Promise.allSettled(puts);
        await settle(loop);
        queue.shutdown({ immediate });
        await settle(loop);
        const reasons = (await told).map((one) => (one as PromiseRejectedResult).reason as Error);
        expect(reasons.map(nameOf)).toEqual(['QueueShutDown', 'QueueShutDown', 'QueueShutDown']);
        expect(reasons[0]).toBeInstanceOf(QueueShutDown);
      }
    }));
});

describe('as a lock', () => {
  /** Whoever has the one item has the lock. */
  const makeLock = (): Queue<string> => {
    const lock = new Queue<string>(1);
    lock.putNowait('key');
    return lock;
  };

  test('QUEUE-13.2 p-queue: one at a time, whoever gives up', () =>
    withLoop((loop) => {
      const lock = loop.owns(makeLock());
      let inside = 0;
      let most = 0;
      let turns = 0;
      const tasks = Array.from({ length: 20 }, (_, name) =>
        createTask(
          (function* (): Coroutine<void> {
            const key = yield* lock.get(name % 3 === 0 ? { timeoutMs: name } : undefined);
            try {
              most = Math.max(most, ++inside);
              turns++;
              yield* sleep(2);
            } finally {
              inside--;
              lock.putNowait(key);
            }
          })(),
        ),
      );
      loop.callLater(3, () => tasks[4]?.cancel());
      loop.callLater(4, () => tasks[2]?.cancel());
      loop.runUntilIdle();
      for (const task of tasks) if (!task.cancelled()) task.exception();
      expect([most, inside, lock.qsize()]).toEqual([1, 0, 1]);
      expect(turns).toBeGreaterThan(5);
      expect(tasks.every((task) => task.done())).toBe(true);
    }));

  test('QUEUE-13.2 async-sema, @std/async: giving back twice does not let two in', () =>
    withLoop((loop) => {
      const lock = loop.owns(makeLock());
      const key = lock.getNowait();
      const next = createTask(getting(lock));
      loop.tick();
      lock.putNowait(key);
      expect(nameOf(thrownBy(() => lock.putNowait(key)))).toBe('QueueFull');
      loop.tick();
      expect([next.result(), lock.empty()]).toEqual(['key', true]);
    }));

  test('QUEUE-13.2 asyncio: a time limit that ends with the turn swallows no cancellation', () =>
    withLoop((loop) => {
      const lock = loop.owns(new Queue<string>(1));
      const task = createTask(
        (function* (): Coroutine<string> {
          return yield* lock.get({ timeoutMs: 5 });
        })(),
      );
      loop.callLater(5, () => {
        task.cancel();
        lock.putNowait('key');
      });
      loop.runUntilIdle();
      expect([task.cancelled(), lock.qsize()]).toEqual([true, 1]);
      expect(thrownBy(() => task.result())).toBeInstanceOf(CancelledError);
    }));
});

test('QUEUE-13.2 p-queue, async-lock: an async function goes on in its AsyncLocalStorage context', () =>
  withLoop(async (loop) => {
    const store = new AsyncLocalStorage<string>();
    const queue = loop.owns(new Queue<number>());
    const seen: unknown[] = [];
    const consumer = store.run('consumer', async () => {
      await queue.get();
      seen.push(store.getStore());
      for await (const item of queue) seen.push(item, store.getStore());
    });
    await settle(loop);
    store.run('producer', () => queue.putNowait(1));
    await settle(loop);
    store.run('producer', () => {
      queue.putNowait(2);
      queue.shutdown();
    });
    await settle(loop);
    await consumer;
    expect(seen).toEqual(['consumer', 2, 'consumer']);
  }));
