import { Future, fromPromise, isFuture, wrapFuture } from '@aiokit/future';
import { WaitQueue } from '@aiokit/loop-core/wait-queue';
import { expect, test, vi } from 'vitest';
import { withLoop } from './with-loop.js';

test('FUT-1.2 isFuture knows futures, also of a subclass', () =>
  withLoop(() => {
    class Job extends Future<number> {}
    expect(isFuture(new Future())).toBe(true);
    expect(isFuture(new Job())).toBe(true);
    expect(Reflect.get(new Job(), Symbol.for('aiokit.future'))).toBe(true);
    const future = fromPromise(new Promise(() => {}));
    expect(isFuture(future)).toBe(true);
    future.cancel();
  }));

test('FUT-1.2 isFuture knows those of another copy, by their brand', () =>
  withLoop(async () => {
    vi.resetModules();
    const copy = await import('@aiokit/future');
    expect(copy.Future).not.toBe(Future);
    const theirs = new copy.Future<number>();
    expect(theirs).not.toBeInstanceOf(Future);
    expect(isFuture(theirs)).toBe(true);
    expect(copy.isFuture(new Future())).toBe(true);
    expect(wrapFuture(theirs)).toBe(theirs);
    expect(isFuture({ [Symbol.for('aiokit.future')]: true })).toBe(true);
  }));

test('FUT-1.2 isFuture knows nothing else', () =>
  withLoop(() => {
    const waiter = new WaitQueue<number>({ deliver: () => 1, passed: () => {} }).join();
    const others = [undefined, null, 0, 'text', {}, [], () => {}, Future, Promise.resolve(), waiter];
    for (const other of others) expect(isFuture(other)).toBe(false);
    waiter.abandon();
  }));
