/** asyncio's condition: by yield*, by await and by callbacks. */
import { isCancelledError } from '@aiokit/loop-core';
import { Condition, Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { settle, thrownBy, withLoop } from './with-loop.js';

test('COND-1.1 it has the lock that it was given', () =>
  withLoop(async (loop) => {
    const lock = loop.watch(new Lock());
    const [one, other] = [loop.watch(new Condition(lock)), new Condition(lock)];
    const permit = await one.acquire();
    expect([lock.locked(), other.locked(), other.tryAcquire(), one.statistics().holders]).toEqual([
      true,
      true,
      null,
      1,
    ]);
    permit.release();
    expect(await other.with(() => one.locked())).toBe(true);
    one.tryAcquire();
    other.release();
    expect(lock.locked()).toBe(false);
    for (const bad of [null, {}, 'lock'])
      expect(() => new Condition(bad as never)).toThrow(/^lock must be a Lock, got /);
  }));

test('COND-2.1 waiting without the lock is refused at once', () =>
  withLoop(() => {
    const condition = new Condition();
    expect(thrownBy(() => condition.wait())).toMatchObject({
      name: 'RuntimeError',
      code: 'NOT_ACQUIRED',
      message: 'cannot wait on un-acquired lock',
    });
    condition.tryAcquire();
    expect(() => condition.wait({ timeoutMs: Number.NaN })).toThrow(RangeError);
    expect(() => condition.waitFor('x' as never)).toThrow(/^predicate must be a function, got 'x'/);
    expect(condition.locked()).toBe(true);
  }));

test('COND-2.2 it releases the lock at once, and the permit is live again afterwards', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const steps: unknown[] = [];
    function* consumer(): Coroutine<void> {
      const permit = yield* condition.acquire();
      const wait = condition.wait();
      steps.push(condition.locked(), permit.live);
      steps.push(yield* wait);
      steps.push(condition.locked(), permit.live, condition.lock.holder === permit);
      permit.release();
      steps.push(condition.locked());
    }
    createTask(consumer());
    loop.tick();
    condition.tryAcquire();
    condition.notify();
    condition.release();
    loop.runUntilIdle();
    expect(steps).toEqual([false, true, true, true, true, true, false]);
  }));

test('COND-2.2 in a loop of waits the permit stays the same', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    let rounds = 0;
    function* consumer(): Coroutine<void> {
      using permit = yield* condition.acquire();
      for (; rounds < 1000; rounds++) {
        yield* condition.wait();
        expect(condition.lock.holder).toBe(permit);
      }
    }
    const task = createTask(consumer());
    while (!task.done()) {
      loop.tick();
      const permit = condition.tryAcquire();
      if (permit) condition.notify();
      permit?.release();
    }
    expect([rounds, condition.locked()]).toEqual([1000, false]);
  }));

test('COND-2.3 cancelled, it acquires the lock first, and throws the last cancellation', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const seen: unknown[] = [];
    function* consumer(): Coroutine<void> {
      using permit = yield* condition.acquire();
      try {
        yield* condition.wait();
      } catch (error) {
        seen.push((error as Error).message, condition.locked(), permit.live);
        throw error;
      }
    }
    const task = createTask(consumer());
    loop.tick();
    const other = condition.tryAcquire();
    task.cancel('first');
    loop.tick();
    expect(seen).toEqual([]);
    task.cancel('second');
    loop.tick();
    task.cancel('last');
    loop.tick();
    expect([seen, task.done(), condition.lock.statistics().waiting]).toEqual([[], false, 1]);
    other?.release();
    loop.runUntilIdle();
    expect(seen).toEqual(['last', true, true]);
    expect([task.cancelled(), condition.locked()]).toEqual([true, false]);
  }));

test('COND-2.4 a notified waiter that is cancelled notifies another', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const woken: string[] = [];
    function* consumer(name: string): Coroutine<void> {
      using permit = yield* condition.acquire();
      yield* condition.wait();
      woken.push(`${name} ${permit.live}`);
    }
    const tasks = ['a', 'b'].map((name) => createTask(consumer(name)));
    loop.tick();
    const permit = condition.tryAcquire();
    condition.notify();
    permit?.release();
    tasks[0]?.cancel();
    loop.runUntilIdle();
    expect([woken, tasks[0]?.cancelled()]).toEqual([['b true'], true]);
  }));

test('COND-2.4 so does one whose time is up in the tick of the notification', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const woken: string[] = [];
    const consumer = (name: string, timeoutMs: number) => async (): Promise<void> => {
      using permit = await condition.acquire();
      try {
        await condition.wait({ timeoutMs });
        woken.push(`${name} ${permit.live}`);
      } catch (error) {
        woken.push(`${name} ${(error as { code: string }).code} ${permit.live}`);
      }
    };
    return (async () => {
      loop.callAt(10, () => {
        const permit = condition.tryAcquire();
        condition.notify();
        permit?.release();
      });
      const all = [consumer('a', 10), consumer('b', 1000)].map((one) => createTask(one));
      await loop.runUntilCompleteAsync(all[0] as never);
      await settle(loop);
      expect(woken).toEqual(['a TIMEOUT true', 'b true']);
      await loop.runUntilCompleteAsync(all[1] as never);
    })();
  }));

test('COND-2.5 a time limit ends the wait, and the lock is acquired again', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const seen: unknown[] = [];
    const controller = new AbortController();
    function* consumer(): Coroutine<void> {
      using permit = yield* condition.acquire();
      try {
        yield* condition.wait({ timeoutMs: 5 });
      } catch (error) {
        seen.push((error as { code: string }).code, loop.time(), permit.live);
      }
      try {
        yield* condition.wait({ signal: controller.signal });
      } catch (error) {
        seen.push(error, loop.time(), permit.live);
      }
    }
    createTask(consumer());
    loop.tick();
    createTask(
      condition.with(function* (): Coroutine<void> {
        yield* sleep(8);
        controller.abort('enough');
        yield* sleep(8);
        condition.notifyAll();
      }),
    );
    loop.runUntilIdle();
    expect(seen).toEqual(['TIMEOUT', 16, true, 'enough', 16, true]);
  }));

test('COND-2.6 without time, or aborted, the lock was never released', () =>
  withLoop(async (loop) => {
    const condition = loop.watch(new Condition());
    const permit = await condition.acquire();
    const late = condition.acquire();
    await expect(condition.wait({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(condition.wait({ signal: AbortSignal.abort('no') })).rejects.toBe('no');
    await expect(condition.waitFor(() => false, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await condition.waitFor(() => 'yes', { timeoutMs: 0 })).toBe('yes');
    expect([permit.live, late.done()]).toEqual([true, false]);
    permit.release();
    late.result().release();
  }));

test('COND-2.7 it works by callbacks', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const seen: unknown[] = [];
    const permit = condition.tryAcquire();
    const wait = condition.wait();
    wait.addDoneCallback(() => {
      seen.push(wait.result(), condition.locked(), permit?.live);
      permit?.release();
    });
    wait.addDoneCallback((same) => void seen.push(same === wait));
    expect([wait.done(), condition.locked(), wait.cancelled()]).toEqual([false, false, false]);
    expect(thrownBy(() => wait.result())).toMatchObject({ code: 'INVALID_STATE' });
    const notifier = condition.tryAcquire();
    condition.notify();
    notifier?.release();
    loop.runUntilIdle();
    expect(seen).toEqual([true, true, true, true]);
  }));

test('COND-2.7 cancelled by plain code, it has the lock again when it ends', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const permit = condition.tryAcquire();
    const wait = condition.wait();
    const other = condition.tryAcquire();
    expect([wait.cancel('plain'), wait.done()]).toEqual([true, false]);
    loop.tick();
    wait.cancel('again');
    other?.release();
    loop.runUntilIdle();
    expect([wait.done(), wait.cancelled(), wait.cancel(), permit?.live]).toEqual([true, true, false, true]);
    expect(thrownBy(() => wait.result())).toMatchObject({ name: 'CancelledError', message: 'again' });
    permit?.release();
  }));

test('COND-2.7 abandoned, it gives the lock up for good, and its notification to another', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const permit = condition.tryAcquire();
    const abandoned = condition.wait();
    const second = condition.tryAcquire();
    const heard = condition.wait();
    heard.addDoneCallback(() => second?.release());
    const notifier = condition.tryAcquire();
    condition.notify();
    notifier?.release();
    {
      using operation = abandoned;
      expect(operation.done()).toBe(false);
    }
    loop.runUntilIdle();
    expect([permit?.live, condition.locked(), heard.result(), second?.live]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(isCancelledError(thrownBy(() => abandoned.result()))).toBe(true);
  }));

test('COND-2.7 a coroutine that is closed while it waits leaves nothing behind', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const steps = condition.with(function* (): Coroutine<void> {
      yield* condition.wait();
    });
    steps.next();
    expect([condition.locked(), condition.statistics().waiting]).toEqual([false, 1]);
    steps.return();
    expect([condition.locked(), condition.statistics().waiting]).toEqual([false, 0]);
  }));

test('COND-2.8 if the permit ends meanwhile, the lock is given back', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const permit = condition.tryAcquire();
    const wait = condition.wait();
    wait.addDoneCallback(() => {});
    permit?.release();
    const notifier = condition.tryAcquire();
    condition.notify();
    notifier?.release();
    loop.runUntilIdle();
    expect([wait.result(), permit?.live, condition.locked()]).toEqual([true, false, false]);
  }));

test('COND-3.1 waitFor asks with the lock held, until the predicate holds', () =>
  withLoop(async (loop) => {
    const condition = loop.watch(new Condition());
    const asked: boolean[] = [];
    let value = 0;
    const consumer = condition.with(() =>
      condition.waitFor(() => {
        asked.push(condition.locked());
        return value > 1 && `value ${value}`;
      }),
    );
    await settle(loop);
    for (const next of [1, 2]) {
      await condition.with(() => {
        value = next;
        condition.notifyAll();
      });
      await settle(loop);
    }
    expect([await consumer, asked]).toEqual(['value 2', [true, true, true]]);
  }));

test('COND-3.1 the predicate sees the AsyncLocalStorage context of who waits', () =>
  withLoop(async (loop) => {
    const store = new AsyncLocalStorage<string>();
    const condition = loop.watch(new Condition());
    const seen = new Set<string | undefined>();
    let ready = false;
    const waits = store.run('mine', () =>
      condition.with(() =>
        condition.waitFor(() => {
          seen.add(store.getStore());
          return ready;
        }),
      ),
    );
    await settle(loop);
    await condition.with(() => {
      ready = true;
      condition.notify();
    });
    await settle(loop);
    expect([await waits, [...seen]]).toEqual([true, ['mine']]);
  }));

test('COND-3.2 what the predicate throws ends the wait, with the lock held', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const seen: unknown[] = [];
    let asked = 0;
    createTask(
      condition.with(function* (permit): Coroutine<void> {
        try {
          yield* condition.waitFor(() => {
            if (asked++ > 0) throw new Error('no');
            return false;
          });
        } catch (error) {
          seen.push((error as Error).message, permit.live);
        }
      }),
    );
    loop.tick();
    const permit = condition.tryAcquire();
    condition.notify();
    permit?.release();
    loop.runUntilIdle();
    expect(seen).toEqual(['no', true]);
  }));

test('COND-3.3 the limits of waitFor are for the whole', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const seen: unknown[] = [];
    createTask(
      condition.with(function* (): Coroutine<void> {
        try {
          yield* condition.waitFor(() => false, { timeoutMs: 10 });
        } catch (error) {
          seen.push((error as { code: string }).code, loop.time());
        }
      }),
    );
    for (const at of [4, 8, 12])
      loop.callAt(at, () => {
        const permit = condition.tryAcquire();
        condition.notifyAll();
        permit?.release();
      });
    loop.runUntilIdle();
    expect(seen).toEqual(['TIMEOUT', 10]);
  }));

test('COND-4.1 notify wakes so many, notifyAll the rest', () =>
  withLoop((loop) => {
    const condition = loop.watch(new Condition());
    const woken: number[] = [];
    for (let n = 0; n < 5; n++)
      createTask(
        condition.with(function* (): Coroutine<void> {
          yield* condition.wait();
          woken.push(n);
        }),
      );
    loop.tick();
    const notify = (action: () => void): void => {
      const permit = condition.tryAcquire();
      action();
      permit?.release();
      for (let tick = 0; tick < 10; tick++) loop.tick();
    };
    notify(() => condition.notify(0));
    notify(() => condition.notify());
    expect(woken).toEqual([0]);
    notify(() => condition.notify(2));
    expect(woken).toEqual([0, 1, 2]);
    notify(() => condition.notifyAll());
    expect(woken).toEqual([0, 1, 2, 3, 4]);
    const error = { code: 'NOT_ACQUIRED', message: 'cannot notify on un-acquired lock' };
    expect(thrownBy(() => condition.notify())).toMatchObject(error);
    expect(thrownBy(() => condition.notifyAll())).toMatchObject(error);
    expect(() => condition.notify(Number.NaN)).toThrow(RangeError);
    expect(() => condition.notify('1' as never)).toThrow(TypeError);
  }));
