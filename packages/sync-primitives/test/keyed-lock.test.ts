/** One lock per key, and none that is not in use. */
import { KeyedLock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { withLoop } from './with-loop.js';

test('KEYED-1.1 different keys do not wait for each other', () =>
  withLoop((loop) => {
    const locks = loop.watch(new KeyedLock());
    const keys = ['a', 'b', 1, '1', Number.NaN, undefined, {}];
    const permits = keys.map((key) => locks.tryAcquire(key));
    expect(permits.every((permit) => permit?.live)).toBe(true);
    expect(keys.map((key) => locks.tryAcquire(key))).toEqual(keys.map(() => null));
    const waits = locks.acquire('a');
    expect([locks.locked('a'), locks.locked('c'), locks.size, inspect(locks)]).toEqual([
      true,
      false,
      7,
      '<KeyedLock keys=7>',
    ]);
    expect(locks.statistics()).toEqual({ holders: 7, waiting: 1, longestWaitMs: undefined });
    expect(locks.statistics('b')).toEqual({ holders: 1, waiting: 0, longestWaitMs: 0 });
    expect(locks.statistics(undefined)).toMatchObject({ holders: 1, waiting: 0 });
    expect(locks.statistics('c')).toEqual({ holders: 0, waiting: 0, longestWaitMs: 0 });
    for (const permit of permits) permit?.release();
    waits.result().release();
    expect(locks.size).toBe(0);
  }));

test('KEYED-1.1 the longest wait of all keys', () =>
  withLoop((loop) => {
    const locks = loop.watch(new KeyedLock());
    const permits = [locks.tryAcquire('a'), locks.tryAcquire('b')];
    locks.statistics();
    const waits = [locks.acquire('a')];
    loop.advance(3);
    waits.push(locks.acquire('b'));
    loop.advance(2);
    expect(locks.statistics()).toEqual({ holders: 2, waiting: 2, longestWaitMs: 5 });
    for (const one of waits) one.abandon();
    for (const permit of permits) permit?.release();
  }));

test.each(['released', 'aborted', 'timed out', 'cancelled', 'abandoned', 'granted and abandoned'])(
  'KEYED-1.2 a key that was %s is gone',
  (how) =>
    withLoop((loop) => {
      const locks = loop.watch(new KeyedLock<string>());
      const controller = new AbortController();
      const permit = locks.tryAcquire('key');
      const options =
        how === 'aborted' ? { signal: controller.signal } : how === 'timed out' ? { timeoutMs: 1 } : {};
      const waits = locks.acquire('key', options);
      if (how === 'granted and abandoned') permit?.release();
      if (how === 'released') waits.addDoneCallback(() => waits.result().release());
      else if (how === 'aborted') controller.abort();
      else if (how === 'cancelled') waits.cancel();
      else if (how === 'timed out') loop.advance(1);
      else waits.abandon();
      expect(locks.size).toBe(how === 'granted and abandoned' ? 0 : 1);
      permit?.release();
      loop.runUntilIdle();
      expect(locks.size).toBe(0);
    }),
);

test('KEYED-1.2 a key that was never got is not there', () =>
  withLoop((loop) => {
    const locks = loop.watch(new KeyedLock<string>());
    locks.acquire('key', { signal: AbortSignal.abort() });
    locks.acquire('key').abandon();
    expect(() => locks.acquire('key', { timeoutMs: Number.NaN })).toThrow(RangeError);
    locks.with('key', function* (): Coroutine<void> {});
    expect(locks.size).toBe(0);
  }));

test('KEYED-1.2 a permit that is late does nothing to the next lock of its key', () =>
  withLoop((loop) => {
    const locks = loop.watch(new KeyedLock<string>());
    const old = locks.tryAcquire('key');
    old?.release();
    const held = locks.tryAcquire('key');
    old?.release();
    expect([held?.live, locks.locked('key'), locks.tryAcquire('key')]).toEqual([true, true, null]);
    held?.release();
  }));

test('KEYED-2.1 sections of a key', () =>
  withLoop(async (loop) => {
    const locks = loop.watch(new KeyedLock<string>());
    const steps: string[] = [];
    function* work(key: string, name: string): Coroutine<void> {
      yield* locks.with(key, function* (): Coroutine<void> {
        steps.push(`${name} in`);
        yield* sleep(1);
        steps.push(`${name} out`);
      });
    }
    for (const [key, name] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ])
      createTask(work(key as string, name as string));
    loop.runUntilIdle();
    expect(steps).toEqual(['a1 in', 'b1 in', 'a1 out', 'b1 out', 'a2 in', 'a2 out']);
    const lock = locks.of('a');
    expect(inspect(lock)).toBe('<Key of <KeyedLock keys=0>>');
    expect(await loop.runUntilCompleteAsync(lock.with(() => locks.locked('a')))).toBe(true);
    expect(lock.tryAcquire()?.release()).toBeUndefined();
    expect(locks.size).toBe(0);
  }));
