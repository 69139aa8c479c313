/** What mutants of the queue do that nothing else noticed. */
import { LifoQueue, PriorityQueue, Queue, QueueEmpty } from '@aiokit/queue';
import { describe, expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

declare const gc: () => void;

/** Keeps its items itself, and takes back no last ones. */
class Own extends Queue<number> {
  items: number[] = [];
  /** The item that cannot be put, or be got. */
  bad = Infinity;

  protected override init(): void {
    this.items = [];
  }

  protected override putItem(item: number): void {
    if (item === this.bad) throw new RangeError(`no room for ${item}`);
    this.items.push(item);
  }

  protected override getItem(): number {
    if (this.items[0] === this.bad) throw new RangeError(`cannot get ${this.bad}`);
    return this.items.shift() as number;
  }

  protected override itemCount(): number {
    return this.items.length;
  }
}

describe('the name of the queue', () => {
  test('stands in the error of whoever joins or puts on another loop', () => {
    const queue = new Queue<number>(1);
    withLoop(() => {
      queue.putNowait(1);
      const join = queue.join();
      const put = queue.put(2);
      const shown = '<Queue maxsize=1 items=1 putters=1 tasks=1> is bound to a different event loop';
      expect(thrownBy(() => withLoop(() => queue.join()))).toMatchObject({ message: shown });
      expect(thrownBy(() => withLoop(() => queue.put(3)))).toMatchObject({ message: shown });
      join.abandon();
      put.abandon();
    });
  });
});

describe('a subclass that keeps its items itself', () => {
  test('throws what it throws when it has nothing to take the last ones back with', () => {
    const queue = new Own();
    queue.bad = 2;
    expect(() => queue.putMany([1, 2])).toThrow('no room for 2');
    expect(queue.items).toEqual([1]);
  });

  test('is not asked to take back what was not put', () => {
    const counts: number[] = [];
    class Told extends Own {
      protected override dropLast(count: number): void {
        counts.push(count);
        this.items.length -= count;
      }
    }
    const queue = new Told();
    queue.bad = 2;
    expect(() => queue.putMany([2])).toThrow('no room for 2');
    expect(() => queue.putMany([1, 3, 2])).toThrow('no room for 2');
    expect(counts).toEqual([2]);
  });

  test('gets its items back in order if one of many cannot be got', () =>
    withLoop((loop) => {
      const queue = new Own();
      const many = queue.getMany({ min: 3 });
      many.addDoneCallback(() => {});
      queue.bad = 3;
      for (const item of [1, 2]) queue.putNowait(item);
      queue.items.push(3);
      queue.putNowait(4);
      loop.runUntilIdle();
      expect(() => many.result()).toThrow('cannot get 3');
      expect([queue.getNowait(), queue.getNowait()]).toEqual([1, 2]);
      queue.bad = Infinity;
      expect([queue.getNowait(), queue.getNowait()]).toEqual([3, 4]);
    }));
});

describe('turns', () => {
  test('leave what nobody has a turn for, or waits for, to whoever comes', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const one = queue.get();
      const many = queue.getMany({ min: 5 });
      queue.putMany([1, 2, 3]);
      expect(queue.statistics()).toMatchObject({ items: 3, reservedItems: 1, getters: 1 });
      expect(queue.empty()).toBe(false);
      expect(queue.getNowait()).toBe(1);
      expect(() => queue.getNowait()).toThrow(QueueEmpty);
      expect(one.result()).toBe(2);
      many.abandon();
      expect(queue.getNowait()).toBe(3);
    }));

  test('pass over any number of those whose loop is closed', () => {
    const queue = new Queue<number>();
    withLoop((loop) => {
      for (let left = 20_000; left > 0; left--) queue.get().addDoneCallback(() => {});
      loop.close();
    });
    queue.putNowait(1);
    expect(queue.statistics()).toMatchObject({ items: 1, getters: 0, reservedItems: 0 });
    expect(queue.getNowait()).toBe(1);
  });
});

describe('a turn that comes before anybody listens', () => {
  test('keeps its place until the next iteration, and is not done until then', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const got: string[] = [];
      const [one, other] = [queue.get(), queue.get()];
      other.addDoneCallback(() => got.push(`other ${other.result()}`));
      queue.putMany([1, 2]);
      expect(one.done()).toBe(false);
      for (const listener of ['first', 'second'])
        one.addDoneCallback(() => got.push(`${listener} ${one.result()}`));
      loop.runUntilIdle();
      expect(got).toEqual(['first 1', 'other 2', 'second 1']);
      expect(one.done()).toBe(true);
    }));

  test('is told to both who await it', async () => {
    const queue = new Queue<number>();
    const one = queue.get();
    queue.putNowait(1);
    expect(await Promise.all([one, one])).toEqual([1, 1]);
  });
});

describe('items', () => {
  test('that were got are not held, also after the queue has grown', async () => {
    const queue = new Queue<object>();
    const refs: WeakRef<object>[] = [];
    for (let count = 0; count < 9; count++) {
      const item = {};
      refs.push(new WeakRef(item));
      queue.putNowait(item);
    }
    while (queue.qsize() > 1) queue.getNowait();
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(1);
    queue.getNowait();
  });

  test('are compared as tuples only if both are arrays, and null as a number', () => {
    const nulls = new PriorityQueue<unknown>();
    for (const item of [[null], [null], [1]]) nulls.putNowait(item);
    expect([nulls.getNowait(), nulls.getNowait(), nulls.getNowait()]).toEqual([[null], [null], [1]]);
    const mixed = new PriorityQueue<unknown>();
    mixed.putNowait(1);
    expect(() => mixed.putNowait([1])).toThrow(TypeError);
  });

  test('of a stack that come back are where they were, among those that came since', () =>
    withLoop(() => {
      const queue = new LifoQueue<number>();
      for (const item of [1, 2, 3]) queue.putNowait(item);
      const [three, two, one] = [queue.get(), queue.get(), queue.get()];
      queue.putNowait(4);
      two.abandon();
      three.abandon();
      one.abandon();
      expect([queue.getNowait(), queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([
        4, 3, 2, 1,
      ]);
    }));

  test('are gone through by an iterator that is its own', async () => {
    const queue = new Queue<number>();
    const iterator = queue[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    queue.putNowait(1);
    const asked = iterator.next();
    queue.putNowait(2);
    expect(queue.qsize()).toBe(1);
    expect(await asked).toEqual({ done: false, value: 1 });
  });
});
