/** Permits, sections, and what debug's hooks are told. */
import { wrapFuture } from '@aiokit/future';
import { realm } from '@aiokit/loop-core';
import { Condition, Lock, Permit, RWLock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { settle, thrownBy, withLoop } from './with-loop.js';

describe('a permit', () => {
  test('PERMIT-1.2 ends its own hold and no other', () =>
    withLoop(() => {
      const semaphore = new Semaphore(2);
      const first = semaphore.tryAcquire();
      const second = semaphore.tryAcquire();
      first?.release();
      first?.release();
      const third = semaphore.tryAcquire();
      expect([semaphore.tryAcquire(), second?.live, third?.live]).toEqual([null, true, true]);
    }));

  test('PERMIT-1.3 is what await and yield* give', () =>
    withLoop(async (loop) => {
      const lock = new Lock();
      const awaited = await lock.acquire();
      expect([awaited instanceof Permit, 'then' in awaited]).toEqual([true, false]);
      awaited.release();
      loop.runUntilComplete(
        (function* (): Coroutine<void> {
          using permit = yield* lock.acquire();
          expect(permit).toBeInstanceOf(Permit);
        })(),
      );
      expect(lock.locked()).toBe(false);
    }));

  test('PERMIT-1.3 an operation can be made a future, which gives the permit too', () =>
    withLoop((loop) => {
      const lock = new Lock();
      const held = lock.tryAcquire();
      const future = wrapFuture(lock.acquire());
      expect(future.done()).toBe(false);
      held?.release();
      loop.runUntilIdle();
      expect(future.result()).toBeInstanceOf(Permit);
      future.result().release();
      expect(lock.locked()).toBe(false);
    }));

  test('PERMIT-1.4 release() ends the oldest, and disposing of that later does nothing', () =>
    withLoop(() => {
      const lock = new Lock();
      const old = lock.tryAcquire();
      lock.release();
      const held = lock.tryAcquire();
      old?.release();
      expect([old?.live, held?.live, lock.locked()]).toEqual([false, true, true]);
      const semaphore = new Semaphore(3);
      const permits = [1, 2, 3].map(() => semaphore.tryAcquire());
      permits[1]?.release();
      semaphore.release();
      expect(permits.map((one) => one?.live)).toEqual([false, false, true]);
      permits[0]?.release();
      semaphore.release();
      expect(permits.map((one) => one?.live)).toEqual([false, false, false]);
      expect(String(semaphore)).toBe('<Semaphore unlocked value=3>');
      const [first, second, third] = [1, 2, 3].map(() => semaphore.tryAcquire());
      semaphore.release();
      semaphore.release();
      expect([first?.live, second?.live, third?.live]).toEqual([false, false, true]);
    }));

  test('PERMIT-1.5 a strict primitive has permits only', () =>
    withLoop(() => {
      for (const one of [new Lock({ strict: true }), new Semaphore(1, { strict: true })]) {
        const permit = one.tryAcquire();
        expect(thrownBy(() => one.release())).toMatchObject({ name: 'RuntimeError', code: 'STRICT' });
        expect([permit?.live, one.locked()]).toEqual([true, true]);
        permit?.release();
        expect(one.locked()).toBe(false);
      }
      for (const name of ['RWLock', 'CapacityLimiter', 'KeyedLock'])
        expect([name, 'release' in RWLock.prototype]).toEqual([name, false]);
    }));

  test('PERMIT-1.7 says where and when it was taken, with hooks', () =>
    withLoop((loop) => {
      const taken = new Map<object, { where: string; when: number }>();
      const lock = new Lock();
      expect(lock.tryAcquire()?.taken).toBeUndefined();
      lock.release();
      realm.hooks = {
        acquired: (permit) => void taken.set(permit, { where: 'here', when: loop.time() }),
        taken: (permit) => taken.get(permit),
      };
      try {
        loop.advance(5);
        const permit = lock.tryAcquire();
        expect(permit?.taken).toEqual({ where: 'here', when: 5 });
        permit?.release();
        realm.hooks = {};
        expect(lock.tryAcquire()?.taken).toBeUndefined();
      } finally {
        realm.hooks = undefined;
      }
    }));

  test('PERMIT-1.8 prints what it is a permit of', () => {
    const lock = new Lock();
    const permit = lock.tryAcquire();
    expect(inspect(permit)).toBe('<Permit of <Lock locked>>');
    permit?.release();
    expect(`${String(permit)}`).toBe('<Permit ended>');
  });
});

describe('a section', () => {
  test('PERMIT-3.1 of a function runs with the permit and gives what it returns', () =>
    withLoop(async () => {
      const lock = new Lock();
      const seen: unknown[] = [];
      const result = await lock.with(async (permit) => {
        seen.push(permit.live, lock.locked());
        await Promise.resolve();
        return 'result';
      });
      expect([result, ...seen, lock.locked()]).toEqual(['result', true, true, false]);
      expect(await lock.with(() => 5)).toBe(5);
    }));

  test('PERMIT-3.2 of a generator function is a coroutine, which acquires when it is stepped', () =>
    withLoop((loop) => {
      const lock = new Lock();
      const section = lock.with(function* (permit): Coroutine<string> {
        yield* sleep(1);
        return `${permit.live} ${lock.locked()}`;
      });
      expect(lock.locked()).toBe(false);
      expect(loop.runUntilComplete(createTask(section))).toBe('true true');
      expect(lock.locked()).toBe(false);
    }));

  test('PERMIT-3.3 releases whatever the section does', () =>
    withLoop(async (loop) => {
      const lock = loop.watch(new Lock());
      await expect(lock.with(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      await expect(
        lock.with(() => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(lock.locked()).toBe(false);
      const sleeper = createTask(
        lock.with(function* (): Coroutine<void> {
          yield* sleep(1000);
        }),
      );
      loop.tick();
      expect(lock.locked()).toBe(true);
      sleeper.cancel();
      await settle(loop);
      expect([sleeper.cancelled(), lock.locked()]).toEqual([true, false]);
      const closed = lock.with(function* (): Coroutine<void> {
        yield;
      });
      closed.next();
      expect(lock.locked()).toBe(true);
      closed.return();
      expect(lock.locked()).toBe(false);
    }));

  test('PERMIT-3.4 wrap passes this and the arguments on', () =>
    withLoop(async (loop) => {
      const lock = new Lock();
      const account = {
        balance: 1,
        add: lock.wrap(async function (this: { balance: number }, one: number, two: number) {
          const { balance } = this;
          await Promise.resolve();
          this.balance = balance + one + two;
          return this.balance;
        }),
        steps: lock.wrap(function* (this: { balance: number }, one: number): Coroutine<number> {
          yield* sleep(1);
          this.balance += one;
          return this.balance;
        }),
      };
      const sums = Promise.all([account.add(1, 1), account.add(2, 2)]);
      expect(await loop.runUntilCompleteAsync(sums)).toEqual([3, 7]);
      expect(loop.runUntilComplete(createTask(account.steps(3)))).toBe(10);
    }));

  test('PERMIT-3.5 runs in the AsyncLocalStorage context of its caller', () =>
    withLoop(async (loop) => {
      const store = new AsyncLocalStorage<string>();
      const lock = new Lock();
      const held = lock.tryAcquire();
      const seen = store.run('mine', () => lock.with(() => store.getStore()));
      store.run('other', () => held?.release());
      expect(await loop.runUntilCompleteAsync(seen)).toBe('mine');
    }));

  test('PERMIT-3.6 its limits are those of the wait', () =>
    withLoop(async (loop) => {
      const lock = new Lock();
      const held = lock.tryAcquire();
      const late = lock.with(() => 'ran', { timeoutMs: 5 });
      await expect(loop.runUntilCompleteAsync(late)).rejects.toMatchObject({ code: 'TIMEOUT' });
      held?.release();
      const slow = lock.with(
        function* (): Coroutine<string> {
          yield* sleep(100);
          return 'ran';
        },
        { timeoutMs: 5 },
      );
      expect(loop.runUntilComplete(createTask(slow))).toBe('ran');
    }));

  test.each([undefined, null, 'f', {}])('PERMIT-2.1 %s is no section', (section) => {
    const lock = new Lock();
    expect(() => lock.with(section as never)).toThrow(/^section must be a function, got /);
    expect(() => lock.wrap(section as never)).toThrow(TypeError);
    expect(lock.locked()).toBe(false);
  });
});

describe('statistics and inspection', () => {
  test('PERMIT-4.1 the longest wait is known from the first call on', () =>
    withLoop((loop) => {
      const lock = new Lock();
      lock.tryAcquire();
      const first = lock.acquire();
      expect(lock.statistics()).toEqual({ holders: 1, waiting: 1, longestWaitMs: undefined });
      const second = lock.acquire();
      loop.advance(7);
      first.abandon();
      expect(lock.statistics()).toEqual({ holders: 1, waiting: 1, longestWaitMs: 7 });
      second.abandon();
      expect(lock.statistics()).toEqual({ holders: 1, waiting: 0, longestWaitMs: 0 });
    }));

  test('PERMIT-4.1 with hooks it is known at once', () =>
    withLoop((loop) => {
      realm.hooks = {};
      try {
        const semaphore = new Semaphore(0);
        const waits = semaphore.acquire();
        loop.advance(3);
        expect(semaphore.statistics()).toEqual({ holders: 0, waiting: 1, longestWaitMs: 3 });
        waits.abandon();
      } finally {
        realm.hooks = undefined;
      }
    }));

  test('PERMIT-4.2 those are shown who have not noticed yet', () =>
    withLoop((loop) => {
      const lock = new Lock();
      const held = lock.tryAcquire();
      const tasks = [1, 2, 3].map(() => createTask(lock.with(function* (): Coroutine<void> {})));
      loop.tick();
      expect(inspect(lock)).toBe('<Lock locked waiters=3>');
      tasks[1]?.cancel();
      held?.release();
      expect(inspect(lock)).toBe('<Lock unlocked waiters=3>');
      loop.runUntilIdle();
      expect(`${lock.toString()} ${String(new Condition())}`).toBe('<Lock unlocked> <Condition unlocked>');
    }));
});
