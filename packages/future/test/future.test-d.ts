import type { Awaitable, EventLoop } from '@aiokit/loop-core';
import { fromPromise, Future, isFuture, wrapFuture } from '@aiokit/future';
import { expectTypeOf, test } from 'vitest';

declare const future: Future<string>;

test('FUT-2 the outcome has the type of the future', () => {
  expectTypeOf(future.result()).toEqualTypeOf<string>();
  expectTypeOf(future.exception()).toEqualTypeOf<unknown>();
  expectTypeOf(future.cancelled()).toEqualTypeOf<boolean>();
  expectTypeOf(future.getLoop()).toEqualTypeOf<EventLoop>();
  expectTypeOf<Future<string>['setResult']>().parameters.toEqualTypeOf<[value: string]>();
  // @ts-expect-error a number is no string
  future.setResult(1);
  // @ts-expect-error a result is needed
  future.setResult();
  new Future<void>().setResult();
});

test('FUT-4 a callback is given the future', () => {
  future.addDoneCallback((done) => {
    expectTypeOf(done).toEqualTypeOf<Future<string>>();
  });
  class Job extends Future<number> {
    name = 'job';
  }
  new Job().addDoneCallback((done) => {
    expectTypeOf(done.name).toEqualTypeOf<string>();
  });
  expectTypeOf(future.removeDoneCallback(() => {})).toEqualTypeOf<number>();
  // @ts-expect-error a callback that wants another future
  future.addDoneCallback((done: Future<number>) => void done);
});

test('FUT-6 waiting gives the type of the future, in each of the ways', async () => {
  expectTypeOf(await future).toEqualTypeOf<string>();
  function* wait(): Generator<Awaitable<unknown>, number> {
    const value = yield* future;
    expectTypeOf(value).toEqualTypeOf<string>();
    return value.length;
  }
  expectTypeOf(wait).returns.toEqualTypeOf<Generator<Awaitable<unknown>, number>>();
  expectTypeOf(future).toExtend<Awaitable<string>>();
  expectTypeOf(future).toExtend<PromiseLike<string>>();
  // @ts-expect-error a promise has more than a future
  const promise: Promise<string> = future;
  void promise;
});

test('FUT-6 then has the types of a promise’s', () => {
  expectTypeOf(future.then()).toEqualTypeOf<PromiseLike<string>>();
  expectTypeOf(future.then((text) => text.length)).toEqualTypeOf<PromiseLike<number>>();
  expectTypeOf(future.then((text) => Promise.resolve(text.length))).toEqualTypeOf<PromiseLike<number>>();
  expectTypeOf(future.then(null, () => 1)).toEqualTypeOf<PromiseLike<string | number>>();
  expectTypeOf(
    future.then(
      () => true,
      () => 1,
    ),
  ).toEqualTypeOf<PromiseLike<boolean | number>>();
  future.then(null, (reason) => {
    expectTypeOf(reason).toBeUnknown();
  });
  expectTypeOf(Promise.all([future, new Future<number>()])).toEqualTypeOf<Promise<[string, number]>>();
});

test('FUT-7, FUT-8 conversions keep the type', () => {
  expectTypeOf(future.toPromise()).toEqualTypeOf<Promise<string>>();
  expectTypeOf(future.toPromise({ signal: new AbortController().signal })).toEqualTypeOf<Promise<string>>();
  expectTypeOf(fromPromise(Promise.resolve(1))).toEqualTypeOf<Future<number>>();
  expectTypeOf(
    fromPromise((signal) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return Promise.resolve(1);
    }),
  ).toEqualTypeOf<Future<number>>();
  expectTypeOf(wrapFuture(future)).toEqualTypeOf<Future<string>>();
  expectTypeOf(wrapFuture(Promise.resolve(1))).toEqualTypeOf<Future<number>>();
  expectTypeOf(wrapFuture(null as unknown as Awaitable<boolean>)).toEqualTypeOf<Future<boolean>>();
  // @ts-expect-error a function is nothing to wait for
  wrapFuture(() => Promise.resolve(1));
});

test('FUT-1 isFuture narrows', () => {
  expectTypeOf(isFuture).guards.toEqualTypeOf<Future<unknown>>();
  // @ts-expect-error a loop is no option's value but an event loop
  new Future({ loop: {} });
  new Future({ loop: undefined });
  new Future<number>({ loop: null as unknown as EventLoop });
});
