/**
 * What becomes of a `get` and a `put` that is given up, for each way to give up, each moment, and each way to wait.
 *
 * `a` waits and gives up, `b` waits behind it; the event is that an item comes, or a place. `before`: `a` gives up, then
 * comes the event, in one tick. `same tick`: the event, then `a` gives up. `after`: `a` has had its turn.
 */
import type { Operation } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import { Queue } from '@aiokit/queue';
import { type Coroutine, createTask } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { hop, nameOf, type TestLoop, withLoop } from './with-loop.js';

type Way = 'generator' | 'async' | 'plain';
type End = 'cancel' | 'abort' | 'timeout';
type Moment = 'before' | 'same tick' | 'after';

/** What a cell expects. */
interface Cell {
  /** `done`: `a` has its item, or has put it; else how its wait ended. */
  readonly a: 'done' | 'CancelledError' | 'the reason' | 'TimeoutError';
  /** How many iterations after `a` gave up `b` is done; `never` until there is another item or place. */
  readonly b: number | 'never';
  /** What `cancel()` returned, and what became of the next wait of `a`. */
  readonly cancel?: boolean;
  readonly next?: 'CancelledError';
}

const gone = (a: Cell['a']): Record<Moment, Cell> => ({
  before: { a, b: 1 },
  'same tick': { a, b: 1 },
  after: { a: 'done', b: 'never' },
});

/** A task gives its turn back in its own step, so that `b` is told an iteration later; once it is done, its next wait ends. */
const cancelledTask: Record<Moment, Cell> = {
  before: { a: 'CancelledError', b: 1, cancel: true },
  'same tick': { a: 'CancelledError', b: 2, cancel: true },
  after: { a: 'done', b: 'never', cancel: true, next: 'CancelledError' },
};

const CELLS: Record<Way, Record<End, Record<Moment, Cell>>> = {
  generator: { cancel: cancelledTask, abort: gone('the reason'), timeout: gone('TimeoutError') },
  async: { cancel: cancelledTask, abort: gone('the reason'), timeout: gone('TimeoutError') },
  plain: {
    cancel: {
      before: { a: 'CancelledError', b: 1, cancel: true },
      // Plain code is told that it is too late, and may abandon.
      'same tick': { a: 'done', b: 'never', cancel: false },
      after: { a: 'done', b: 'never', cancel: false },
    },
    abort: gone('the reason'),
    timeout: gone('TimeoutError'),
  },
};

const TIME_LIMIT = 5;

interface Party {
  cancel(): boolean;
  seen: string | undefined;
  next: string | undefined;
}

const note = (error: unknown): string => (error === 'enough' ? 'the reason' : String(nameOf(error)));

function start(way: Way, wait: () => Operation<unknown>, behind: Queue<string>): Party {
  const party: Party = { cancel: () => false, seen: undefined, next: undefined };
  if (way === 'plain') {
    const operation = wait();
    party.cancel = () => operation.cancel();
    operation.addDoneCallback(() => {
      try {
        operation.result();
        party.seen = 'done';
      } catch (error) {
        party.seen = note(error);
      }
    });
    return party;
  }
  const task =
    way === 'generator'
      ? createTask(
          (function* (): Coroutine<void> {
            try {
              yield* wait();
              party.seen = 'done';
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
        )
      : createTask(async () => {
          try {
            await wait();
            party.seen = 'done';
          } catch (error) {
            party.seen = note(error);
            return;
          }
          try {
            await behind.get();
          } catch (error) {
            party.next = note(error);
          }
        });
  party.cancel = () => task.cancel();
  return party;
}

async function turn(loop: TestLoop): Promise<void> {
  loop.tick();
  await hop();
}

/** Plays a cell, and checks that nothing is lost or doubled. */
async function play(side: 'get' | 'put', way: Way, end: End, moment: Moment): Promise<Cell> {
  return withLoop(async (loop) => {
    const queue = loop.owns(new Queue<string>(1));
    const behind = loop.owns(new Queue<string>());
    const controller = new AbortController();
    const options: WaitOptions =
      end === 'abort' ? { signal: controller.signal } : end === 'timeout' ? { timeoutMs: TIME_LIMIT } : {};
    const seen: string[] = [];
    if (side === 'put') queue.putNowait('full');
    const event = (): void => {
      if (side === 'get') queue.putNowait('x');
      else seen.push(queue.getNowait());
    };
    if (end === 'timeout' && moment === 'same tick') loop.callLater(TIME_LIMIT, event);
    const items: unknown[] = [];
    const wait = (): Operation<unknown> => {
      if (side === 'put') return queue.put('a', options);
      const operation = queue.get(options);
      return operation;
    };
    const a = start(way, wait, behind);
    const b = { done: false };
    const second = createTask(
      (function* (): Coroutine<void> {
        if (side === 'get') items.push(yield* queue.get());
        else yield* queue.put('b');
        b.done = true;
      })(),
    );
    await turn(loop);
    let cancelled: boolean | undefined;
    const giveUp = (): void => {
      if (end === 'cancel') cancelled = a.cancel();
      else if (end === 'abort') controller.abort('enough');
    };
    if (moment === 'after') {
      event();
      await turn(loop);
    }
    if (end === 'timeout') {
      if (moment === 'before') loop.callLater(TIME_LIMIT, event);
      loop.advance(TIME_LIMIT);
      await hop();
    } else if (moment === 'before') {
      giveUp();
      event();
    } else {
      if (moment === 'same tick') event();
      giveUp();
    }
    let told: number | 'never' = 'never';
    for (let iteration = 1; iteration <= 4; iteration++) {
      await turn(loop);
      if (b.done && told === 'never') told = iteration;
    }
    // Conservation: what there is now, and what `b` gets or puts with another event.
    if (side === 'get' && told === 'never') {
      queue.putNowait('y');
      await turn(loop);
    }
    while (side === 'put' && queue.qsize() > 0) {
      seen.push(queue.getNowait());
      await turn(loop);
    }
    const got = [told === 'never' ? 'y' : 'x'];
    const put = a.seen === 'done' ? ['full', 'a', 'b'] : ['full', 'b'];
    expect([items, seen, queue.qsize()]).toEqual(side === 'get' ? [got, [], 0] : [[], put, 0]);
    expect(second.done()).toBe(true);
    behind.shutdown();
    await turn(loop);
    await turn(loop);
    const cell = {
      a: a.seen as Cell['a'],
      b: told,
      ...(cancelled === undefined ? {} : { cancel: cancelled }),
      ...(a.next === 'CancelledError' ? { next: a.next } : {}),
    } as Cell;
    return cell;
  });
}

const rows = Object.entries(CELLS).flatMap(([way, ends]) =>
  Object.entries(ends).flatMap(([end, moments]) =>
    Object.entries(moments).map(
      ([moment, cell]) => [way as Way, end as End, moment as Moment, cell] as const,
    ),
  ),
);

describe('get', () => {
  test.each(rows)('QUEUE-11.1 %s, %s %s', async (way, end, moment, cell) => {
    expect(await play('get', way, end, moment)).toEqual(cell);
  });
});

describe('put', () => {
  test.each(rows)('QUEUE-11.2 %s, %s %s', async (way, end, moment, cell) => {
    expect(await play('put', way, end, moment)).toEqual(cell);
  });
});
