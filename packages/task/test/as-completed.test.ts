import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { asCompleted, coroutine, type Coroutine, createTask, sleep, Task } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { TinyQueue } from './owners.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

function* after<T>(ms: number, value: T): Coroutine<T> {
  yield* sleep(ms);
  return value;
}

describe('asCompleted', () => {
  inEveryForm(
    'COMPLETED-1.1 gives coroutines of the results in the order in which they come',
    function* (loop) {
      const seen: string[] = [];
      for (const next of asCompleted([after(20, 'a'), sleep(10, 'b'), createTask(after(15, 'c'))])) {
        seen.push(`${yield* next} ${loop.time()}`);
      }
      expect(seen).toEqual(['b 10', 'c 15', 'a 20']);
      expect([...asCompleted([])]).toEqual([]);
    },
  );

  inEveryForm('COMPLETED-1.2 an error is thrown in its turn', function* () {
    const seen: string[] = [];
    const failed = new Future<string>();
    failed.setException(new RangeError('far'));
    for (const next of asCompleted([after(10, 'a'), failed])) {
      try {
        seen.push(yield* next);
      } catch (error) {
        seen.push(String(error));
      }
    }
    expect(seen).toEqual(['RangeError: far', 'a']);
  });

  inEveryForm('COMPLETED-1.3 what stands there twice counts once', function* () {
    const steps = after(1, 'once');
    const results: string[] = [];
    for (const next of asCompleted([steps, steps])) results.push(yield* next);
    expect(results).toEqual(['once']);
  });

  inEveryForm('COMPLETED-1.4 a time-out is thrown for each that is late; they go on', function* (loop) {
    const late = createTask(after(20, 'late'));
    const seen: string[] = [];
    for (const next of asCompleted([late, after(5, 'in time'), after(30, 'later')], { timeoutMs: 10 })) {
      try {
        seen.push(yield* next);
      } catch (error) {
        seen.push(`${isTimeoutError(error)} ${loop.time()}`);
      }
    }
    expect([seen, late.cancelling(), yield* late]).toEqual([['in time', 'true 10', 'true 10'], 0, 'late']);
    yield* sleep(20);
    for (const next of asCompleted([sleep(1)], { timeoutMs: null })) yield* next;
  });

  test('COMPLETED-1.5 cancelled while it waits, or in the iteration in which it is told, it leaves the result for the next', () =>
    play(function* () {
      for (const woken of [false, true]) {
        const futures = [new Future<string>(), new Future<string>()];
        const [one, two] = [...asCompleted(futures)];
        const first = createTask(one!);
        const second = createTask(two!);
        yield* sleep(0);
        if (woken) {
          futures[0]?.setResult('a');
          yield* sleep(0);
        }
        first.cancel();
        expect(isCancelledError(yield* thrownIn(first))).toBe(true);
        if (!woken) futures[0]?.setResult('a');
        expect(yield* second).toBe('a');
        futures[1]?.setResult('b');
        yield* sleep(0);
      }
    }));

  test('COMPLETED-1.5 a result that was there at once and is not taken is given back', () =>
    play(function* () {
      const done = new Future<string>();
      done.setResult('a');
      const completions = asCompleted([done, sleep(5, 'b')]);
      const [one, two] = [...completions];
      yield* sleep(1);
      const steps = one![Symbol.iterator]();
      steps.return('closed');
      expect(yield* two!).toBe('a');
      yield* sleep(10);
    }));

  inBothHosts((host) => {
    test('COMPLETED-1.6 for await gives the futures and tasks themselves', () =>
      playAsync(async (scope) => {
        const [slow, quick] = [createTask(after(20, 'slow')), createTask(after(10, 'quick'))];
        const seen: unknown[] = [];
        for await (const one of asCompleted([slow, quick, sleep(15, 'made')])) {
          seen.push(one === slow ? 'slow' : one === quick ? 'quick' : one instanceof Task && one.result());
        }
        expect(seen).toEqual(['quick', 'made', 'slow']);
        const late = asCompleted([sleep(20)], { timeoutMs: 5 })[Symbol.asyncIterator]();
        expect(isTimeoutError(await rejection(late.next()))).toBe(true);
        expect(await late.next()).toEqual({ done: true, value: undefined });
        await host.wait(scope, sleep(30));
      }));

    test('COMPLETED-1.7 with await of each', () =>
      playAsync(async (scope) => {
        const results: string[] = [];
        for (const next of asCompleted([after(2, 'a'), after(1, 'b')]))
          results.push(await host.wait(scope, next));
        expect(results).toEqual(['b', 'a']);
      }));
  });

  test('COMPLETED-1.8 refuses what is no list, and what cannot be awaited, before anything begins', () =>
    play(function* () {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      expect(thrownBy(() => asCompleted(new Future<never>() as never))).toMatchObject({
        name: 'TypeError',
        message: 'sources must be a list of what can be waited for, got <Future pending>',
      });
      for (const value of [null, undefined, 5])
        expect(thrownBy(() => asCompleted(value as never)).name).toBe('TypeError');
      expect(thrownBy(() => asCompleted([begins(), 5 as never]))).toMatchObject({
        name: 'TypeError',
        message: 'An asyncio.Future, a coroutine or an awaitable is required, got 5',
      });
      expect(thrownBy(() => asCompleted([begins()], { timeoutMs: NaN }))).toMatchObject({
        name: 'RangeError',
      });
      yield* sleep(0);
      expect(log).toEqual([]);
    }));

  test('COMPLETED-1.8 what was made is cancelled when a coroutine is used already', () =>
    play(function* () {
      const log: string[] = [];
      function* begins(): Coroutine<void> {
        log.push('begun');
      }
      const used = coroutine(begins)();
      yield* used;
      const queue = new TinyQueue<string>();
      expect(thrownBy(() => asCompleted([begins(), queue.get(), used]))).toMatchObject({
        code: 'REUSED',
      });
      queue.put('item');
      yield* sleep(1);
      expect([log, queue.items, queue.reserved, queue.queue.size]).toEqual([['begun'], ['item'], 0, 0]);
    }));

  test('COMPLETED-1.4 no timer is left when all are done', () => {
    const loop = new VirtualLoop();
    function* main(): Coroutine<void> {
      for (const next of asCompleted([sleep(5), sleep(10)], { timeoutMs: 1000 })) yield* next;
    }
    loop.runUntilComplete(createTask(main(), { loop }));
    loop.runUntilIdle();
    expect(loop.time()).toBe(10);
    loop.close();
  });
});
