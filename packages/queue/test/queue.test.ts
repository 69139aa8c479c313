/** What a queue does, by example. */
import { CancelledError, type Operation, TimeoutError } from '@aiokit/loop-core';
import {
  isQueueEmpty,
  isQueueFull,
  isQueueShutDown,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
} from '@aiokit/queue';
import { type Coroutine, createTask, sleep, type Task } from '@aiokit/task';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { nameOf, settle, thrownBy, withLoop } from './with-loop.js';

function* getting<T>(queue: Queue<T>): Coroutine<T> {
  return yield* queue.get();
}

function* putting<T>(queue: Queue<T>, item: T): Coroutine<void> {
  yield* queue.put(item);
}

/** What a task has come to. */
const outcome = <T>(task: Task<T>): unknown =>
  task.done()
    ? nameOf(task.cancelled() ? new CancelledError() : (task.exception() ?? task.result()))
    : 'pending';

const drain = <T>(queue: Queue<T>): T[] => {
  const items: T[] = [];
  // No further than there are items: whoever miscounts turns may never call it empty.
  for (let left = queue.qsize(); left > 0 && !queue.empty(); left--) items.push(queue.getNowait());
  return items;
};

describe('making one', () => {
  test.each([
    [-1, RangeError, 'maxsize must be an integer of 0 or more, got -1'],
    [1.5, RangeError, 'maxsize must be an integer of 0 or more, got 1.5'],
    [Number.NaN, RangeError, 'maxsize must be an integer of 0 or more, got NaN'],
    ['x', TypeError, "maxsize must be an integer of 0 or more, got 'x'"],
    [null, TypeError, 'maxsize must be an integer of 0 or more, got null'],
    [{}, TypeError, 'maxsize must be an integer of 0 or more, got [object Object]'],
  ])('QUEUE-1.1 refuses a maxsize of %s', (maxsize, type, message) => {
    for (const Type of [Queue, LifoQueue, PriorityQueue]) {
      const error = thrownBy(() => new Type(maxsize as never));
      expect([(error as Error).constructor, (error as Error).message]).toEqual([type, message]);
    }
  });

  test('QUEUE-1.1 without a maxsize, with 0 or Infinity, there is always a place', () => {
    for (const queue of [new Queue<number>(), new Queue<number>(0), new Queue<number>(Infinity)]) {
      for (let item = 0; item < 100; item++) queue.putNowait(item);
      expect([queue.full(), queue.qsize()]).toEqual([false, 100]);
    }
    expect([new Queue().maxsize, new Queue(3).maxsize]).toEqual([0, 3]);
  });

  test('QUEUE-1.2 prints what it has', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      expect(inspect(queue)).toBe('<Queue maxsize=1>');
      queue.putNowait('a');
      const put = queue.put('b');
      expect(String(queue)).toBe('<Queue maxsize=1 items=1 putters=1 tasks=1>');
      queue.shutdown({ immediate: true });
      expect(nameOf(thrownBy(() => put.result()))).toBe('QueueShutDown');
      expect(String(queue)).toBe('<Queue maxsize=1 shutdown>');
      const lifo = loop.owns(new LifoQueue<string>());
      const got = lifo.get();
      expect(String(lifo)).toBe('<LifoQueue maxsize=0 getters=1>');
      got.abandon();
    }));

  test('QUEUE-1.3 errors have a name, a code and a guard', () => {
    const kinds = [
      [QueueEmpty, 'QueueEmpty', 'QUEUE_EMPTY', isQueueEmpty],
      [QueueFull, 'QueueFull', 'QUEUE_FULL', isQueueFull],
      [QueueShutDown, 'QueueShutDown', 'QUEUE_SHUT_DOWN', isQueueShutDown],
    ] as const;
    for (const [Type, name, code, guard] of kinds) {
      const error = new Type('why');
      expect([error.name, error.code, error.message, error instanceof Error]).toEqual([
        name,
        code,
        'why',
        true,
      ]);
      expect(kinds.map(([, , , other]) => other(error))).toEqual(
        kinds.map(([, , , other]) => other === guard),
      );
      expect([guard(new Error('other')), guard(undefined), guard(null)]).toEqual([false, false, false]);
    }
  });

  test('QUEUE-1.4 statistics say what is there and who waits', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      expect(queue.statistics()).toEqual({
        items: 0,
        reservedItems: 0,
        reservedPlaces: 0,
        getters: 0,
        putters: 0,
        joiners: 0,
        unfinished: 0,
      });
      queue.putNowait(1);
      const puts = [queue.put(2), queue.put(3)];
      const joins = [queue.join(), queue.join()];
      queue.getNowait();
      expect(queue.statistics()).toMatchObject({ items: 0, reservedPlaces: 1, putters: 1, joiners: 2 });
      loop.tick();
      expect(queue.statistics()).toMatchObject({ items: 1, putters: 1, unfinished: 2 });
      queue.getNowait();
      loop.tick();
      queue.getNowait();
      const get = queue.get();
      expect(queue.statistics()).toMatchObject({ getters: 1, unfinished: 3 });
      queue.putNowait(4);
      expect(queue.statistics()).toMatchObject({ getters: 0, items: 1, reservedItems: 1 });
      expect(get.result()).toBe(4);
      for (let done = 0; done < 4; done++) queue.taskDone();
      expect([...puts, ...joins].map((one) => one.done())).toEqual([true, true, true, true]);
      for (const one of joins) one.result();
    }));
});

describe('at once', () => {
  test('QUEUE-2.1 passes items on in order; undefined and null are items', () => {
    const queue = new Queue<unknown>();
    const items = [1, undefined, null, 0, '', false, Number.NaN];
    for (const item of items) queue.putNowait(item);
    expect(queue.qsize()).toBe(items.length);
    expect(drain(queue)).toEqual(items);
  });

  test('QUEUE-2.2 throws where there is no item or no place, and changes nothing', () => {
    const queue = new Queue<number>(1);
    expect([queue.empty(), queue.full()]).toEqual([true, false]);
    expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
    queue.putNowait(1);
    expect([queue.empty(), queue.full()]).toEqual([false, true]);
    expect(nameOf(thrownBy(() => queue.putNowait(2)))).toBe('QueueFull');
    expect(queue.statistics()).toMatchObject({ items: 1, unfinished: 1 });
    expect(drain(queue)).toEqual([1]);
  });

  test('QUEUE-2.3 a reserved item counts, and is not to be had', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait('a');
      expect([queue.qsize(), queue.empty()]).toEqual([1, true]);
      expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
      loop.tick();
      expect([outcome(task), queue.qsize()]).toEqual(['a', 0]);
    }));

  test('QUEUE-2.4 a reserved place is taken', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      queue.putNowait('a');
      const task = createTask(putting(queue, 'b'));
      loop.tick();
      expect(queue.getNowait()).toBe('a');
      expect([queue.qsize(), queue.full()]).toEqual([0, true]);
      expect(nameOf(thrownBy(() => queue.putNowait('c')))).toBe('QueueFull');
      loop.tick();
      expect([outcome(task), drain(queue)]).toEqual([undefined, ['b']]);
    }));

  test('QUEUE-2.5 getNowait takes the first of what is not reserved for all, who has a turn the next', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait('a');
      queue.putNowait('b');
      expect([queue.empty(), queue.getNowait(), queue.empty()]).toEqual([false, 'a', true]);
      loop.tick();
      expect(outcome(task)).toBe('b');
    }));
});

describe('put', () => {
  test('QUEUE-3.1 is done at once where there is a place', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<number>(3));
      const put = queue.put(1);
      expect([put.done(), put.result(), queue.qsize()]).toEqual([true, undefined, 1]);
      const steps: string[] = [];
      const task = createTask(
        (function* (): Coroutine<void> {
          yield* queue.put(2);
          steps.push('put');
        })(),
      );
      loop.callSoon(() => steps.push('next callback'));
      loop.tick();
      expect([steps, task.done()]).toEqual([['put', 'next callback'], true]);
      expect(await queue.put(3)).toBe(undefined);
      expect(drain(queue)).toEqual([1, 2, 3]);
    }));

  test('QUEUE-3.2 waits in line while there is none', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      queue.putNowait('a');
      const tasks = ['b', 'c'].map((item) => createTask(putting(queue, item)));
      loop.tick();
      expect([tasks.map(outcome), queue.qsize()]).toEqual([['pending', 'pending'], 1]);
      expect(queue.getNowait()).toBe('a');
      loop.tick();
      expect([tasks.map(outcome), queue.qsize()]).toEqual([[undefined, 'pending'], 1]);
      expect(queue.getNowait()).toBe('b');
      loop.tick();
      expect([tasks.map(outcome), drain(queue)]).toEqual([[undefined, undefined], ['c']]);
    }));

  test('QUEUE-3.3 a newcomer waits behind who has its turn, also where there is a place for it', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(2));
      queue.putNowait('a');
      queue.putNowait('b');
      const tasks = [createTask(putting(queue, 'c'))];
      loop.tick();
      expect([queue.getNowait(), queue.getNowait()]).toEqual(['a', 'b']);
      const late = queue.put('d');
      expect([late.done(), queue.full()]).toEqual([false, true]);
      tasks.push(createTask(putting(queue, 'e')));
      loop.runUntilIdle();
      expect([late.done(), tasks.map(outcome)]).toEqual([true, [undefined, 'pending']]);
      expect([queue.getNowait(), queue.getNowait()]).toEqual(['c', 'd']);
      loop.runUntilIdle();
      expect([tasks.map(outcome), drain(queue)]).toEqual([[undefined, undefined], ['e']]);
    }));

  test('QUEUE-3.3 a newcomer whose turn comes with the cancellation of the one before it is woken all the same', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(2));
      queue.putNowait('a');
      queue.putNowait('b');
      const task = createTask(putting(queue, 'c'));
      loop.tick();
      drain(queue);
      const late = createTask(putting(queue, 'd'));
      task.cancel();
      loop.runUntilIdle();
      expect([outcome(task), outcome(late), drain(queue)]).toEqual(['CancelledError', undefined, ['d']]);
    }));

  test('QUEUE-3.4 what nobody awaits is put all the same, in order', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      for (let item = 0; item < 5; item++) void queue.put(item);
      const got: number[] = [];
      for (let item = 0; item < 5; item++) {
        got.push(queue.getNowait());
        loop.tick();
      }
      expect(got).toEqual([0, 1, 2, 3, 4]);
    }));

  test('QUEUE-3.4 what is awaited later is put in the meantime', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<number>(1));
      queue.putNowait(0);
      const put = queue.put(1);
      queue.getNowait();
      loop.tick();
      expect(queue.qsize()).toBe(1);
      expect(await put).toBe(undefined);
      expect(drain(queue)).toEqual([1]);
    }));

  test('QUEUE-3.4 what nobody awaits when the queue is shut down is not put, and nothing is reported', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      queue.putNowait(0);
      const put = queue.put(1);
      queue.shutdown();
      loop.runUntilIdle();
      expect(nameOf(thrownBy(() => put.result()))).toBe('QueueShutDown');
      expect(drain(queue)).toEqual([0]);
    }));

  test('QUEUE-3.5 abandoning leaves an item that is in the queue, and takes back one that waits', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      queue.put('a').abandon();
      const waiting = queue.put('b');
      const behind = createTask(putting(queue, 'c'));
      loop.tick();
      waiting.abandon();
      expect(queue.getNowait()).toBe('a');
      loop.runUntilIdle();
      expect([outcome(behind), queue.getNowait(), queue.empty()]).toEqual([undefined, 'c', true]);
      queue.putNowait('d');
      const granted = queue.put('e');
      const next = createTask(putting(queue, 'f'));
      loop.tick();
      queue.getNowait();
      granted[Symbol.dispose]();
      loop.runUntilIdle();
      expect([outcome(next), drain(queue)]).toEqual([undefined, ['f']]);
    }));

  test('QUEUE-3.6 refuses options that make no sense', () => {
    const queue = new Queue<number>();
    const bad = [
      [1, TypeError],
      [null, TypeError],
      [{ timeoutMs: '5' }, TypeError],
      [{ timeoutMs: Number.NaN }, RangeError],
      [{ signal: {} }, TypeError],
    ] as const;
    const calls = [
      (options: never) => queue.put(1, options),
      (options: never) => queue.putMany([1], options),
      (options: never) => queue.get(options),
      (options: never) => queue.next(options),
      (options: never) => queue.getMany(options),
      (options: never) => queue.join(options),
    ];
    for (const [options, type] of bad) {
      for (const call of calls) {
        expect((thrownBy(() => call(options as never)) as Error).constructor).toBe(type);
      }
    }
    expect(queue.statistics()).toMatchObject({ items: 0, getters: 0, unfinished: 0 });
  });

  test('QUEUE-3.7 with an aborted signal puts nothing, and with no time tries once', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      const signal = AbortSignal.abort('no');
      expect(thrownBy(() => queue.put(1, { signal }).result())).toBe('no');
      expect(thrownBy(() => queue.putMany([1], { signal }).result())).toBe('no');
      expect(queue.qsize()).toBe(0);
      expect(queue.put(1, { timeoutMs: 0 }).result()).toBe(undefined);
      for (const timeoutMs of [0, -5])
        expect(thrownBy(() => queue.put(2, { timeoutMs }).result())).toBeInstanceOf(TimeoutError);
      expect(drain(queue)).toEqual([1]);
    }));

  test('QUEUE-3.7 with no time a newcomer takes a place that nobody has a turn for', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(2));
      queue.putNowait('a');
      queue.putNowait('b');
      const task = createTask(putting(queue, 'c'));
      loop.tick();
      drain(queue);
      expect(queue.put('d', { timeoutMs: 0 }).done()).toBe(true);
      expect(thrownBy(() => queue.put('e', { timeoutMs: 0 }).result())).toBeInstanceOf(TimeoutError);
      loop.tick();
      expect([outcome(task), drain(queue)]).toEqual([undefined, ['d', 'c']]);
    }));
});

describe('get', () => {
  test('QUEUE-4.1 is done at once where there is an item', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<number>());
      for (const item of [1, 2, 3]) queue.putNowait(item);
      const get = queue.get();
      expect([get.done(), get.result(), queue.qsize()]).toEqual([true, 1, 2]);
      const steps: unknown[] = [];
      const task = createTask(
        (function* (): Coroutine<void> {
          steps.push(yield* queue.get());
        })(),
      );
      loop.callSoon(() => steps.push('next callback'));
      loop.tick();
      expect([steps, task.done()]).toEqual([[2, 'next callback'], true]);
      expect(await queue.get()).toBe(3);
    }));

  test('QUEUE-4.2 waits in line while there is none', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const tasks = [1, 2, 3].map(() => createTask(getting(queue)));
      loop.tick();
      queue.putNowait('a');
      queue.putNowait('b');
      expect(tasks.map(outcome)).toEqual(['pending', 'pending', 'pending']);
      loop.tick();
      expect(tasks.map(outcome)).toEqual(['a', 'b', 'pending']);
      queue.putNowait('c');
      loop.tick();
      expect(tasks.map(outcome)).toEqual(['a', 'b', 'c']);
    }));

  test('QUEUE-4.3 a newcomer waits behind who has its turn, also where there is an item for it', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait('a');
      queue.putNowait('b');
      const late = queue.get();
      expect([late.done(), queue.empty()]).toEqual([false, true]);
      loop.runUntilIdle();
      expect([outcome(task), late.result()]).toEqual(['a', 'b']);
    }));

  test('QUEUE-4.3 a newcomer is not kept waiting by a turn that is never taken', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const forgotten = queue.get();
      queue.putNowait('a');
      queue.putNowait('b');
      const task = createTask(getting(queue));
      loop.runUntilIdle();
      expect(outcome(task)).toBe('a');
      expect(forgotten.result()).toBe('b');
    }));

  test('QUEUE-4.4 the item is bound when it is delivered', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new PriorityQueue<number>());
      const task = createTask(getting(queue));
      const inAsync = Promise.resolve(queue.get());
      await settle(loop);
      const plain = queue.get();
      for (const item of [5, 4, 3]) queue.putNowait(item);
      queue.putNowait(1);
      expect([queue.qsize(), plain.result(), queue.qsize()]).toEqual([4, 1, 3]);
      loop.tick();
      expect(await inAsync).toBe(3);
      expect([outcome(task), queue.qsize()]).toEqual([4, 1]);
      expect(drain(queue)).toEqual([5]);
    }));

  test.each(['in a step', 'elsewhere'])('QUEUE-4.5 %s, an unobserved item goes back to its place', (where) =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      for (const item of ['a', 'b', 'c', 'd']) queue.putNowait(item);
      const scenes: (() => void)[] = [
        () => {
          queue.get().abandon();
          expect(queue.qsize()).toBe(4);
        },
        () => {
          const [one, two, three] = [queue.get(), queue.get(), queue.get()];
          one.abandon();
          three.abandon();
          two.abandon();
          two.abandon();
        },
        () => {
          const [one, two] = [queue.get(), queue.get()];
          two.abandon();
          expect(two.result()).toBe('b');
          const again = queue.get();
          again[Symbol.dispose]();
          one.abandon();
        },
        () => {
          const one = queue.get();
          expect(one.result()).toBe('a');
          one.abandon();
          expect(queue.qsize()).toBe(3);
        },
      ];
      if (where === 'elsewhere') for (const scene of scenes) scene();
      else {
        const task = createTask(
          (function* (): Coroutine<void> {
            for (const scene of scenes) scene();
            yield;
          })(),
        );
        loop.tick();
        loop.tick();
        task.result();
      }
      expect(drain(queue)).toEqual(['b', 'c', 'd']);
    }),
  );

  test('QUEUE-4.5 an item that goes back wakes who waits, also into a queue that has filled up', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>(1));
      queue.putNowait('a');
      const got = queue.get();
      const task = createTask(getting(queue));
      loop.tick();
      got.abandon();
      loop.tick();
      expect(outcome(task)).toBe('a');
      queue.putNowait('b');
      const other = queue.get();
      queue.putNowait('c');
      other.abandon();
      expect([queue.qsize(), queue.full()]).toEqual([2, true]);
      expect(drain(queue)).toEqual(['b', 'c']);
    }));

  test('QUEUE-4.5 one that waits gives its place up, or its turn', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const [first, second] = [queue.get(), queue.get()];
      const task = createTask(getting(queue));
      loop.tick();
      first.abandon();
      queue.putNowait('a');
      second.abandon();
      loop.tick();
      expect(outcome(task)).toBe('a');
      expect(nameOf(thrownBy(() => second.result()))).toBe('CancelledError');
    }));

  test('QUEUE-4.6 a thenable item comes as it is, but for await', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<unknown>());
      const thenable = { then: (resolve: (value: string) => void) => resolve('inner') };
      const put = (): void => queue.putNowait(thenable);
      put();
      expect(queue.getNowait()).toBe(thenable);
      put();
      expect(queue.get().result()).toBe(thenable);
      const atOnce = createTask(
        (function* (): Coroutine<boolean> {
          put();
          return (yield* queue.get()) === thenable;
        })(),
      );
      const later = createTask(
        (function* (): Coroutine<boolean> {
          return (yield* queue.get()) === thenable;
        })(),
      );
      loop.tick();
      put();
      loop.tick();
      expect([atOnce.result(), later.result()]).toEqual([true, true]);
      put();
      expect(await queue.get()).toBe('inner');
      const waiting = Promise.resolve(queue.get());
      await settle(loop);
      put();
      await settle(loop);
      expect(await waiting).toBe('inner');
      put();
      put();
      queue.shutdown();
      const got: unknown[] = [];
      for await (const item of queue) if (got.push(item) > 9) break;
      expect(got.map((item) => item === thenable)).toEqual([true, true]);
    }));

  test('QUEUE-4.7 with an aborted signal takes nothing, and with no time tries once', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      queue.putNowait(1);
      const signal = AbortSignal.abort('no');
      const calls = [
        () => queue.get({ signal }),
        () => queue.next({ signal }),
        () => queue.getMany({ signal }),
      ];
      for (const call of calls) expect(thrownBy(() => call().result())).toBe('no');
      expect(queue.qsize()).toBe(1);
      expect(queue.get({ timeoutMs: 0 }).result()).toBe(1);
      expect(thrownBy(() => queue.get({ timeoutMs: 0 }).result())).toBeInstanceOf(TimeoutError);
    }));

  test('QUEUE-4.7 with no time a newcomer takes an item that nobody has a turn for', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<string>());
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait('a');
      queue.putNowait('b');
      expect(queue.get({ timeoutMs: 0 }).result()).toBe('a');
      expect(thrownBy(() => queue.get({ timeoutMs: 0 }).result())).toBeInstanceOf(TimeoutError);
      loop.tick();
      expect(outcome(task)).toBe('b');
    }));

  test('QUEUE-4.7 a signal and a time limit end the wait', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const controller = new AbortController();
      const aborted = queue.get({ signal: controller.signal });
      const late = queue.get({ timeoutMs: 10 });
      const put = loop.owns(new Queue<number>(1));
      put.putNowait(1);
      const full = put.put(2, { timeoutMs: 10, signal: controller.signal });
      controller.abort('enough');
      expect(thrownBy(() => aborted.result())).toBe('enough');
      expect(thrownBy(() => full.result())).toBe('enough');
      loop.advance(9);
      expect(late.done()).toBe(false);
      loop.advance(1);
      expect(thrownBy(() => late.result())).toBeInstanceOf(TimeoutError);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      expect(put.qsize()).toBe(1);
    }));
});

describe('taskDone and join', () => {
  test('QUEUE-5.1 join ends when taskDone was called for every item', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      queue.putNowait(1);
      queue.putNowait(2);
      const join = queue.join();
      drain(queue);
      queue.taskDone();
      loop.tick();
      expect(join.done()).toBe(false);
      queue.taskDone();
      expect(join.result()).toBe(undefined);
    }));

  test('QUEUE-5.2 taskDone once too often is an error', () => {
    const queue = new Queue<number>();
    expect(thrownBy(() => queue.taskDone())).toEqual(new RangeError('taskDone() called too many times'));
    queue.putNowait(1);
    queue.taskDone();
    expect(thrownBy(() => queue.taskDone())).toBeInstanceOf(RangeError);
    expect(queue.statistics()).toMatchObject({ items: 1, unfinished: 0 });
  });

  test('QUEUE-5.3 join does not wait for nothing, and is woken though an item is put at once', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      expect(queue.join().done()).toBe(true);
      queue.putNowait(1);
      const tasks = [1, 2].map(() =>
        createTask(
          (function* (): Coroutine<string> {
            yield* queue.join();
            return 'joined';
          })(),
        ),
      );
      loop.tick();
      queue.taskDone();
      queue.putNowait(2);
      loop.tick();
      expect(tasks.map(outcome)).toEqual(['joined', 'joined']);
    }));

  test('QUEUE-5.4 join takes a signal and a time limit', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      expect(thrownBy(() => queue.join({ signal: AbortSignal.abort('no') }).result())).toBe('no');
      queue.putNowait(1);
      const controller = new AbortController();
      const [aborted, late] = [queue.join({ signal: controller.signal }), queue.join({ timeoutMs: 5 })];
      controller.abort('enough');
      loop.advance(5);
      expect(thrownBy(() => aborted.result())).toBe('enough');
      expect(thrownBy(() => late.result())).toBeInstanceOf(TimeoutError);
      expect(queue.statistics()).toMatchObject({ unfinished: 1, joiners: 0 });
    }));
});

describe('shutdown', () => {
  const shutDown = 'QueueShutDown';

  test('QUEUE-6.1 nothing is put any more, and what is there is got', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      queue.putNowait(1);
      queue.putNowait(2);
      queue.shutdown();
      expect(nameOf(thrownBy(() => queue.putNowait(3)))).toBe(shutDown);
      for (const put of [queue.put(3), queue.putMany([3]), queue.putMany([])])
        expect(nameOf(thrownBy(() => put.result()))).toBe(shutDown);
      expect([queue.get().result(), queue.getNowait()]).toEqual([1, 2]);
      expect(nameOf(thrownBy(() => queue.getNowait()))).toBe(shutDown);
      for (const get of [queue.get(), queue.getMany(), queue.get({ timeoutMs: 0 })])
        expect(nameOf(thrownBy(() => get.result()))).toBe(shutDown);
      const signal = AbortSignal.abort('no');
      for (const op of [queue.get({ signal }), queue.next({ signal }), queue.put(1, { signal })])
        expect(thrownBy(() => op.result())).toBe('no');
    }));

  test('QUEUE-6.2 those who wait are told in the next iteration, getters first', () =>
    withLoop((loop) => {
      const empty = loop.owns(new Queue<number>());
      const full = loop.owns(new Queue<number>(1));
      full.putNowait(1);
      const getters = [1, 2].map(() => createTask(getting(empty)));
      const putters = [2, 3].map((item) => createTask(putting(full, item)));
      loop.tick();
      empty.shutdown();
      full.shutdown();
      expect(getters.map(outcome)).toEqual(['pending', 'pending']);
      loop.tick();
      expect([getters.map(outcome), putters.map(outcome)]).toEqual([
        [shutDown, shutDown],
        [shutDown, shutDown],
      ]);
      expect(drain(full)).toEqual([1]);
    }));

  test('QUEUE-6.2 who has a turn has its item, and a turn that is given up goes to the next', () =>
    withLoop((loop) => {
      for (const cancelled of [false, true]) {
        const queue = loop.owns(new Queue<number>());
        const tasks = [1, 2, 3].map(() => createTask(getting(queue)));
        loop.tick();
        queue.putNowait(1);
        queue.shutdown();
        if (cancelled) tasks[0]?.cancel();
        loop.tick();
        expect(tasks.map(outcome)).toEqual(
          cancelled ? ['CancelledError', 1, shutDown] : [1, shutDown, shutDown],
        );
      }
    }));

  test('QUEUE-6.3 a putter who has its turn has not put', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(1));
      queue.putNowait(1);
      const task = createTask(putting(queue, 2));
      loop.tick();
      queue.getNowait();
      queue.shutdown();
      loop.tick();
      expect([outcome(task), queue.qsize()]).toEqual([shutDown, 0]);
    }));

  test('QUEUE-6.4 with immediate items are dropped and count as finished', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const task = createTask(getting(queue));
      loop.tick();
      for (const item of [1, 2, 3]) queue.putNowait(item);
      const join = queue.join();
      queue.shutdown({ immediate: true });
      expect([queue.qsize(), join.done()]).toEqual([0, true]);
      join.result();
      loop.tick();
      expect(outcome(task)).toBe(shutDown);
      const busy = loop.owns(new Queue<number>());
      busy.putNowait(1);
      busy.putNowait(2);
      busy.getNowait();
      const busyJoin = busy.join();
      busy.shutdown({ immediate: true });
      expect([busyJoin.done(), busy.statistics().unfinished]).toEqual([false, 1]);
      busy.taskDone();
      expect(busyJoin.result()).toBe(undefined);
      const early = loop.owns(new Queue<number>());
      early.putNowait(1);
      early.taskDone();
      early.shutdown({ immediate: true });
      expect(early.statistics().unfinished).toBe(0);
    }));

  test('QUEUE-6.4 without immediate join waits for the items', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      queue.putNowait(1);
      const join = queue.join();
      queue.shutdown();
      loop.tick();
      expect(join.done()).toBe(false);
      queue.getNowait();
      queue.taskDone();
      expect(join.result()).toBe(undefined);
    }));

  test('QUEUE-6.5 calling it again drops what is left, if immediate', () =>
    withLoop(() => {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.shutdown();
      queue.shutdown();
      expect(queue.qsize()).toBe(1);
      queue.shutdown({ immediate: true });
      expect(queue.qsize()).toBe(0);
      queue.shutdown();
      expect(String(queue)).toBe('<Queue maxsize=0 shutdown>');
    }));

  test('QUEUE-6.6 a newcomer waits until it is known whether an item comes back', () =>
    withLoop((loop) => {
      for (const cancelled of [false, true]) {
        const queue = loop.owns(new Queue<number>());
        const tasks = [createTask(getting(queue))];
        loop.tick();
        queue.putNowait(1);
        queue.shutdown();
        expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
        tasks.push(createTask(getting(queue)), createTask(getting(queue)));
        const late = queue.get();
        expect(late.done()).toBe(false);
        late.addDoneCallback(() => void thrownBy(() => late.result()));
        if (cancelled) tasks[0]?.cancel();
        loop.runUntilIdle();
        expect(tasks.map(outcome)).toEqual(
          cancelled ? ['CancelledError', shutDown, shutDown] : [1, shutDown, shutDown],
        );
        const error = nameOf(thrownBy(() => late.result()));
        expect(error).toBe(cancelled ? undefined : shutDown);
      }
    }));

  test('QUEUE-6.7 an item that comes back is there, or counts as finished', () =>
    withLoop(() => {
      for (const immediate of [false, true]) {
        const queue = new Queue<number>();
        queue.putNowait(1);
        const get = queue.get();
        const join = queue.join();
        queue.shutdown({ immediate });
        get.abandon();
        expect([queue.qsize(), join.done()]).toEqual([immediate ? 0 : 1, immediate]);
        join.abandon();
      }
    }));

  test('QUEUE-6.8 refuses options that are not an object', () => {
    const queue = new Queue<number>();
    for (const options of [true, null, 1]) {
      expect(thrownBy(() => queue.shutdown(options as never))).toEqual(
        new TypeError(`options must be an object, got ${options}`),
      );
    }
    queue.putNowait(1);
  });
});

describe('iteration', () => {
  test('QUEUE-7.1 for await gives the items, and ends with the queue', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<number>(1));
      const got: number[] = [];
      const consumer = (async () => {
        for await (const item of queue) if (got.push(item) > 9) break;
        return 'ended';
      })();
      const producer = createTask(
        (function* (): Coroutine<void> {
          for (let item = 0; item < 5; item++) yield* queue.put(item);
          queue.shutdown();
        })(),
      );
      expect(await loop.runUntilCompleteAsync(producer)).toBe(undefined);
      await settle(loop);
      expect([await consumer, got]).toEqual(['ended', [0, 1, 2, 3, 4]]);
      for await (const item of queue) expect.unreachable(String(item));
    }));

  test('QUEUE-7.1 leaving early leaves the rest', () =>
    withLoop(async () => {
      const queue = new Queue<number>();
      await queue.putMany([1, 2, 3]);
      for await (const item of queue) if (item === 2) break;
      expect(drain(queue)).toEqual([3]);
    }));

  test('QUEUE-7.2 next gives the items and the end in all three ways', () =>
    withLoop(async (loop) => {
      const queue = loop.owns(new Queue<number>());
      const task = createTask(
        (function* (): Coroutine<number[]> {
          const got: number[] = [];
          for (let next = yield* queue.next(); !next.done; next = yield* queue.next()) got.push(next.value);
          return got;
        })(),
      );
      queue.putNowait(1);
      loop.tick();
      queue.putNowait(2);
      loop.tick();
      const plain = queue.next();
      expect(plain.done()).toBe(false);
      queue.putNowait(3);
      queue.putNowait(4);
      loop.tick();
      expect(plain.result()).toEqual({ done: false, value: 4 });
      const waiting = queue.next();
      queue.shutdown();
      loop.tick();
      expect(outcome(task)).toEqual([1, 2, 3]);
      expect(waiting.result()).toEqual({ done: true, value: undefined });
      expect(await queue.next()).toEqual({ done: true, value: undefined });
    }));

  test('QUEUE-7.2 next gives its item back if nobody has seen it', () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    queue.putNowait(2);
    queue.next().abandon();
    expect(drain(queue)).toEqual([1, 2]);
  });
});

describe('batches', () => {
  function* gettingMany<T>(queue: Queue<T>, min: number, max?: number): Coroutine<T[]> {
    return yield* queue.getMany({ min, max });
  }

  test('QUEUE-8.1 putMany puts all or none', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(3));
      expect(queue.putMany([1, 2]).done()).toBe(true);
      expect(queue.putMany(new Set<number>()).done()).toBe(true);
      const put = queue.putMany([3, 4, 5]);
      const task = createTask(putting(queue, 6));
      loop.tick();
      expect([put.done(), queue.qsize(), queue.full()]).toEqual([false, 2, true]);
      queue.getNowait();
      loop.tick();
      expect([put.done(), queue.qsize()]).toEqual([false, 1]);
      queue.getNowait();
      loop.tick();
      expect([put.done(), queue.qsize(), outcome(task)]).toEqual([true, 3, 'pending']);
      expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([3, 4, 5]);
      loop.runUntilIdle();
      expect(drain(queue)).toEqual([6]);
    }));

  test('QUEUE-8.2 getMany takes what is there, up to max, and not before min', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      queue.putMany([1, 2, 3, 4]);
      expect(queue.getMany({ max: 2 }).result()).toEqual([1, 2]);
      expect(queue.getMany().result()).toEqual([3, 4]);
      const task = createTask(gettingMany(queue, 3, 4));
      loop.tick();
      queue.putNowait(5);
      queue.putNowait(6);
      loop.tick();
      expect([outcome(task), queue.qsize()]).toEqual(['pending', 2]);
      queue.putMany([7, 8, 9]);
      loop.tick();
      expect([outcome(task), drain(queue)]).toEqual([[5, 6, 7, 8], [9]]);
    }));

  test('QUEUE-8.2 it leaves what others have a turn for', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>());
      const many = createTask(gettingMany(queue, 1));
      const one = createTask(getting(queue));
      loop.tick();
      queue.putMany([1, 2, 3]);
      loop.tick();
      expect([outcome(many), outcome(one)]).toEqual([[1, 2], 3]);
    }));

  test('QUEUE-8.3 it makes do with fewer when no more can come', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(4));
      queue.putMany([1, 2]);
      const waits = createTask(gettingMany(queue, 3));
      loop.tick();
      // Three cannot be put, and three cannot be got: one must do with less.
      const put = queue.putMany([3, 4, 5]);
      loop.runUntilIdle();
      expect([outcome(waits), put.done(), drain(queue)]).toEqual([[1, 2], true, [3, 4, 5]]);
      queue.putNowait(6);
      const last = createTask(gettingMany(queue, 2));
      loop.tick();
      queue.shutdown();
      loop.tick();
      expect(outcome(last)).toEqual([6]);
      const more = loop.owns(new Queue<number>());
      more.putNowait(7);
      more.shutdown();
      expect(more.getMany({ min: 5 }).result()).toEqual([7]);
    }));

  test('QUEUE-8.4 who comes later waits behind a batch, until it gives up', () =>
    withLoop((loop) => {
      const queue = loop.owns(new Queue<number>(3));
      const controller = new AbortController();
      const many = queue.getMany({ min: 3, signal: controller.signal });
      const one = createTask(getting(queue));
      queue.putMany([1, 2]);
      loop.tick();
      expect([queue.empty(), outcome(one)]).toEqual([true, 'pending']);
      expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
      controller.abort('enough');
      loop.tick();
      expect([thrownBy(() => many.result()), outcome(one), drain(queue)]).toEqual(['enough', 1, [2]]);
      queue.putMany([3, 4]);
      const put = queue.putMany([5, 6], { timeoutMs: 5 });
      const task = createTask(putting(queue, 7));
      loop.tick();
      expect([queue.full(), outcome(task)]).toEqual([true, 'pending']);
      loop.advance(5);
      loop.tick();
      expect([nameOf(thrownBy(() => put.result())), outcome(task)]).toEqual(['TimeoutError', undefined]);
      expect(drain(queue)).toEqual([3, 4, 7]);
    }));

  test('QUEUE-8.5 refuses what makes no sense', () => {
    const queue = new Queue<number>(3);
    const messageOf = (action: () => unknown): string => String(thrownBy(action));
    expect(messageOf(() => queue.putMany([1, 2, 3, 4]))).toBe(
      'RangeError: items.length must be an integer of 0 to 3, got 4',
    );
    expect(messageOf(() => queue.putMany(1 as never))).toMatch('TypeError');
    expect(messageOf(() => queue.getMany({ min: 4 }))).toBe(
      'RangeError: min must be an integer of 1 to 3, got 4',
    );
    expect(messageOf(() => queue.getMany({ min: 0 }))).toMatch('RangeError: min must be');
    expect(messageOf(() => queue.getMany({ min: '1' as never }))).toMatch('TypeError: min must be');
    expect(messageOf(() => queue.getMany({ min: 2, max: 1 }))).toBe(
      'RangeError: max must be an integer of 2 or more, got 1',
    );
    expect(messageOf(() => queue.getMany({ max: 1.5 }))).toMatch('RangeError: max must be');
    expect(messageOf(() => new Queue().getMany({ min: Infinity }))).toMatch('RangeError: min must be');
    expect(queue.statistics()).toMatchObject({ items: 0, getters: 0, putters: 0 });
  });

  test('QUEUE-8.6 a batch that nobody has seen goes back in order', () => {
    for (const queue of [new Queue<number>(), new LifoQueue<number>(), new PriorityQueue<number>()]) {
      queue.putMany([1, 2, 3, 4]);
      const order = queue instanceof LifoQueue ? [4, 3, 2, 1] : [1, 2, 3, 4];
      const [many, one] = [queue.getMany({ max: 2 }), queue.get()];
      many.abandon();
      one.abandon();
      expect(drain(queue)).toEqual(order);
    }
  });
});

describe('other orders', () => {
  test('QUEUE-9.1 a LifoQueue delivers what was put last', () =>
    withLoop((loop) => {
      const queue = loop.owns(new LifoQueue<number>());
      for (const item of [1, 2, 3]) queue.putNowait(item);
      expect([queue.getNowait(), queue.qsize()]).toEqual([3, 2]);
      queue.putNowait(4);
      expect(drain(queue)).toEqual([4, 2, 1]);
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait(5);
      queue.putNowait(6);
      loop.tick();
      expect([outcome(task), drain(queue)]).toEqual([6, [5]]);
    }));

  test('QUEUE-9.2 a PriorityQueue delivers the smallest, and equals in order', () => {
    const numbers = new PriorityQueue<number>();
    for (const item of [5, 1, 4, 10, 2]) numbers.putNowait(item);
    expect(drain(numbers)).toEqual([1, 2, 4, 5, 10]);
    const tuples = new PriorityQueue<[number, string]>();
    for (const item of [
      [10, 'z'],
      [9, 'b'],
      [9, 'a'],
    ] as const)
      tuples.putNowait([...item]);
    expect(drain(tuples).map(String)).toEqual(['9,a', '9,b', '10,z']);
    const nested = new PriorityQueue<unknown[]>();
    for (const item of [[1, [2, 3]], [1, [2]], [1]]) nested.putNowait(item);
    expect(drain(nested)).toEqual([[1], [1, [2]], [1, [2, 3]]]);
    const dates = new PriorityQueue<Date>();
    for (const time of [2, 1, 1]) dates.putNowait(new Date(time));
    expect(drain(dates).map(Number)).toEqual([1, 1, 2]);
    const jobs = new PriorityQueue<{ name: string; rank: number }>(0, {
      compare: (one, other) => other.rank - one.rank,
    });
    for (const [rank, name] of Array.from('cacbab').entries())
      jobs.putNowait({ name: `${name}${rank}`, rank: rank % 2 });
    expect(drain(jobs).map(({ name }) => name)).toEqual(['a1', 'b3', 'b5', 'c0', 'c2', 'a4']);
  });

  test('QUEUE-9.2 it delivers what is smallest at delivery', () =>
    withLoop((loop) => {
      const queue = loop.owns(new PriorityQueue<number>());
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait(2);
      queue.putNowait(1);
      loop.tick();
      expect([outcome(task), drain(queue)]).toEqual([1, [2]]);
    }));

  test('QUEUE-9.3 what cannot be compared is refused, and nothing has changed', () =>
    withLoop((loop) => {
      const queue = loop.owns(new PriorityQueue<unknown>());
      queue.putNowait(1);
      const text =
        'an item must be a number, string, date or array of such, or there must be a comparator, got';
      for (const [item, shown] of [
        [{}, '[object Object]'],
        [undefined, 'undefined'],
        [Number.NaN, 'NaN'],
        [() => 1, '() => 1'],
      ] as const)
        expect(thrownBy(() => queue.putNowait(item))).toEqual(new TypeError(`${text} ${shown}`));
      expect(queue.statistics()).toMatchObject({ items: 1, unfinished: 1 });
      expect(thrownBy(() => new PriorityQueue(0, { compare: 1 as never }))).toEqual(
        new TypeError('compare must be a function, got 1'),
      );
    }));

  test('QUEUE-9.3 what a comparator throws is thrown where it was needed, and nobody is stuck', () =>
    withLoop((loop) => {
      let broken = false;
      const compare = (one: number, other: number): number => {
        if (broken) throw new Error('broken');
        return one - other;
      };
      const queue = loop.owns(new PriorityQueue<number>(3, { compare }));
      queue.putMany([3, 1, 2]);
      const tasks = [4, 5].map((item) => createTask(putting(queue, item)));
      loop.tick();
      broken = true;
      expect(thrownBy(() => queue.getNowait())).toEqual(new Error('broken'));
      broken = false;
      expect([queue.getNowait(), queue.qsize()]).toEqual([1, 2]);
      broken = true;
      loop.tick();
      broken = false;
      loop.runUntilIdle();
      expect([outcome(tasks[0] as Task<void>), outcome(tasks[1] as Task<void>)]).toEqual([
        'Error',
        undefined,
      ]);
      expect(drain(queue)).toEqual([2, 3, 5]);
      const getters = [1, 2].map(() => createTask(getting(queue)));
      loop.tick();
      queue.putMany([8, 7, 9]);
      broken = true;
      loop.tick();
      broken = false;
      expect([getters.map(outcome), drain(queue)]).toEqual([
        ['Error', 'Error'],
        [7, 8, 9],
      ]);
    }));

  /** A queue whose comparator throws at a comparison that is chosen. */
  class Tiring extends PriorityQueue<number> {
    left = Infinity;
    constructor(maxsize?: number) {
      super(maxsize, {
        compare: (one, other) => {
          if (--this.left < 0) throw new Error('tired');
          return one - other;
        },
      });
    }
  }

  test('QUEUE-8.1 QUEUE-9.3 a getMany whose comparator throws takes none, and gives no place away', () => {
    const throws = [0, 0];
    for (let left = 0; left < 12; left++) {
      for (const waits of [0, 1]) {
        withLoop((loop) => {
          const queue = loop.owns(new Tiring(6));
          const task = createTask(function* () {
            return yield* queue.getMany({ max: 5 });
          });
          if (waits) loop.tick();
          queue.putMany([30, 10, 20, 50, 40, 60]);
          const put = waits ? undefined : createTask(putting(queue, 5));
          // Whoever waits for a place waits for those that the batch leaves.
          if (put) {
            put.addDoneCallback(() => {});
            task.cancel();
            loop.tick();
          }
          queue.left = left;
          let result: unknown;
          if (waits) {
            loop.tick();
            result = outcome(task);
          } else {
            result = nameOf(thrownBy(() => void (result = queue.getMany({ max: 5 }).result()))) ?? result;
          }
          queue.left = Infinity;
          const failed = result === 'Error';
          if (failed) throws[waits]!++;
          expect(queue.statistics()).toMatchObject({
            items: failed ? 6 : 1,
            reservedItems: 0,
            reservedPlaces: !failed && put ? 1 : 0,
            putters: failed && put ? 1 : 0,
            unfinished: 6,
          });
          const batch = [10, 20, 30, 40, 50];
          expect(result).toEqual(failed ? 'Error' : batch);
          const rest = drain(queue);
          loop.runUntilIdle();
          expect([...rest, ...drain(queue)]).toEqual([...(failed ? batch : []), 60, ...(put ? [5] : [])]);
        });
      }
    }
    expect(Math.min(...throws)).toBeGreaterThan(6);
  });

  test('QUEUE-9.3 what was got and comes back is not refused by a comparator that throws', () => {
    const queue = new Tiring();
    queue.putMany([1, 2, 3]);
    const get = queue.get();
    queue.left = 0;
    get.abandon();
    expect(queue.qsize()).toBe(3);
    expect(thrownBy(() => queue.getNowait())).toEqual(new Error('tired'));
    queue.left = Infinity;
    expect(drain(queue)).toEqual([1, 2, 3]);
  });

  test('QUEUE-8.1 QUEUE-9.3 a putMany of which one is refused puts none', () =>
    withLoop((loop) => {
      /** Refuses odd items. */
      class Even extends Queue<number> {
        protected override putItem(item: number): void {
          if (item % 2) throw new TypeError('odd');
          super.putItem(item);
        }
      }
      class EvenLifo extends LifoQueue<number> {
        protected override putItem(item: number): void {
          if (item % 2) throw new TypeError('odd');
          super.putItem(item);
        }
      }
      for (const [make, odd, order] of [
        [() => new Even(6), 1, [8, 4, 6, 2]],
        [() => new EvenLifo(6), 1, [2, 6, 4, 8]],
        [() => new PriorityQueue<number>(6), {} as number, [2, 4, 6, 8]],
      ] as const) {
        const queue = loop.owns(make());
        expect(nameOf(thrownBy(() => queue.putMany([2, odd])))).toBe('TypeError');
        expect(queue.statistics()).toMatchObject({ items: 0, unfinished: 0 });
        queue.putMany([8, 4, 6]);
        expect(nameOf(thrownBy(() => queue.putMany([2, 0, odd])))).toBe('TypeError');
        expect(queue.statistics()).toMatchObject({ items: 3, unfinished: 3 });
        // Also in its turn: the places pass to the next.
        const filling = queue.putMany([10, 12, 14]);
        expect(filling.done()).toBe(true);
        const first = createTask(function* () {
          yield* queue.putMany([10, 0, odd]);
        });
        const second = createTask(putting(queue, 2));
        loop.tick();
        const got = [...Array(6).keys()].map(() => queue.getNowait()).filter((item) => item < 10);
        loop.runUntilIdle();
        expect([outcome(first), second.done()]).toEqual(['TypeError', true]);
        expect(queue.statistics()).toMatchObject({ items: 1, reservedPlaces: 0, putters: 0, unfinished: 7 });
        expect(drain(queue)).toEqual([2]);
        expect(new Set(got)).toEqual(new Set([4, 6, 8]));
        queue.putMany([8, 4, 6]);
        expect(nameOf(thrownBy(() => queue.putMany([0, 0, odd])))).toBe('TypeError');
        queue.putNowait(2);
        expect(drain(queue)).toEqual(order);
      }
    }));

  test('QUEUE-8.1 what a subclass cannot take out again stays, and counts', () => {
    class Own extends Queue<number> {
      readonly items: number[] = [];
      protected override init(): void {}
      protected override putItem(item: number): void {
        if (item === 0) throw new TypeError('zero');
        this.items.push(item);
      }
      protected override getItem(): number {
        return this.items.shift() as number;
      }
      protected override itemCount(): number {
        return this.items.length;
      }
    }
    const queue = new Own();
    const get = queue.get();
    expect(nameOf(thrownBy(() => queue.putMany([1, 2, 0])))).toBe('TypeError');
    expect(queue.statistics()).toMatchObject({ items: 2, reservedItems: 1, unfinished: 2 });
    expect([get.result(), drain(queue)]).toEqual([1, [2]]);
  });

  test('QUEUE-9.4 what comes back goes where it was', () => {
    const lifo = new LifoQueue<number>();
    for (const item of [1, 2, 3, 4]) lifo.putNowait(item);
    const [four, three, two] = [lifo.get(), lifo.get(), lifo.get()];
    lifo.putNowait(5);
    for (const op of [four, three, two]) op.abandon();
    expect(drain(lifo)).toEqual([5, 4, 3, 2, 1]);
    const priority = new PriorityQueue<[number, string]>(0, { compare: ([one], [other]) => one - other });
    for (const name of ['a', 'b', 'c']) priority.putNowait([1, name]);
    const [a, b] = [priority.get(), priority.get()];
    priority.putNowait([0, 'first']);
    a.abandon();
    b.abandon();
    expect(drain(priority).map(([, name]) => name)).toEqual(['first', 'a', 'b', 'c']);
  });

  test('QUEUE-9.5 a subclass keeps the items itself', () =>
    withLoop((loop) => {
      /** Drops what is there already. */
      class UniqueQueue<T> extends Queue<T> {
        items = new Set<T>();
        made: number[] = [];
        protected override init(maxsize: number): void {
          this.made.push(maxsize);
        }
        protected override putItem(item: T): void {
          this.items.add(item);
        }
        protected override getItem(): T {
          const [item] = this.items;
          this.items.delete(item as T);
          return item as T;
        }
        protected override itemCount(): number {
          return this.items.size;
        }
      }
      const queue = loop.owns(new UniqueQueue<string>(3));
      expect([queue.made, queue.qsize()]).toEqual([[], 0]);
      const task = createTask(getting(queue));
      loop.tick();
      for (const item of ['a', 'a', 'b', 'b']) queue.putNowait(item);
      expect([queue.made, queue.qsize(), queue.full()]).toEqual([[3], 2, false]);
      loop.tick();
      expect(outcome(task)).toBe('a');
      const get = queue.get();
      queue.putNowait('c');
      get.abandon();
      expect([String(queue), drain(queue)]).toEqual(['<UniqueQueue maxsize=3 items=2 tasks=5>', ['b', 'c']]);
    }));
});

describe('turns', () => {
  const endings = {
    'is taken': (operation: Operation<unknown>) => void operation.result(),
    'is abandoned': (operation: Operation<unknown>) => operation.abandon(),
    'is aborted': (_: unknown, controller: AbortController) => controller.abort('aborted'),
    'is refused': (operation: Operation<unknown>, _: unknown, queue: Queue<number>) => {
      queue.shutdown({ immediate: true });
      expect(thrownBy(() => operation.result())).toBeInstanceOf(QueueShutDown);
    },
  };

  test.each(Object.entries(endings))('QUEUE-11.1 QUEUE-11.2 a turn that %s is counted off once', (_, end) => {
    for (const side of ['get', 'put', 'getMany', 'putMany']) {
      withLoop((loop) => {
        const queue = loop.owns(new Queue<number>(2));
        const controller = new AbortController();
        const gets = side.startsWith('get');
        if (!gets) queue.putMany([1, 2]);
        const options = { signal: controller.signal };
        const operation: Operation<unknown> = {
          get: () => queue.get(options),
          put: () => queue.put(3, options),
          getMany: () => queue.getMany({ ...options, min: 2 }),
          putMany: () => queue.putMany([3, 4], options),
        }[side]!();
        expect(operation.done()).toBe(false);
        if (gets) queue.putMany([1, 2]);
        else drain(queue);
        const weight = side.endsWith('Many') ? 2 : 1;
        const reserved = () => {
          const { reservedItems, reservedPlaces } = queue.statistics();
          return [reservedItems, reservedPlaces];
        };
        expect(reserved()).toEqual(gets ? [weight, 0] : [0, weight]);
        end(operation, controller, queue);
        expect(reserved()).toEqual([0, 0]);
        const items = drain(queue).length;
        expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([true, false, 0]);
        expect(items).toBeLessThan(3);
        for (let left = 2; left > 0 && !queue.full(); left--) thrownBy(() => queue.putNowait(left));
        expect(queue.full()).toBe(queue.qsize() === 2);
      });
    }
  });
});

describe('loops', () => {
  test('QUEUE-10.2 under an oracle that turns everything round items keep their order', () =>
    withLoop(
      (loop) => {
        const queue = loop.owns(new Queue<number>(2));
        const got: number[] = [];
        const consumers = [1, 2].map(() =>
          createTask(
            (function* (): Coroutine<void> {
              for (let next = yield* queue.next(); !next.done; next = yield* queue.next())
                if (got.push(next.value) > 10) break;
            })(),
          ),
        );
        createTask(
          (function* (): Coroutine<void> {
            for (let item = 0; item < 10; item++) {
              yield* queue.put(item);
              if (item % 3 === 0) yield* sleep(1);
            }
            queue.shutdown();
          })(),
        );
        loop.runUntilIdle();
        expect(consumers.every((task) => task.done())).toBe(true);
        expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      },
      { choose: (_, n) => n - 1 },
    ));

  test('QUEUE-10.3 refuses who waits on another loop, and changes nothing', () => {
    const queue = new Queue<number>(1);
    withLoop((loop) => {
      const waiting = queue.get();
      expect(thrownBy(() => withLoop(() => queue.get()))).toMatchObject({
        code: 'OTHER_LOOP',
        message: '<Queue maxsize=1 getters=1> is bound to a different event loop',
      });
      queue.putNowait(1);
      loop.tick();
      expect(waiting.result()).toBe(1);
    });
    withLoop(() => {
      queue.putNowait(2);
      expect(queue.get().result()).toBe(2);
    });
  });

  test('QUEUE-10.3 outlives a loop that is closed under those who wait', () => {
    const queue = new Queue<number>(1);
    const asked = <O extends { addDoneCallback(callback: () => void): void }>(op: O): O => {
      op.addDoneCallback(() => {});
      return op;
    };
    const gets = withLoop((loop) => {
      const all = [1, 2, 3].map(() => asked(queue.get()));
      loop.close();
      return all;
    });
    queue.putNowait(1);
    const puts = withLoop((loop) => {
      const all = [asked(queue.put(2)), queue.put(3)];
      loop.close();
      return all;
    });
    expect(queue.getNowait()).toBe(1);
    for (const op of [...gets, ...puts]) expect(nameOf(thrownBy(() => op.result()))).toBe('CancelledError');
    withLoop((loop) => {
      const task = createTask(getting(queue));
      loop.tick();
      queue.putNowait(4);
      loop.tick();
      expect(outcome(task)).toBe(4);
    });
    expect(queue.statistics()).toMatchObject({ items: 0, getters: 0, putters: 0, reservedItems: 0 });
  });
});
