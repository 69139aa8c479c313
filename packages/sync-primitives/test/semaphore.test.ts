/** asyncio's semaphores, and permits for several. */
import { BoundedSemaphore, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

describe.each([
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
])('%s', (name, Type) => {
  test.each([
    [-1, RangeError, `value must be a whole number, 0 or more, got -1`],
    [Number.NaN, RangeError, `value must be a whole number, 0 or more, got NaN`],
    [1.5, RangeError, `value must be a whole number, 0 or more, got 1.5`],
    ['2', TypeError, `value must be a whole number, 0 or more, got '2'`],
    [null, TypeError, `value must be a whole number, 0 or more, got null`],
  ])('SEM-1.1 %s is no value', (value, type, text) => {
    const error = thrownBy(() => new Type(value as number));
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toBe(text);
  });

  test('SEM-1.1 the value is 1 if absent, and may be infinite', () =>
    withLoop(() => {
      expect(inspect(new Type())).toBe(`<${name} unlocked value=1>`);
      const endless = new Type(Infinity);
      for (let n = 0; n < 10; n++) endless.tryAcquire()?.release();
      expect(endless.tryAcquire({ permits: 1000 })?.live).toBe(true);
      expect(endless.locked()).toBe(false);
    }));

  test.each([
    [0, RangeError],
    [-1, RangeError],
    [1.5, RangeError],
    [Number.NaN, RangeError],
    [Infinity, RangeError],
    ['1', TypeError],
    [null, TypeError],
  ])('PERMIT-2.1 %s permits are refused', (permits, type) => {
    const semaphore = new Type(2);
    for (const ask of ['acquire', 'tryAcquire'] as const) {
      const error = thrownBy(() => semaphore[ask]({ permits: permits as number }));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toMatch(/^permits must be /);
    }
    expect(semaphore.statistics()).toMatchObject({ holders: 0, waiting: 0 });
  });

  test('SEM-1.2 it is locked while nothing is free, or somebody waits', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(1));
      expect(semaphore.locked()).toBe(false);
      const held = semaphore.tryAcquire();
      expect([semaphore.locked(), inspect(semaphore)]).toEqual([true, `<${name} locked>`]);
      const waits = semaphore.acquire();
      held?.release();
      expect([semaphore.locked(), inspect(semaphore)]).toEqual([true, `<${name} locked waiters=1>`]);
      waits.result().release();
      expect(semaphore.locked()).toBe(false);
    }));

  test('SEM-1.2 nobody goes past one who has the turn, though more is free', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(2));
      const held = semaphore.tryAcquire({ permits: 2 });
      const next = semaphore.acquire();
      held?.release();
      expect([next.done(), semaphore.locked(), semaphore.tryAcquire()]).toEqual([true, true, null]);
      next.result().release();
      expect(semaphore.locked()).toBe(false);
    }));

  test('SEM-2.1 what is granted and not taken comes back', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(1));
      const held = semaphore.tryAcquire();
      const waits = semaphore.acquire();
      held?.release();
      waits.abandon();
      expect(inspect(semaphore)).toBe(`<${name} unlocked value=1>`);
    }));

  test('SEM-2.2 a small request never passes a large one', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(3));
      const held = semaphore.tryAcquire({ permits: 2 });
      const large = semaphore.acquire({ permits: 3 });
      const small = semaphore.acquire();
      expect([large.done(), small.done(), semaphore.tryAcquire()]).toEqual([false, false, null]);
      held?.release();
      expect([large.done(), small.done()]).toEqual([true, false]);
      large.result().release();
      small.result().release();
      expect(inspect(semaphore)).toBe(`<${name} unlocked value=3>`);
    }));

  test('SEM-2.3 a large request that times out blocks nobody', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(2));
      const held = semaphore.tryAcquire();
      const large = semaphore.acquire({ permits: 2, timeoutMs: 5 });
      const small = semaphore.acquire();
      loop.advance(5);
      expect(thrownBy(() => large.result())).toMatchObject({ code: 'TIMEOUT' });
      expect(small.done()).toBe(true);
      small.result().release();
      held?.release();
    }));

  test('SEM-2.3 nor does one that is aborted or cancelled', () =>
    withLoop((loop) => {
      const semaphore = loop.watch(new Type(2));
      const held = semaphore.tryAcquire();
      const controller = new AbortController();
      semaphore.acquire({ permits: 2, signal: controller.signal });
      const second = semaphore.acquire({ permits: 2 });
      const small = semaphore.acquire();
      controller.abort();
      expect(small.done()).toBe(false);
      second.cancel();
      expect(small.done()).toBe(true);
      small.result().release();
      held?.release();
    }));

  test('SEM-3.2 a permit gives back all that it holds', () =>
    withLoop(() => {
      const semaphore = new Type(3);
      const permit = semaphore.tryAcquire({ permits: 3 });
      semaphore.release();
      expect([permit?.live, inspect(semaphore)]).toEqual([true, `<${name} unlocked value=1>`]);
      permit?.release();
      permit?.release();
      expect(inspect(semaphore)).toBe(`<${name} unlocked value=3>`);
    }));

  test('SEM-3.1 as many releases as permits give back all', () =>
    withLoop(() => {
      const semaphore = new Type(3);
      const permit = semaphore.tryAcquire({ permits: 3 });
      for (let n = 0; n < 3; n++) semaphore.release();
      expect([permit?.live, inspect(semaphore)]).toEqual([false, `<${name} unlocked value=3>`]);
      permit?.release();
      expect(inspect(semaphore)).toBe(`<${name} unlocked value=3>`);
    }));
});

test('SEM-3.1 a stray release of a semaphore makes one more', () =>
  withLoop(() => {
    const semaphore = new Semaphore(0);
    const waits = semaphore.acquire();
    semaphore.release();
    expect(waits.result().live).toBe(true);
    semaphore.release();
    semaphore.release();
    expect(inspect(semaphore)).toBe('<Semaphore unlocked value=2>');
  }));

test('SEM-2.4 more than there can ever be', () =>
  withLoop(() => {
    for (const semaphore of [new BoundedSemaphore(2), new Semaphore(2, { strict: true })]) {
      expect(() => semaphore.acquire({ permits: 3 })).toThrow(
        new RangeError('permits must be at most 2, got 3'),
      );
      expect(() => semaphore.tryAcquire({ permits: 3 })).toThrow(RangeError);
      semaphore.tryAcquire({ permits: 2 })?.release();
    }
    const waits = new Semaphore(2).acquire({ permits: 3 });
    expect(waits.done()).toBe(false);
    waits.abandon();
  }));

test('SEM-4.1 a bounded semaphore refuses a release too many', () =>
  withLoop(() => {
    const semaphore = new BoundedSemaphore(1);
    const text = 'BoundedSemaphore released too many times';
    expect(() => semaphore.release()).toThrow(new RangeError(text));
    const permit = semaphore.tryAcquire();
    semaphore.release();
    expect(() => semaphore.release()).toThrow(RangeError);
    permit?.release();
    expect(inspect(semaphore)).toBe('<BoundedSemaphore unlocked value=1>');
  }));

test('SEM-4.2 never more is free than at the beginning', () =>
  withLoop(() => {
    const semaphore = new BoundedSemaphore(1);
    const held = semaphore.tryAcquire();
    const waits = semaphore.acquire();
    held?.release();
    semaphore.release();
    waits.result().release();
    expect(inspect(semaphore)).toBe('<BoundedSemaphore unlocked value=1>');
  }));

test('SEM-2.1 ten at a time do a hundred jobs', () =>
  withLoop((loop) => {
    const semaphore = loop.watch(new Semaphore(10));
    let inside = 0;
    let most = 0;
    let done = 0;
    function* job(): Coroutine<void> {
      using permit = yield* semaphore.acquire();
      most = Math.max(most, ++inside);
      yield* sleep(1);
      inside--;
      done += permit.live ? 1 : 0;
    }
    for (let n = 0; n < 100; n++) createTask(job());
    loop.runUntilIdle();
    expect([most, done, loop.time()]).toEqual([10, 100, 10]);
  }));
