import { Future } from '@aiokit/future';
import { isCancelledError } from '@aiokit/loop-core';
import { type Coroutine, createTask, shield, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

function* commit(log: string[], error?: Error): Coroutine<string> {
  yield* sleep(10);
  log.push('committed');
  if (error) throw error;
  return 'ok';
}

describe('shield', () => {
  inEveryForm('SHIELD-1.1 has the outcome of what it shields', function* () {
    const log: string[] = [];
    expect(yield* shield(commit(log))).toBe('ok');
    expect(yield* thrownIn(shield(commit(log, new RangeError('far'))))).toBeInstanceOf(RangeError);
    expect(yield* shield(sleep(1, 'value'))).toBe('value');
  });

  test('SHIELD-1.2 of what is done is that itself', () =>
    play(function* () {
      const future = new Future<number>();
      future.setResult(1);
      expect(shield(future) === future).toBe(true);
      yield* future;
    }));

  test('SHIELD-1.3 cancelled, it leaves what it shields alone', () =>
    play(function* () {
      const log: string[] = [];
      const inner = createTask(commit(log));
      const waiter = createTask(
        (function* () {
          yield* shield(inner);
        })(),
      );
      yield* sleep(1);
      waiter.cancel('mine');
      expect(String(yield* thrownIn(waiter))).toBe('CancelledError: mine');
      expect([inner.done(), inner.cancelling()]).toEqual([false, 0]);
      expect([yield* inner, log]).toEqual(['ok', ['committed']]);
    }));

  test('SHIELD-1.4 is cancelled when what it shields is', () =>
    play(function* () {
      const inner = createTask(commit([]));
      const outer = shield(inner);
      yield* sleep(1);
      inner.cancel('inner');
      expect(isCancelledError(yield* thrownIn(outer))).toBe(true);
      expect(outer.cancelled()).toBe(true);
    }));

  test('SHIELD-1.5 an error that comes after its cancellation is reported at once, by the name of the error, once', () =>
    withLoop(async (loop) => {
      const log: string[] = [];
      const outer = shield(commit(log, new RangeError('far')));
      shield(commit(log)).cancel();
      const gone = createTask(commit(log));
      shield(gone).cancel();
      const text = createTask(async () => Promise.reject('text'));
      shield(text).cancel();
      loop.callLater(1, () => {
        outer.cancel();
        gone.cancel();
      });
      await loop.runUntilCompleteAsync(sleep(20));
      const reports = loop.takeReports();
      expect(reports.map(({ message, exception }) => `${message} ${String(exception)}`)).toEqual([
        'Error exception in shielded future text',
        'RangeError exception in shielded future RangeError: far',
      ]);
      expect(String(reports[1]?.future)).toMatch(/^<Task finished /);
    }));

  test('SHIELD-1.6 an operation is given up with it, for nobody could have what it takes', () =>
    play(function* () {
      const operation = sleep(1000);
      const outer = shield(operation);
      yield* sleep(1);
      expect([outer.cancel(), outer.cancel()]).toEqual([true, false]);
      yield* sleep(1);
      expect(operation.cancelled()).toBe(true);
    }));

  test('SHIELD-1.7 refuses what cannot be awaited, and leaves an outcome alone that others have set', () =>
    play(function* () {
      expect(thrownBy(() => shield(5 as never))).toMatchObject({
        name: 'TypeError',
        message: 'An asyncio.Future, a coroutine or an awaitable is required, got 5',
      });
      const inner = new Future<number>();
      const outer = shield(inner);
      outer.setResult(1);
      inner.setResult(2);
      yield* sleep(0);
      expect(outer.result()).toBe(1);
    }));

  inBothHosts((host) => {
    test('SHIELD-1.8 in an async function: the waiter is cancelled, the work is done', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const work = createTask(async (own) => {
          await host.wait(own, sleep(10));
          log.push('committed');
        });
        const waiter = createTask(async (own) => host.wait(own, shield(work)));
        await host.wait(scope, sleep(1));
        waiter.cancel();
        expect(isCancelledError(await rejection(waiter))).toBe(true);
        await host.wait(scope, work);
        expect(log).toEqual(['committed']);
      }));
  });
});
