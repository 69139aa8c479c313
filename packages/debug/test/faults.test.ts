/** What goes wrong in debug itself, or in what it calls, is said once and changes nothing for the loop. */
import { setWarningFilter } from '@aiokit/debug';
import { realm, setLogger } from '@aiokit/loop-core';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, onTestFinished, test, vi } from 'vitest';
import { warn } from '../src/warnings.js';
import { hookFailed } from '../src/internal/detector.js';
import { withDebug } from './with-debug.js';

function* work(): Coroutine<number> {
  yield* sleep(1);
  return 1;
}

test('DEBUG-9 a hook that throws is reported once, and the others are called', () =>
  withDebug(({ loop, errors }) => {
    // A future whose loop cannot be told.
    const broken = { getLoop: () => expect.fail('no loop'), done: () => false };
    for (let time = 0; time < 3; time++) realm.hooks?.created?.(broken as never);
    expect(errors).toEqual(['debug: the hook created has failed; it is reported once']);
    expect(loop.runUntilComplete(work())).toBe(1);
  }));

test('DEBUG-9 a logger that throws while it is told of that is left alone', () =>
  withDebug(({ loop }) => {
    setLogger({ ...console, error: () => expect.fail('no log') });
    hookFailed('a hook of this test', new Error('failed'));
    expect(loop.runUntilComplete(work())).toBe(1);
  }));

test('DEBUG-9 an exception handler that throws is told of, and the loop goes on', () =>
  withDebug(({ loop, errors }) => {
    setWarningFilter('seconds', 'error');
    onTestFinished(() => setWarningFilter('seconds', 'default'));
    loop.setExceptionHandler(() => expect.fail('no handler'));
    loop.callLater(0.1, () => {});
    expect(loop.runUntilComplete(work())).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^Unhandled error in exception handler/)]);
  }));

test('DEBUG-9 what is warned of while a handler is told of a warning is no recursion', () =>
  withDebug(({ loop }) => {
    setWarningFilter('seconds', 'error');
    onTestFinished(() => setWarningFilter('seconds', 'default'));
    let told = 0;
    loop.setExceptionHandler(() => {
      told++;
      loop.callLater(0.2, () => {});
    });
    loop.callLater(0.1, () => {});
    loop.runUntilIdle();
    expect(told).toBe(1);
  }));

test('DEBUG-4.5 of a million identical reports a hundred are said in a second, and how many were not', () =>
  withDebug(({ takeWhole }) => {
    setWarningFilter('starved', 'always');
    const clock = { now: 1_000_000 };
    vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
    onTestFinished(() => void vi.restoreAllMocks());
    for (let report = 0; report < 1_000_000; report++) warn('starved', 'again');
    expect(takeWhole()).toHaveLength(100);
    clock.now += 1000;
    warn('starved', 'again');
    expect(takeWhole()).toEqual(['again\n(999900 more of kind starved were left out)']);
  }));

test('DEBUG-9 a task that ends in the middle of a report is as good as any', () =>
  withDebug(({ loop, take }) => {
    const task = createTask(work());
    setLogger({ ...console, warn: () => void task.cancel() });
    warn('starved', 'now');
    loop.runUntilIdle();
    expect(task.cancelled()).toBe(true);
    expect(take()).toEqual([]);
  }));
