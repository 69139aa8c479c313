import { Future } from '@aiokit/future';
import { completed, isCancelledError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { coroutine, type Coroutine, createTask, select, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { TinyQueue } from './owners.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

function* after<T>(ms: number, value: T, log: string[] = []): Coroutine<T> {
  try {
    yield* sleep(ms);
    return value;
  } catch (error) {
    log.push((error as Error).name);
    throw error;
  }
}

describe('select', () => {
  inEveryForm('SELECT-1.1 takes the first that is there, and tells which it was', function* (loop) {
    expect(yield* select([sleep(20, 'a'), sleep(10, 'b')])).toEqual({ index: 1, value: 'b' });
    expect(loop.time()).toBe(10);
    const done = new Future<string>();
    done.setResult('done');
    expect(yield* select([sleep(20), done, completed('late')])).toEqual({ index: 1, value: 'done' });
    const failed = new Future<string>();
    failed.setException(new RangeError('far'));
    expect(yield* thrownIn(select([sleep(5), failed]))).toBeInstanceOf(RangeError);
    expect(yield* select([sleep(0, 'zero'), sleep(5)])).toEqual({ index: 0, value: 'zero' });
  });

  inEveryForm(
    'SELECT-1.2 gives operations back that it does not take, also those of the same iteration',
    function* () {
      const [one, two] = [new TinyQueue<string>(), new TinyQueue<string>()];
      const selection = select([one.get(), two.get(), sleep(1000)]);
      two.put('second');
      one.put('first');
      expect(yield* selection).toEqual({ index: 1, value: 'second' });
      expect([one.items, one.reserved, one.queue.size, two.items]).toEqual([['first'], 0, 0, []]);
      expect(yield* one.get()).toBe('first');
    },
  );

  inEveryForm(
    'SELECT-1.3 leaves futures and tasks alone, and cancels the tasks that it made',
    function* (loop) {
      const log: string[] = [];
      const task = createTask(after(20, 'task'));
      const future = new Future<string>();
      const made = select([task, future, after(1000, 'made', log), sleep(5, 'x')]);
      expect(yield* made).toEqual({ index: 3, value: 'x' });
      yield* sleep(1);
      expect([log, task.cancelling(), future.done(), loop.time()]).toEqual([['CancelledError'], 0, false, 6]);
      expect(yield* task).toBe('task');
      expect(yield* select([after(3, 'own'), sleep(10)])).toEqual({ index: 0, value: 'own' });
    },
  );

  test('SELECT-1.4 cancelled while it waits, it gives all back', () =>
    play(function* () {
      const queue = new TinyQueue<string>();
      const task = createTask(select([queue.get(), sleep(1000)]));
      yield* sleep(1);
      task.cancel('enough');
      expect(yield* thrownIn(task)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
      expect(queue.queue.size).toBe(0);
      queue.put('kept');
      expect(yield* queue.get()).toBe('kept');
    }));

  test('SELECT-1.5 cancelled once one is granted, it gives that back too', () =>
    play(function* () {
      const queue = new TinyQueue<string>();
      const task = createTask(select([queue.get(), sleep(1000)]));
      const next = createTask(queue.get());
      yield* sleep(1);
      queue.put('item');
      yield* sleep(0);
      task.cancel();
      expect(isCancelledError(yield* thrownIn(task))).toBe(true);
      expect(yield* next).toBe('item');
    }));

  test('SELECT-1.6 is an operation: it can be asked, cancelled, abandoned, and used', () =>
    play(function* (loop) {
      const queue = new TinyQueue<string>();
      const make = () => select([queue.get(), sleep(1000)]);
      const [waiting, cancelled, abandoned] = [make(), make(), make()];
      expect([waiting.done(), waiting.cancelled(), waiting.getLoop() === loop]).toEqual([false, false, true]);
      expect(String(waiting)).toBe('<Selection <Waiter waiting> | <Sleep pending>>');
      expect(thrownBy(() => waiting.result())).toMatchObject({ name: 'InvalidStateError' });
      expect([cancelled.cancel('no'), cancelled.cancel(), cancelled.cancelled()]).toEqual([
        true,
        false,
        true,
      ]);
      expect(thrownBy(() => cancelled.result())).toMatchObject({ message: 'no' });
      abandoned.abandon();
      abandoned[Symbol.dispose]();
      expect([abandoned.cancelled(), queue.queue.live]).toEqual([true, 1]);
      queue.put('item');
      yield* sleep(0);
      expect([waiting.done(), waiting.cancel(), waiting.result(), waiting.result()]).toEqual([
        true,
        false,
        { index: 0, value: 'item' },
        { index: 0, value: 'item' },
      ]);
      waiting.abandon();
      queue.put('next');
      const taken = make();
      taken.abandon();
      expect(isCancelledError(thrownBy(() => taken.result()))).toBe(true);
      expect([queue.items, queue.reserved]).toEqual([['next'], 0]);
    }));

  test('SELECT-1.7 within a select', () =>
    play(function* () {
      const queue = new TinyQueue<string>();
      const inner = select([queue.get(), sleep(50, 'inner')]);
      expect(yield* select([inner, sleep(5, 'outer')])).toEqual({ index: 1, value: 'outer' });
      expect([inner.cancelled(), queue.queue.size]).toEqual([true, 0]);
    }));

  test('SELECT-1.8 refuses what is no array, an empty one, and what cannot be awaited', () =>
    play(function* () {
      for (const [sources, name, message] of [
        [null, 'TypeError', 'sources must be an array, got null'],
        [sleep(0), 'TypeError', 'sources must be an array, got <Sleep pending>'],
        [[], 'RangeError', 'sources must not be empty'],
        [[5], 'TypeError', 'An asyncio.Future, a coroutine or an awaitable is required, got 5'],
      ] as const)
        expect(thrownBy(() => select(sources as never))).toMatchObject({ name, message });
      yield* sleep(0);
    }));

  test('SELECT-1.9 keeps to the loop that takes the place of its own', () => {
    const loop = new VirtualLoop();
    const selection = loop.runUntilComplete(
      (function* () {
        return [select([sleep(5)])] as const;
      })(),
    )[0];
    expect(selection.getLoop() === loop).toBe(true);
    selection.abandon();
    loop.close();
  });

  inBothHosts((host) => {
    test('SELECT-1.10 in an async function', () =>
      playAsync(async (scope) => {
        const queue = new TinyQueue<string>();
        expect(await host.wait(scope, select([sleep(5), Promise.resolve('p')]))).toEqual({
          index: 1,
          value: 'p',
        });
        expect(await host.wait(scope, select([queue.get(), sleep(5, 's')]))).toEqual({
          index: 1,
          value: 's',
        });
        const task = createTask(async (own) => host.wait(own, select([queue.get(), sleep(1000)])));
        await host.wait(scope, sleep(1));
        queue.put('item');
        task.cancel();
        expect(isCancelledError(await rejection(task))).toBe(true);
        expect(await host.wait(scope, select([sleep(1000), queue.get()]))).toEqual({
          index: 1,
          value: 'item',
        });
      }));
  });

  test('SELECT-1.8 what was made is cancelled when a coroutine is used already', () =>
    play(function* () {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      const used = coroutine(begins)();
      yield* used;
      const queue = new TinyQueue<string>();
      expect(thrownBy(() => select([queue.get(), begins(), used]))).toMatchObject({ code: 'REUSED' });
      queue.put('item');
      yield* sleep(1);
      expect([log, queue.items, queue.reserved, queue.queue.size]).toEqual([['begun'], ['item'], 0, 0]);
    }));

  test('SELECT-1.3 nothing is left with a future that was not taken', () =>
    play(function* () {
      const future = new Future<void>();
      for (let round = 0; round < 3; round++) yield* select([future, sleep(0)]);
      const given = select([future, sleep(5)]);
      given.abandon();
      expect(String(future)).toBe('<Future pending>');
    }));
});
