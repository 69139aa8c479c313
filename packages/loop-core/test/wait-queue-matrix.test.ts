/**
 * What becomes of a wait that is given up, for each way to give up, each moment, and each way to wait.
 *
 * A semaphore of one is held. `a` waits and gives up, `b` waits behind it. `before`: `a` gives up, then the permit is
 * released, in one tick. `same tick`: the permit is released, then `a` gives up. `after`: `a` has the permit.
 */
import { realm, TimeoutError } from '@aiokit/loop-core';
import type { Waiter, WaitOptions } from '@aiokit/loop-core/wait-queue';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { Driver, Scope } from './wait-queue-driver.js';
import { hop, type TestLoop, withLoop } from './wait-queue-loop.js';
import { type Permit, TinyQueue, TinySemaphore } from './wait-queue-owners.js';

const scopes = new AsyncLocalStorage<Scope>();
const withoutScope = realm.scope;

beforeAll(() => {
  realm.scope = () => scopes.getStore() ?? null;
});
afterAll(() => {
  realm.scope = withoutScope;
});

type Way = 'generator' | 'async' | 'plain';
type End = 'cancel' | 'abort' | 'timeout';
type Moment = 'before' | 'same tick' | 'after';

/** What a cell expects. */
interface Cell {
  /** What `a` gets: a permit, or the error's name. */
  readonly a: 'permit' | 'CancelledError' | 'the reason' | 'TimeoutError';
  /** How many iterations after `a` gave up `b` has its permit; `never` until `a` releases its own. */
  readonly b: number | 'never';
  /** What `cancel()` returned, and what became of the wait that came after the one that was asked for. */
  readonly cancel?: boolean;
  readonly next?: 'CancelledError';
}

const CELLS: Record<Way, Record<End, Record<Moment, Cell>>> = {
  generator: {
    cancel: {
      before: { a: 'CancelledError', b: 1, cancel: true },
      // The step that is cancelled gives the turn back, so that `b` is told an iteration later.
      'same tick': { a: 'CancelledError', b: 2, cancel: true },
      // It holds the permit; the cancellation lands where it waits next.
      after: { a: 'permit', b: 'never', cancel: true, next: 'CancelledError' },
    },
    abort: {
      before: { a: 'the reason', b: 1 },
      'same tick': { a: 'the reason', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 1 },
      'same tick': { a: 'TimeoutError', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
  },
  async: {
    cancel: {
      before: { a: 'CancelledError', b: 1 },
      'same tick': { a: 'CancelledError', b: 2 },
      after: { a: 'permit', b: 'never', next: 'CancelledError' },
    },
    abort: {
      before: { a: 'the reason', b: 1 },
      'same tick': { a: 'the reason', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 1 },
      'same tick': { a: 'TimeoutError', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
  },
  plain: {
    cancel: {
      before: { a: 'CancelledError', b: 1, cancel: true },
      // Plain code is told that it is too late, and may abandon.
      'same tick': { a: 'permit', b: 'never', cancel: false },
      after: { a: 'permit', b: 'never', cancel: false },
    },
    abort: {
      before: { a: 'the reason', b: 1 },
      'same tick': { a: 'the reason', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 1 },
      'same tick': { a: 'TimeoutError', b: 1 },
      after: { a: 'permit', b: 'never' },
    },
  },
};

const TIME_LIMIT = 5;

/** How the wait of `a` goes on, and how it is cancelled. */
interface Party {
  cancel(): boolean | undefined;
  seen: string | undefined;
  next: string | undefined;
  permit: Permit | undefined;
}

function start(loop: TestLoop, way: Way, acquire: () => Waiter<Permit>, behind: TinyQueue<string>): Party {
  const note = (error: unknown): string =>
    error instanceof Error ? error.name : error === 'enough' ? 'the reason' : String(error);
  const party: Party = { cancel: () => undefined, seen: undefined, next: undefined, permit: undefined };
  const has = (permit: Permit): void => {
    party.permit = permit;
    party.seen = 'permit';
  };
  if (way === 'generator') {
    const driver = new Driver(
      loop,
      (function* () {
        try {
          has(yield* acquire());
        } catch (error) {
          party.seen = note(error);
          return;
        }
        try {
          yield* behind.get();
        } catch (error) {
          party.next = note(error);
        }
      })(),
    );
    party.cancel = () => driver.cancel();
  } else if (way === 'async') {
    const scope = new Scope();
    const main = async (): Promise<void> => {
      try {
        has(await acquire());
      } catch (error) {
        party.seen = note(error);
        return;
      }
      try {
        await behind.get();
      } catch (error) {
        party.next = note(error);
      }
    };
    void scopes.run(scope, main);
    party.cancel = () => {
      scope.cancel();
      return undefined;
    };
  } else {
    const waiter = acquire();
    waiter.addDoneCallback(() => {
      try {
        has(waiter.result());
      } catch (error) {
        party.seen = note(error);
      }
    });
    party.cancel = () => waiter.cancel();
  }
  return party;
}

/** One iteration, and what the host then has ready. */
async function turn(loop: TestLoop): Promise<void> {
  loop.tick();
  await hop();
}

async function play(loop: TestLoop, way: Way, end: End, moment: Moment): Promise<Cell> {
  const semaphore = loop.owns(new TinySemaphore(1));
  const behind = loop.owns(new TinyQueue<string>());
  const controller = new AbortController();
  const options: WaitOptions =
    end === 'abort' ? { signal: controller.signal } : end === 'timeout' ? { timeoutMs: TIME_LIMIT } : {};
  const held = semaphore.acquire().result();
  const release = (): void => held.release();
  let cancelled: boolean | undefined;
  const giveUp = (): void => {
    if (end === 'cancel') cancelled = a.cancel();
    if (end === 'abort') controller.abort('enough');
  };
  // Timers of one instant run in the order in which they were made: this one before the time limit, or after it.
  if (end === 'timeout' && moment === 'same tick') loop.callAt(TIME_LIMIT, release);
  const a = start(loop, way, () => semaphore.acquire(options), behind);
  await turn(loop);
  if (end === 'timeout' && moment === 'before') loop.callAt(TIME_LIMIT, release);
  const second = semaphore.acquire();
  let hasB = false;
  second.addDoneCallback(() => {
    second.result();
    hasB = true;
  });
  if (moment === 'after') {
    release();
    await turn(loop);
    await turn(loop);
    assert.equal(a.seen, 'permit');
  }
  if (end === 'timeout') loop.advance(TIME_LIMIT - loop.time());
  else {
    loop.callSoon(() => {
      if (moment === 'same tick') release();
      giveUp();
      if (moment === 'before') release();
    });
    loop.tick();
  }
  expect(hasB).toBe(false);
  await hop();
  let b: number | 'never' = 'never';
  for (let tick = 1; tick < 6; tick++) {
    await turn(loop);
    if (hasB && b === 'never') b = tick;
  }
  const result: Cell = {
    a: a.seen as Cell['a'],
    b,
    ...(cancelled === undefined ? {} : { cancel: cancelled }),
    ...(a.next === undefined ? {} : { next: a.next as 'CancelledError' }),
  };
  // Nothing is lost: the permit is where it is said to be, and one that is given back reaches `b`.
  expect(semaphore.value).toBe(0);
  a.permit?.release();
  await turn(loop);
  expect(hasB).toBe(true);
  second.result().release();
  expect(semaphore.value).toBe(1);
  behind.close('the end');
  await turn(loop);
  return result;
}

describe('a permit', () => {
  for (const [way, ends] of Object.entries(CELLS) as [Way, (typeof CELLS)[Way]][]) {
    for (const [end, moments] of Object.entries(ends) as [End, (typeof ends)[End]][]) {
      for (const [moment, expected] of Object.entries(moments) as [Moment, Cell][]) {
        test(`WAIT-8.1 ${way}, ${end}, ${moment}`, () =>
          withLoop(async (loop) => {
            expect(await play(loop, way, end, moment)).toEqual(expected);
          }));
      }
    }
  }
});

/** The same for an item: who gives up in the tick in which it was put leaves it to the next, in order. */
const ITEMS: Record<Way, Record<End, Record<Moment, { a: string; b: string }>>> = {
  generator: {
    cancel: {
      before: { a: 'CancelledError', b: 'one' },
      'same tick': { a: 'CancelledError', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
    abort: {
      before: { a: 'the reason', b: 'one' },
      'same tick': { a: 'the reason', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 'one' },
      'same tick': { a: 'TimeoutError', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
  },
  async: {
    cancel: {
      before: { a: 'CancelledError', b: 'one' },
      'same tick': { a: 'CancelledError', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
    abort: {
      before: { a: 'the reason', b: 'one' },
      'same tick': { a: 'the reason', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 'one' },
      'same tick': { a: 'TimeoutError', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
  },
  plain: {
    cancel: {
      before: { a: 'CancelledError', b: 'one' },
      'same tick': { a: 'one', b: 'two' },
      after: { a: 'one', b: 'two' },
    },
    abort: {
      before: { a: 'the reason', b: 'one' },
      'same tick': { a: 'the reason', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
    timeout: {
      before: { a: 'TimeoutError', b: 'one' },
      'same tick': { a: 'TimeoutError', b: 'one' },
      after: { a: 'one', b: 'two' },
    },
  },
};

async function playItems(
  loop: TestLoop,
  way: Way,
  end: End,
  moment: Moment,
): Promise<{ a: string; b: string }> {
  const queue = loop.owns(new TinyQueue<string>());
  const controller = new AbortController();
  const options: WaitOptions =
    end === 'abort' ? { signal: controller.signal } : end === 'timeout' ? { timeoutMs: TIME_LIMIT } : {};
  const seen = { a: '', b: '' };
  const note = (error: unknown): void => {
    seen.a =
      error instanceof TimeoutError ? 'TimeoutError' : error instanceof Error ? error.name : 'the reason';
  };
  const put = (): void => queue.put('one');
  if (end === 'timeout' && moment === 'same tick') loop.callAt(TIME_LIMIT, put);
  let cancel = (): void => {};
  if (way === 'generator') {
    const driver = new Driver(
      loop,
      (function* () {
        try {
          seen.a = yield* queue.get(options);
        } catch (error) {
          note(error);
        }
      })(),
    );
    cancel = () => void driver.cancel();
  } else if (way === 'async') {
    const scope = new Scope();
    void scopes.run(scope, async () => {
      try {
        seen.a = await queue.get(options);
      } catch (error) {
        note(error);
      }
    });
    cancel = () => scope.cancel();
  } else {
    const waiter = queue.get(options);
    waiter.addDoneCallback(() => {
      try {
        seen.a = waiter.result();
      } catch (error) {
        note(error);
      }
    });
    cancel = () => void waiter.cancel();
  }
  await turn(loop);
  if (end === 'timeout' && moment === 'before') loop.callAt(TIME_LIMIT, put);
  const second = queue.get();
  second.addDoneCallback(() => {
    seen.b = second.result();
  });
  if (moment === 'after') {
    put();
    await turn(loop);
  }
  if (end === 'timeout') loop.advance(TIME_LIMIT - loop.time());
  else {
    loop.callSoon(() => {
      if (moment === 'same tick') put();
      if (end === 'cancel') cancel();
      else controller.abort('enough');
      if (moment === 'before') put();
    });
    loop.tick();
  }
  for (let tick = 0; tick < 4; tick++) await turn(loop);
  if (seen.b === '') queue.put('two');
  await turn(loop);
  expect([queue.items, queue.reserved]).toEqual([[], 0]);
  return seen;
}

describe('an item', () => {
  for (const [way, ends] of Object.entries(ITEMS) as [Way, (typeof ITEMS)[Way]][]) {
    for (const [end, moments] of Object.entries(ends) as [End, (typeof ends)[End]][]) {
      for (const [moment, expected] of Object.entries(moments)) {
        test(`WAIT-8.2 ${way}, ${end}, ${moment}`, () =>
          withLoop(async (loop) => {
            expect(await playItems(loop, way, end, moment as Moment)).toEqual(expected);
          }));
      }
    }
  }
});
