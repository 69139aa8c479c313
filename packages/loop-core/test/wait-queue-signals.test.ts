import { checkSignal, joinSignal, leaveSignal } from '@aiokit/loop-core';
import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Something that writes down what it was ended with. */
function makeWait(): { abort(reason: unknown): void; readonly reasons: unknown[] } {
  const reasons: unknown[] = [];
  return { reasons, abort: (reason) => void reasons.push(reason) };
}

test('WAIT-6.6 joinSignal ends a wait with the reason when the signal aborts, and at once if it has', () => {
  const controller = new AbortController();
  const [early, late] = [makeWait(), makeWait()];
  joinSignal(controller.signal, early);
  expect(early.reasons).toEqual([]);
  controller.abort('enough');
  expect(early.reasons).toEqual(['enough']);
  joinSignal(controller.signal, late);
  expect(late.reasons).toEqual(['enough']);
  expect(listeners(controller.signal)).toBe(0);
  leaveSignal(controller.signal, late);
});

test('WAIT-6.6 joining twice counts once, leaving what never joined does nothing', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const [one, other] = [makeWait(), makeWait()];
  leaveSignal(signal, one);
  joinSignal(signal, one);
  joinSignal(signal, one);
  leaveSignal(signal, other);
  expect(listeners(signal)).toBe(1);
  leaveSignal(signal, one);
  leaveSignal(signal, one);
  expect(listeners(signal)).toBe(0);
  joinSignal(signal, other);
  controller.abort(1);
  expect([one.reasons, other.reasons]).toEqual([[], [1]]);
});

test('WAIT-6.6 however many join, one listener is added, and one removed', () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const waits = Array.from({ length: 1000 }, makeWait);
  for (const wait of waits) joinSignal(signal, wait);
  for (const wait of waits) leaveSignal(signal, wait);
  expect([added.mock.calls.length, removed.mock.calls.length, listeners(signal)]).toEqual([1, 1, 0]);
});

test('WAIT-6.5 waits are ended in order; one that leaves meanwhile is not, one that joins meanwhile is', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const steps: string[] = [];
  const say = (name: string) => ({ abort: () => void steps.push(name) });
  const [b, c, late] = [say('b'), say('c'), say('late')];
  const a = {
    abort(): void {
      steps.push('a');
      leaveSignal(signal, b);
      joinSignal(signal, late);
    },
  };
  for (const wait of [a, b, c]) joinSignal(signal, wait);
  controller.abort();
  expect(steps).toEqual(['a', 'late', 'c']);
  expect(listeners(signal)).toBe(0);
});

test('WAIT-6.5 one that throws is the host’s to report, and the others are ended', async () => {
  const controller = new AbortController();
  const bad = {
    abort(): void {
      throw new RangeError('bad');
    },
  };
  const [before, after] = [makeWait(), makeWait()];
  for (const wait of [before, bad, after]) joinSignal(controller.signal, wait);
  const reported: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => reported.push(error));
  try {
    controller.abort('enough');
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  expect([before.reasons, after.reasons]).toEqual([['enough'], ['enough']]);
  expect(reported).toEqual([new RangeError('bad')]);
});

test('WAIT-6.6 whatever has the methods of a signal is one', () => {
  let listener = (): void => {};
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_: 'abort', added: () => void) => {
      listener = added;
    },
    removeEventListener: () => {},
  };
  const wait = makeWait();
  checkSignal(signal);
  joinSignal(signal, wait);
  Object.assign(signal, { aborted: true, reason: 'enough' });
  listener();
  expect(wait.reasons).toEqual(['enough']);
});

test.each([null, 1, 'signal', {}, { aborted: true }])('WAIT-6.6 checkSignal refuses %j', (signal) => {
  expect(() => checkSignal(signal as never)).toThrow(/^signal must be an AbortSignal, got /);
  expect(() => checkSignal(undefined)).not.toThrow();
});
