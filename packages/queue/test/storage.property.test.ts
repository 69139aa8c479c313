/** The storage of queues against the plainest there is. */
import { LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOf, thrownBy } from './with-loop.js';

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 3, arbitrary: fc.record({ get: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ refused: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ back: fc.integer({ min: 1, max: 5 }) }) },
  ),
  { maxLength: 40, size: 'max' },
);

interface Entry {
  readonly item: number;
  readonly order: number;
}

/** What no queue here takes. */
const REFUSED: Entry = { item: Number.NaN, order: -1 };

function check({ item }: Entry): void {
  if (Number.isNaN(item)) throw new RangeError('refused');
}

class CheckedQueue extends Queue<Entry> {
  protected override putItem(entry: Entry): void {
    check(entry);
    super.putItem(entry);
  }
}

class CheckedLifoQueue extends LifoQueue<Entry> {
  protected override putItem(entry: Entry): void {
    check(entry);
    super.putItem(entry);
  }
}

function compareItems(one: Entry, other: Entry): number {
  check(one);
  return one.item - other.item;
}

const KINDS = {
  Queue: [() => new CheckedQueue(), (one: Entry, other: Entry) => one.order - other.order],
  LifoQueue: [() => new CheckedLifoQueue(), (one: Entry, other: Entry) => other.order - one.order],
  PriorityQueue: [
    () => new PriorityQueue<Entry>(0, { compare: compareItems }),
    (one: Entry, other: Entry) => one.item - other.item || one.order - other.order,
  ],
} as const;

describe('storage', () => {
  test.each(Object.entries(KINDS))('QUEUE-14.3 of a %s is that of a sorted array', (_, [make, compare]) => {
    const counts = { grown: 0, shrunk: 0, back: 0, refused: 0 };
    let runs = 0;
    fc.assert(
      fc.property(steps, (all) => {
        runs++;
        const queue = make();
        const model: Entry[] = [];
        let order = 0;
        let most = 0;
        let back = false;
        const refusals: unknown[] = [];
        for (const step of all) {
          if ('put' in step) {
            for (let left = step.put; left > 0; left--) {
              const entry = { item: (order * 7) % 10, order: order++ };
              queue.putNowait(entry);
              model.push(entry);
            }
            model.sort(compare);
            most = Math.max(most, model.length);
          } else if ('refused' in step) {
            const batch = Array.from({ length: step.refused }, (_, at) => ({
              item: (at * 7) % 10,
              order: -1,
            }));
            refusals.push(nameOf(thrownBy(() => queue.putMany([...batch, REFUSED]))));
          } else if ('back' in step) {
            const gets = Array.from({ length: Math.min(step.back, model.length) }, () => queue.get());
            // The first comes back last.
            gets.push(...gets.splice(0, 1));
            for (const get of gets) get.abandon();
            back ||= gets.length > 1;
          }
          const next = 'get' in step ? model.splice(0, step.get) : [];
          expect(next.map(() => queue.getNowait())).toEqual(next);
          expect(queue.qsize()).toBe(model.length);
        }
        if (back) counts.back++;
        expect(refusals).toEqual(refusals.map(() => 'RangeError'));
        if (refusals.length > 0) counts.refused++;
        if (most > 64) counts.grown++;
        if (most > 64 && model.length < 8) counts.shrunk++;
        expect(model.map(() => queue.getNowait())).toEqual(model);
        expect(queue.empty()).toBe(true);
      }),
    );
    const rare = Object.entries(counts).filter(([, count]) => count < runs / 100);
    console.log(
      Object.entries(counts)
        .map(([name, count]) => `${((100 * count) / runs).toFixed(1)} % ${name}`)
        .join('\n'),
    );
    expect(rare).toEqual([]);
  });
});
