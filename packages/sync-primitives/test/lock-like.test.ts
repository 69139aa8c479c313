/** What all that can be used as a lock has in common. */
import { isCancelledError, isTimeoutError, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type Held, LOCK_LIKE } from './lock-like.js';
import { settle, thrownBy, withLoop } from './with-loop.js';

describe.each(LOCK_LIKE)('$name', ({ make }) => {
  test('PERMIT-1.1 a permit is live until it is released, once', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const permit = lock.tryAcquire() as Held & { live: boolean };
      expect([permit.live, lock.statistics().holders, lock.tryAcquire()]).toEqual([true, 1, null]);
      permit.release();
      expect([permit.live, lock.statistics().holders]).toEqual([false, 0]);
      const next = lock.tryAcquire();
      permit.release();
      expect(lock.statistics().holders).toBe(1);
      next?.release();
    }));

  test('PERMIT-1.1 disposing is releasing', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      {
        using permit = lock.tryAcquire() as Held & Disposable;
        expect([typeof permit.release, lock.statistics().holders]).toEqual(['function', 1]);
      }
      expect(lock.statistics().holders).toBe(0);
    }));

  test('PERMIT-1.6 what was acquired at once goes back if nobody looks at it', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      {
        using operation = lock.acquire();
        expect([operation.done(), lock.statistics().holders]).toEqual([true, 1]);
      }
      expect(lock.statistics().holders).toBe(0);
      const seen = lock.acquire();
      const permit = seen.result();
      seen.abandon();
      expect(lock.statistics().holders).toBe(1);
      permit.release();
    }));

  test('PERMIT-2.2 an aborted signal rejects at once and takes nothing, also what is free', () =>
    withLoop(async (loop) => {
      const lock = loop.watch(make());
      const signal = AbortSignal.abort('too late');
      await expect(lock.acquire({ signal })).rejects.toBe('too late');
      const held = lock.tryAcquire();
      await expect(lock.acquire({ signal })).rejects.toBe('too late');
      expect(lock.statistics()).toMatchObject({ holders: 1, waiting: 0 });
      held?.release();
      lock.tryAcquire()?.release();
    }));

  test('PERMIT-2.3 without time it tries once', () =>
    withLoop(async (loop) => {
      const lock = loop.watch(make());
      const held = await lock.acquire({ timeoutMs: 0 });
      const refused = lock.acquire({ timeoutMs: 0 });
      expect([refused.done(), lock.statistics().waiting]).toEqual([true, 0]);
      expect(isTimeoutError(thrownBy(() => refused.result()))).toBe(true);
      held.release();
    }));

  test('PERMIT-2.4 a time limit ends the wait when it is up, and leaves nothing', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const held = lock.tryAcquire();
      const waits = Array.from({ length: 1000 }, () => lock.acquire({ timeoutMs: 10 }));
      loop.advance(9);
      expect([waits.some((one) => one.done()), lock.statistics().waiting]).toEqual([false, 1000]);
      loop.advance(1);
      expect([waits.every((one) => one.done()), lock.statistics().waiting]).toEqual([true, 0]);
      expect(waits.every((one) => isTimeoutError(thrownBy(() => one.result())))).toBe(true);
      held?.release();
      lock.tryAcquire()?.release();
    }));

  test('PERMIT-2.4 a hundred operations leave no listener on their signal', () =>
    withLoop(async (loop) => {
      const lock = loop.watch(make());
      const { signal } = new AbortController();
      const work = async (): Promise<void> => {
        const permit = await lock.acquire({ signal });
        await Promise.resolve();
        permit.release();
      };
      const all = Array.from({ length: 100 }, work);
      await loop.runUntilCompleteAsync(Promise.all(all));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      for (let i = 0; i < 100; i++) {
        const held = lock.tryAcquire();
        lock.acquire({ signal }).abandon();
        held?.release();
      }
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }));

  test('PERMIT-2.5 a wait while others wait on another loop is refused, and changes nothing', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const held = lock.tryAcquire();
      const waits = lock.acquire();
      const other = new VirtualLoop();
      setEventLoop(other);
      expect(thrownBy(() => lock.acquire())).toMatchObject({ name: 'RuntimeError', code: 'OTHER_LOOP' });
      expect(lock.statistics()).toMatchObject({ holders: 1, waiting: 1 });
      waits.abandon();
      const here = lock.acquire();
      expect(here.getLoop()).toBe(other);
      held?.release();
      here.result().release();
      other.close();
    }));

  test('PERMIT-2.5 it outlives a loop that was closed with waiters', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const other = new VirtualLoop();
      setEventLoop(other);
      const held = lock.tryAcquire();
      const dead = lock.acquire();
      other.close();
      setEventLoop(loop);
      const waits = lock.acquire();
      expect([dead.done(), waits.done()]).toEqual([true, false]);
      held?.release();
      waits.result().release();
      lock.tryAcquire()?.release();
    }));

  test.each([
    [{ timeoutMs: Number.NaN }, RangeError, /timeoutMs must be .*NaN/],
    [{ timeoutMs: '5' as unknown as number }, TypeError, /timeoutMs must be .*'5'/],
    [{ signal: {} as AbortSignal }, TypeError, /signal must be an AbortSignal/],
  ])('PERMIT-2.1 refuses %o before anything changes', (options, type, text) =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      expect(() => lock.acquire(options)).toThrow(type);
      expect(() => lock.acquire(options)).toThrow(text);
      expect(lock.statistics()).toMatchObject({ holders: 0, waiting: 0 });
      lock.tryAcquire()?.release();
    }),
  );

  test('PERMIT-3.7 lets one in at a time, in order, and nobody overtakes', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const steps: string[] = [];
      function* worker(name: string): Coroutine<void> {
        const permit = yield* lock.acquire();
        steps.push(`${name} in`);
        yield* sleep(0);
        steps.push(`${name} out`);
        permit.release();
        const again = lock.tryAcquire();
        steps.push(`${name} tries: ${again ? 'yes' : 'no'}`);
        again?.release();
      }
      for (const name of ['a', 'b', 'c']) createTask(worker(name));
      loop.runUntilIdle();
      const refused = (name: string): string[] => [`${name} in`, `${name} out`, `${name} tries: no`];
      expect(steps).toEqual([...refused('a'), ...refused('b'), 'c in', 'c out', 'c tries: yes']);
    }));

  test('PERMIT-3.8 a turn that was granted and given up goes to the next, and nobody steals it', () =>
    withLoop(async (loop) => {
      const lock = loop.watch(make());
      const held = lock.tryAcquire();
      const controller = new AbortController();
      const first = lock.acquire({ signal: controller.signal });
      const second = lock.acquire();
      held?.release();
      expect(lock.tryAcquire()).toBeNull();
      controller.abort('no');
      expect([first.done(), second.done(), lock.tryAcquire()]).toEqual([true, true, null]);
      second.result().release();
      await settle(loop);
      lock.tryAcquire()?.release();
    }));

  test('PERMIT-3.9 a cancelled task gives its place up, also when its turn has come', () =>
    withLoop((loop) => {
      const lock = loop.watch(make());
      const held = lock.tryAcquire();
      const got: string[] = [];
      function* worker(name: string): Coroutine<void> {
        const permit = yield* lock.acquire();
        got.push(name);
        permit.release();
      }
      const tasks = ['a', 'b', 'c'].map((name) => createTask(worker(name)));
      loop.tick();
      tasks[0]?.cancel();
      held?.release();
      tasks[1]?.cancel();
      loop.runUntilIdle();
      expect(got).toEqual(['c']);
      expect(tasks.map((task) => task.cancelled())).toEqual([true, true, false]);
      expect(isCancelledError(thrownBy(() => tasks[0]?.result()))).toBe(true);
    }));
});
