/** What queues cost: memory, and that time does not grow faster than the work. */
import { LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import { describe, expect, test } from 'vitest';
import { withLoop } from './with-loop.js';

declare const gc: () => void;

/** Bytes of heap that each of so many things takes. */
function bytesOf(count: number, make: () => unknown): number {
  const things: unknown[] = Array.from({ length: count }, () => null);
  make();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < count; at++) things[at] = make();
  gc();
  const bytes = (process.memoryUsage().heapUsed - before) / count;
  expect(things).toHaveLength(count);
  return bytes;
}

describe('cost', () => {
  test('QUEUE-12.2 a queue that was never used takes at most 300 bytes', () => {
    expect(bytesOf(10_000, () => new Queue())).toBeLessThan(300);
  });

  test('QUEUE-12.2 one that has waited for an item and has none takes a few hundred more', () =>
    withLoop((loop) => {
      const bytes = bytesOf(2000, () => {
        const queue = new Queue<number>();
        const get = queue.get();
        queue.putNowait(1);
        get.result();
        loop.tick();
        return queue;
      });
      expect(bytes).toBeLessThan(1500);
    }));

  test('QUEUE-12.2 a million items take what an array of them does, and give it back', () => {
    const bytes = bytesOf(1, () => {
      const queue = new Queue<number>();
      for (let item = 0; item < 1_000_000; item++) queue.putNowait(item);
      return queue;
    });
    expect(bytes / 1_000_000).toBeLessThan(17);
    const emptied = bytesOf(1, () => {
      const queue = new Queue<number>();
      for (let item = 0; item < 1_000_000; item++) queue.putNowait(item);
      for (let item = 0; item < 1_000_000; item++) queue.getNowait();
      return queue;
    });
    expect(emptied).toBeLessThan(50_000);
  });

  test('QUEUE-12.1 many items come in order, from all of them', () => {
    const count = 100_000;
    for (const queue of [new Queue<number>(), new PriorityQueue<number>()]) {
      for (let item = 0; item < count; item++) queue.putNowait(item);
      let wrong = 0;
      for (let item = 0; item < count; item++) if (queue.getNowait() !== item) wrong++;
      expect([wrong, queue.qsize()]).toEqual([0, 0]);
    }
    const lifo = new LifoQueue<number>();
    for (let item = 0; item < count; item++) lifo.putNowait(item);
    let wrong = 0;
    for (let item = count - 1; item >= 0; item--) if (lifo.getNowait() !== item) wrong++;
    expect(wrong).toBe(0);
  });

  test('QUEUE-12.1 items that were got are let go of', () => {
    const queue = new Queue<object>();
    const gone = new WeakRef(
      (() => {
        const item = { name: 'item' };
        queue.putNowait(item);
        queue.putNowait({});
        return queue.getNowait();
      })(),
    );
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      gc();
      expect(gone.deref()).toBe(undefined);
    });
  });
});
