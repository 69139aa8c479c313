/** asyncio's event. */
import { isTimeoutError } from '@aiokit/loop-core';
import { Event } from '@aiokit/sync-primitives';
import { type Coroutine, createTask } from '@aiokit/task';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

test('EVENT-1.1 set wakes everybody in order, also if it is cleared at once', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    const woken: number[] = [];
    function* wait(n: number): Coroutine<void> {
      expect(yield* event.wait()).toBe(true);
      woken.push(n);
    }
    for (let n = 0; n < 3; n++) createTask(wait(n));
    loop.tick();
    event.set();
    event.clear();
    const late = event.wait();
    expect(inspect(event)).toBe('<Event unset waiters=4>');
    loop.tick();
    expect([woken, late.done(), inspect(event)]).toEqual([[0, 1, 2], false, '<Event unset waiters=1>']);
    late.abandon();
  }));

test('EVENT-1.2 setting and clearing twice does nothing', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    event.clear();
    expect(event.isSet()).toBe(false);
    event.set();
    event.set();
    expect([event.isSet(), inspect(event)]).toEqual([true, '<Event set>']);
    event.clear();
    expect(event.isSet()).toBe(false);
  }));

test('EVENT-2.1 a set event is not waited for', () =>
  withLoop(async (loop) => {
    const event = loop.watch(new Event());
    event.set();
    expect([event.wait().done(), await event.wait(), await event.wait({ timeoutMs: 0 })]).toEqual([
      true,
      true,
      true,
    ]);
    const signal = AbortSignal.abort('too late');
    await expect(event.wait({ signal })).rejects.toBe('too late');
  }));

test('EVENT-2.2 whoever gives up takes nothing from the others', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    const controller = new AbortController();
    const waits = [event.wait({ signal: controller.signal }), event.wait({ timeoutMs: 1 }), event.wait()];
    loop.advance(1);
    event.set();
    controller.abort('no');
    expect(thrownBy(() => waits[0]?.result())).toBe('no');
    expect(isTimeoutError(thrownBy(() => waits[1]?.result()))).toBe(true);
    expect(waits[2]?.result()).toBe(true);
  }));

test('EVENT-2.3 a hundred thousand are woken by one set', { timeout: 60_000 }, () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    let woken = 0;
    function* wait(): Coroutine<void> {
      yield* event.wait();
      woken++;
    }
    for (let n = 0; n < 100_000; n++) createTask(wait());
    loop.tick();
    expect(event.statistics()).toEqual({ holders: 0, waiting: 100_000, longestWaitMs: undefined });
    event.set();
    loop.tick();
    expect(woken).toBe(100_000);
  }),
);

test('PERMIT-2.4 neither time limits nor signals leave anything', () =>
  withLoop((loop) => {
    const event = loop.watch(new Event());
    const { signal } = new AbortController();
    for (let n = 0; n < 1000; n++) event.wait({ timeoutMs: 5, signal });
    loop.advance(5);
    expect(event.statistics().waiting).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }));

test('PERMIT-2.1 options that make no sense are refused', () => {
  const event = new Event();
  expect(() => event.wait(5 as never)).toThrow(/^options must be an object, got 5/);
  expect(() => event.wait({ timeoutMs: Number.NaN })).toThrow(RangeError);
  expect(event.statistics().waiting).toBe(0);
});
