import type { Awaitable, EventLoop, Handle, TimerHandle } from '@aiokit/loop-core';
import { AwaitableBase } from '@aiokit/loop-core';
import { type Waiter, type WaitOptions, WaitQueue } from '@aiokit/loop-core/wait-queue';
import { expectTypeOf, test } from 'vitest';

declare const awaitable: Awaitable<string>;

test('WAIT-7 waiting gives the awaitable’s type, in each of the ways', async () => {
  expectTypeOf(await awaitable).toEqualTypeOf<string>();
  expectTypeOf(awaitable.result()).toEqualTypeOf<string>();
  function* wait(): Generator<Awaitable<unknown>, number> {
    const value = yield* awaitable;
    expectTypeOf(value).toEqualTypeOf<string>();
    return value.length;
  }
  expectTypeOf(wait()).toEqualTypeOf<Generator<Awaitable<unknown>, number>>();
  awaitable.addDoneCallback((done) => {
    expectTypeOf(done.result()).toEqualTypeOf<string>();
  });
  expectTypeOf(Promise.all([awaitable, Promise.resolve(1)])).toEqualTypeOf<Promise<[string, number]>>();
});

test('WAIT-7 then is that of a promise-like', () => {
  expectTypeOf<Awaitable<string>>().toExtend<PromiseLike<string>>();
  expectTypeOf(awaitable.then((text) => text.length)).toEqualTypeOf<PromiseLike<number>>();
  expectTypeOf(
    awaitable.then(
      () => 1,
      () => true,
    ),
  ).toEqualTypeOf<PromiseLike<number | boolean>>();
});

test('WAIT-7 a base class asks for what it cannot know', () => {
  // @ts-expect-error the state is the subclass's
  class Incomplete extends AwaitableBase<string> {}
  expectTypeOf<Incomplete>().toExtend<Awaitable<string>>();
});

test('WAIT-1 a waiter is an awaitable of what its owner delivers', () => {
  const queue = new WaitQueue<number>({ deliver: () => 1, passed: () => {} });
  expectTypeOf(queue.join()).toEqualTypeOf<Waiter<number>>();
  expectTypeOf<Waiter<number>>().toExtend<Awaitable<number>>();
  expectTypeOf<Waiter<number>>().toExtend<Disposable>();
  expectTypeOf(queue.grant()).toEqualTypeOf<Waiter<number> | undefined>();
  expectTypeOf(queue.first).toEqualTypeOf<Waiter<number> | undefined>();
  // @ts-expect-error a text is no number
  new WaitQueue<number>({ deliver: () => 'text', passed: () => {} });
  // @ts-expect-error an owner takes a turn back
  new WaitQueue<number>({ deliver: () => 1 });
});

test('WAIT-1 the limits of a wait', () => {
  const options: WaitOptions = { signal: new AbortController().signal, timeoutMs: 5 };
  expectTypeOf(options.timeoutMs).toEqualTypeOf<number | undefined>();
  const none: WaitOptions[] = [{}, { signal: undefined, timeoutMs: undefined }];
  expectTypeOf(none).toExtend<WaitOptions[]>();
  // @ts-expect-error a text is no number of milliseconds
  const text: WaitOptions = { timeoutMs: '5' };
  expectTypeOf(text).toExtend<WaitOptions>();
});

test('WAIT-7 the arguments of a callback are those that are given', () => {
  const loop = null as unknown as EventLoop;
  const takes = (text: string, count: number): void => void [text, count];
  expectTypeOf(loop.callSoon(takes, 'a', 1)).toEqualTypeOf<Handle>();
  expectTypeOf(loop.callLater(5, takes, 'a', 1)).toEqualTypeOf<TimerHandle>();
  // @ts-expect-error an argument is missing
  loop.callSoon(takes, 'a');
  // @ts-expect-error of another type
  loop.callSoon(takes, 'a', 'b');
});
