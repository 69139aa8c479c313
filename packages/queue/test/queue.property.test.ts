import { LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Program, program, Run, type Watched } from './random-programs.js';
import { withLoop } from './with-loop.js';

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(2000, fc.readConfigureGlobal().numRuns ?? 0);

/** Whether an item may leave before another that is there: by the item, and by when it was put. */
type Precedes = (one: number, other: number, put: (item: number) => number) => boolean;

/** A queue whose storage is watched: every item that leaves must be the one that is next. */
function watched(
  type: typeof Queue<number>,
  precedes: Precedes,
): new (
  maxsize: number,
) => Queue<number> & Watched {
  return class extends type {
    readonly entered: number[] = [];
    readonly broken: string[] = [];
    returned = 0;
    readonly #there = new Set<number>();

    protected override putItem(item: number): void {
      this.entered.push(item);
      this.#there.add(item);
      super.putItem(item);
    }

    protected override getItem(): number {
      const item = super.getItem();
      this.#there.delete(item);
      for (const other of this.#there) {
        if (precedes(other, item, (one) => this.entered.indexOf(one)))
          this.broken.push(`${item} before ${other}`);
      }
      return item;
    }

    protected override returnItem(item: number, place: number): void {
      this.returned++;
      // A plain queue keeps what came back apart.
      if (type !== Queue) this.#there.add(item);
      super.returnItem(item, place);
    }
  };
}

const FIFO = watched(Queue, (one, other, put) => put(one) < put(other));
const KINDS = {
  Queue: FIFO,
  LifoQueue: watched(LifoQueue, (one, other, put) => put(one) > put(other)),
  /** Items that are equal keep their order. */
  PriorityQueue: watched(
    class extends PriorityQueue<number> {
      constructor(maxsize?: number) {
        super(maxsize, { compare: (one, other) => (one % 3) - (other % 3) });
      }
    },
    (one, other, put) => one % 3 < other % 3 || (one % 3 === other % 3 && put(one) < put(other)),
  ),
};

const runOn = (type: (typeof KINDS)['Queue'], one: Program): Promise<Run> =>
  withLoop(async (loop) => {
    const run = new Run(loop, new type(one.maxsize));
    await run.play(one);
    if (type === FIFO) run.checkOrder();
    return run;
  });

const CLASSES = [
  'get at once',
  'put at once',
  'get done after a wait, generator',
  'get done after a wait, async',
  'get done after a wait, plain',
  'put done after a wait, generator',
  'put done after a wait, async',
  'put done after a wait, plain',
  'next done after a wait, generator',
  'getMany done after a wait, generator',
  'putMany done after a wait, generator',
  'get waiting, then cancelled',
  'get waiting, then aborted',
  'get waiting, then abandoned',
  'get granted, then cancelled',
  'get granted, then aborted',
  'get granted, then abandoned',
  'get timed out',
  'put waiting, then cancelled',
  'put waiting, then aborted',
  'put waiting, then abandoned',
  'put granted, then cancelled',
  'put granted, then aborted',
  'put granted, then abandoned',
  'put timed out',
  'getNowait refused as the item is reserved',
  'putNowait refused as the place is reserved',
  'an item came back',
  'join waits',
  'join done after a wait, generator',
  'shutdown with getters',
  'shutdown with putters',
  'shutdown with reserved items',
  'shutdown with reserved places',
  'immediate with unfinished tasks',
];

async function assertWithHistogram(check: (one: Program) => Promise<Run>): Promise<void> {
  const counts = new Map<string, number>();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(program, async (one) => {
      const { broken, events } = await check(one);
      expect(broken).toEqual([]);
      runs++;
      for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
    }),
    { numRuns },
  );
  const shares = CLASSES.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
  console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
  expect(shares.filter(([, share]) => share < 1)).toEqual([]);
}

describe('random programs', () => {
  test.each(Object.entries(KINDS))(
    'QUEUE-14.1 QUEUE-14.2 on a %s lose and double nothing, keep the order, and leave nobody waiting',
    async (_, type) => {
      await expect(assertWithHistogram((one) => runOn(type, one))).resolves.toBe(undefined);
    },
  );
});
