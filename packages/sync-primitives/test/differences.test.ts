/** What docs/semantics/differences.md says of the primitives, shown: the title of a test is the heading of its entry. */
import { setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { BoundedSemaphore, Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask } from '@aiokit/task';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

test('DIFF-40 acquire() gives a permit, and release() ends the oldest', () =>
  withLoop(async () => {
    const lock = new Lock();
    const permit = await lock.acquire();
    lock.release();
    const other = await lock.acquire();
    permit.release();
    expect([permit.live, other.live, lock.locked()]).toEqual([false, true, true]);
  }));

test('DIFF-41 async with is with(), or using', () =>
  withLoop(async (loop) => {
    const lock = new Lock();
    expect(await lock.with(() => lock.locked())).toBe(true);
    const steps = lock.with(function* (): Coroutine<boolean> {
      yield;
      return lock.locked();
    });
    expect(loop.runUntilComplete(createTask(steps))).toBe(true);
    {
      using permit = await lock.acquire();
      expect([permit.live, lock.locked()]).toEqual([true, true]);
    }
    expect(lock.locked()).toBe(false);
  }));

test('DIFF-42 An operation begins when it is called', () =>
  withLoop(() => {
    const condition = new Condition();
    condition.tryAcquire();
    using wait = condition.wait();
    expect([condition.locked(), wait.done(), condition.statistics().waiting]).toEqual([false, false, 1]);
  }));

test('DIFF-43 A primitive belongs to a loop while somebody waits', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    const other = new VirtualLoop();
    const wait = event.wait();
    setEventLoop(other);
    expect(thrownBy(() => event.wait())).toMatchObject({ code: 'OTHER_LOOP' });
    wait.abandon();
    const second = event.wait();
    expect(second.getLoop()).toBe(other);
    second.abandon();
    other.close();
  }));

test('DIFF-44 A signal or a time limit ends a wait at once', () =>
  withLoop((loop) => {
    const lock = loop.watch(new Lock());
    const held = lock.tryAcquire();
    const controller = new AbortController();
    lock.acquire({ signal: controller.signal });
    const task = createTask(lock.with(function* (): Coroutine<void> {}));
    loop.tick();
    controller.abort();
    expect(inspect(lock)).toBe('<Lock locked waiters=1>');
    task.cancel();
    expect(inspect(lock)).toBe('<Lock locked waiters=1>');
    loop.tick();
    expect(inspect(lock)).toBe('<Lock locked>');
    held?.release();
  }));

test('DIFF-45 A condition is over a Lock', () => {
  const duck = { acquire: () => {}, release: () => {}, locked: () => false };
  expect(() => new Condition(duck as never)).toThrow('lock must be a Lock, got [object Object]');
});

test('DIFF-46 A semaphore counts in whole numbers', () => {
  expect(() => new Semaphore(1.5)).toThrow(RangeError);
  expect(new Semaphore(Infinity).locked()).toBe(false);
});

test('DIFF-47 A BoundedSemaphore stays within its bound without throwing at those who are right', () =>
  withLoop(() => {
    const semaphore = new BoundedSemaphore(1);
    const held = semaphore.tryAcquire();
    const woken = semaphore.acquire();
    held?.release();
    semaphore.release();
    woken.result().release();
    expect(inspect(semaphore)).toBe('<BoundedSemaphore unlocked value=1>');
  }));
