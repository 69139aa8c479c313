/**
 * {cancel, abort, timeout} x {before, same tick, after} x {generator, async function, plain}, over everything lock-like,
 * with the expected result of each cell: what becomes of `a`, whose wait is ended, and of `b`, who waits behind it.
 *
 * before: the wait is ended, then the lock is released, in one tick. same tick: released, then ended, in one tick. after:
 * ended once `a` holds the lock.
 */
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import { type Coroutine, createTask } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { type Held, LOCK_LIKE, type LockLike } from './lock-like.js';
import { settle, type TestLoop, withLoop } from './with-loop.js';

type Way = 'generator' | 'async' | 'plain';
type End = 'cancel' | 'abort' | 'timeout';
type Moment = 'before' | 'same tick' | 'after';
type Cell = readonly [a: string, b: string];

const AFTER: Cell = ['got it', 'waits'];

/** For `cancel` of plain code in the same tick: the wait is over when it is cancelled, so it keeps what it has. */
const MATRIX: Record<Way, Record<End, Record<Moment, Cell>>> = {
  generator: {
    cancel: { before: ['CancelledError', 'got it'], 'same tick': ['CancelledError', 'got it'], after: AFTER },
    abort: { before: ['the reason', 'got it'], 'same tick': ['the reason', 'got it'], after: AFTER },
    timeout: { before: ['TimeoutError', 'got it'], 'same tick': ['TimeoutError', 'got it'], after: AFTER },
  },
  async: {
    cancel: { before: ['CancelledError', 'got it'], 'same tick': ['CancelledError', 'got it'], after: AFTER },
    abort: { before: ['the reason', 'got it'], 'same tick': ['the reason', 'got it'], after: AFTER },
    timeout: { before: ['TimeoutError', 'got it'], 'same tick': ['TimeoutError', 'got it'], after: AFTER },
  },
  plain: {
    cancel: { before: ['CancelledError', 'got it'], 'same tick': ['got it', 'waits'], after: AFTER },
    abort: { before: ['the reason', 'got it'], 'same tick': ['the reason', 'got it'], after: AFTER },
    timeout: { before: ['TimeoutError', 'got it'], 'same tick': ['TimeoutError', 'got it'], after: AFTER },
  },
};

const TIME_LIMIT = 10;

const nameOf = (error: unknown): string =>
  isCancelledError(error) ? 'CancelledError' : isTimeoutError(error) ? 'TimeoutError' : String(error);

async function play(loop: TestLoop, make: () => LockLike, way: Way, end: End, moment: Moment): Promise<Cell> {
  const lock = loop.watch(make());
  const held = lock.tryAcquire() as Held;
  const controller = new AbortController();
  const options: WaitOptions =
    end === 'abort' ? { signal: controller.signal } : end === 'timeout' ? { timeoutMs: TIME_LIMIT } : {};
  let permit: Held | undefined;
  const seen = { a: 'waits', b: 'waits' };
  const got = (value: Held): void => {
    permit = value;
    seen.a = 'got it';
  };
  const failed = (error: unknown): void => {
    seen.a = nameOf(error);
  };
  // A timer that was made before is fired before: so the release comes first in the tick of the time limit.
  if (end === 'timeout' && moment === 'same tick') loop.callAt(TIME_LIMIT, () => held.release());
  let cancel: () => void;
  if (way === 'generator') {
    const task = createTask(
      (function* (): Coroutine<void> {
        try {
          got(yield* lock.acquire(options));
        } catch (error) {
          failed(error);
        }
      })(),
    );
    cancel = () => void task.cancel();
  } else if (way === 'async') {
    const task = createTask(async () => {
      try {
        got(await lock.acquire(options));
      } catch (error) {
        failed(error);
      }
    });
    cancel = () => void task.cancel();
  } else {
    const operation = lock.acquire(options);
    operation.addDoneCallback(() => {
      try {
        got(operation.result());
      } catch (error) {
        failed(error);
      }
    });
    cancel = () => void operation.cancel();
  }
  await settle(loop);
  if (end === 'timeout' && moment === 'before') loop.callAt(TIME_LIMIT, () => held.release());
  const second = lock.acquire();
  let next: Held | undefined;
  second.addDoneCallback(() => {
    next = second.result();
    seen.b = 'got it';
  });
  if (moment === 'after') {
    held.release();
    await settle(loop);
  }
  if (end === 'timeout') loop.advance(TIME_LIMIT);
  else {
    loop.callSoon(() => {
      if (moment === 'same tick') held.release();
      if (end === 'cancel') cancel();
      else controller.abort('the reason');
      if (moment === 'before') held.release();
    });
    loop.tick();
  }
  await settle(loop);
  const outcome: Cell = [seen.a, seen.b];
  permit?.release();
  await settle(loop);
  expect([seen.b, lock.statistics()]).toMatchObject(['got it', { holders: 1, waiting: 0 }]);
  next?.release();
  expect(lock.tryAcquire()?.release()).toBeUndefined();
  expect(lock.statistics()).toMatchObject({ holders: 0, waiting: 0 });
  return outcome;
}

describe.each(LOCK_LIKE)('$name', ({ make }) => {
  for (const [way, ends] of Object.entries(MATRIX) as [Way, (typeof MATRIX)[Way]][]) {
    for (const [end, moments] of Object.entries(ends) as [End, (typeof ends)[End]][]) {
      for (const [moment, expected] of Object.entries(moments) as [Moment, Cell][]) {
        test(`PERMIT-2.6 ${way}, ${end}, ${moment}`, () =>
          withLoop(async (loop) => {
            expect(await play(loop, make, way, end, moment)).toEqual(expected);
          }));
      }
    }
  }
});
