import { CancelledError } from '@aiokit/loop-core';
import { Future } from '@aiokit/future';
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { settle, withLoop } from './with-loop.js';

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('FUT-7.1 toPromise gives a promise of the host that settles as the future does', () =>
  withLoop(async (loop) => {
    const [fine, bad, gone] = [new Future<number>(), new Future<number>(), new Future<number>()];
    const promises = [fine, bad, gone, fine].map((future) => future.toPromise());
    for (const promise of promises) expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype);
    const seen = Promise.all(promises.map(outcome));
    fine.setResult(1);
    bad.setException(new RangeError('far'));
    gone.cancel('why');
    await settle(loop);
    expect(await seen).toEqual([
      { value: 1 },
      { error: new RangeError('far') },
      { error: new CancelledError('why') },
      { value: 1 },
    ]);
    expect(await fine.toPromise({})).toBe(1);
  }));

test('FUT-7.2 a signal cancels the future, and the promise is rejected with its reason at once', () =>
  withLoop(async (loop) => {
    const controller = new AbortController();
    const future = new Future<number>();
    const reason = new Error('enough');
    const seen = outcome(future.toPromise({ signal: controller.signal }));
    expect(listeners(controller.signal)).toBe(1);
    controller.abort(reason);
    expect(future.cancelled()).toBe(true);
    expect(await seen).toEqual({ error: reason });
    await settle(loop);
    expect(listeners(controller.signal)).toBe(0);
  }));

test('FUT-7.2 a signal that has aborted before does the same', () =>
  withLoop(async () => {
    const future = new Future<number>();
    const seen = outcome(future.toPromise({ signal: AbortSignal.abort('early') }));
    expect(future.cancelled()).toBe(true);
    expect(await seen).toEqual({ error: 'early' });
  }));

test('FUT-7.2 a signal that aborts when the future is done changes neither', () =>
  withLoop(async (loop) => {
    const controller = new AbortController();
    const future = new Future<number>();
    const seen = outcome(future.toPromise({ signal: controller.signal }));
    future.setResult(1);
    await settle(loop);
    controller.abort();
    expect(await seen).toEqual({ value: 1 });
    expect(future.result()).toBe(1);
  }));

test('FUT-7.2 a signal that aborts in the tick of the outcome, or has aborted before, does not take it away', () =>
  withLoop(async (loop) => {
    const controller = new AbortController();
    const [fine, bad] = [new Future<number>(), new Future<number>()];
    const seen = [fine, bad].map((future) => outcome(future.toPromise({ signal: controller.signal })));
    fine.setResult(1);
    bad.setException(new RangeError('far'));
    controller.abort();
    seen.push(outcome(fine.toPromise({ signal: controller.signal })));
    await settle(loop);
    expect(await Promise.all(seen)).toEqual([{ value: 1 }, { error: new RangeError('far') }, { value: 1 }]);
    expect(listeners(controller.signal)).toBe(0);
  }));

test('FUT-7.3 100 promises on one signal share a listener, and leave none', () =>
  withLoop(async (loop) => {
    const controller = new AbortController();
    const { signal } = controller;
    const futures = Array.from({ length: 100 }, () => new Future<number>());
    const seen = futures.map((future) => outcome(future.toPromise({ signal })));
    expect(listeners(signal)).toBe(1);
    futures.forEach((future, index) => {
      if (index % 3 === 0) future.setResult(index);
      else if (index % 3 === 1) future.setException(new Error('no'));
      else future.cancel();
    });
    await settle(loop);
    expect(listeners(signal)).toBe(0);
    expect(await Promise.all(seen)).toHaveLength(100);
    expect(
      await new Future<number>().toPromise({ signal: AbortSignal.abort(1) }).catch((e: unknown) => e),
    ).toBe(1);
  }));

test.each([null, 1, {}, 'signal'])('FUT-7.4 toPromise refuses %j as a signal', (signal) =>
  withLoop(() => {
    const future = new Future<number>();
    expect(() => future.toPromise({ signal: signal as never })).toThrow(
      /^signal must be an AbortSignal, got /,
    );
    expect(String(future)).toBe('<Future pending>');
  }),
);
