import { getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterEach, expect, test } from 'vitest';

afterEach(() => setEventLoop(null));

test('LOOP-10.3 getEventLoop() gives the running loop', () => {
  const loop = new VirtualLoop();
  const found: unknown[] = [];
  loop.callSoon(() => found.push(getEventLoop()));
  loop.runUntilIdle();
  expect(found).toEqual([loop]);
});

test('LOOP-10.3 getEventLoop() makes the default loop once, and anew when it is closed', () => {
  const loop = getEventLoop();
  expect(getEventLoop()).toBe(loop);
  loop.close();
  const next = getEventLoop();
  expect(next).not.toBe(loop);
  expect(next.isClosed()).toBe(false);
});

test('LOOP-10.4 getRunningLoop() gives the loop whose callback runs, and throws where none does', () => {
  const loop = new VirtualLoop();
  const found: unknown[] = [];
  loop.callSoon(() => found.push(getRunningLoop()));
  loop.runUntilIdle();
  expect(found).toEqual([loop]);
  expect(() => getRunningLoop()).toThrow(
    expect.objectContaining({ message: 'no running event loop', code: 'NO_RUNNING_LOOP' }),
  );
});

test('LOOP-10.5 setEventLoop() makes a loop the default one; null asks for a new one', () => {
  const made = newEventLoop();
  const before = getEventLoop();
  expect(before).not.toBe(made);
  setEventLoop(made);
  expect(getEventLoop()).toBe(made);
  expect(() => setEventLoop({} as never)).toThrow(TypeError);
  expect(getEventLoop()).toBe(made);
  setEventLoop(null);
  expect(getEventLoop()).not.toBe(made);
});
