/** The queue, in every order of its accesses to the memory. */
import { expect, test } from 'vitest';
import { GUARD, IS_BROKEN, LINE } from '../../src/shared/layout.js';
import { CAPACITY, GET, HEAD, TAIL, UNFINISHED } from '../../src/shared/ring.js';
import { checkLine, isQuiet } from './checks.js';
import { addRing, endsOf, finishOf, getOf, joinOf, type Limit, putOf, shutDownOf } from './programs.js';
import { type Program, upTo, type World } from './step-machine.js';

let q = 0;
const theQueue = (): number => q;
const put = (item: number, limit?: Limit) => putOf(theQueue, item, limit);
const get = (limit?: Limit) => getOf(theQueue, limit);

/** Nothing is lost or doubled, and nobody waits for what is there. */
function check(world: World): void {
  const { cells, actors } = world;
  const at = (word: number): number => cells[word] as number;
  const there = (at(q + TAIL) - at(q + GET + HEAD)) | 0;
  if (there < 0 || there > at(q + CAPACITY)) throw new Error(`${there} items are there`);
  const log = actors.flatMap(({ own }) => own.log.map(String));
  const got = log.filter((entry) => /^got \d/.test(entry));
  if (new Set(got).size !== got.length) throw new Error(`doubled: ${got.join()}`);
  if (!isQuiet(world, q + GUARD) || !isQuiet(world, q + GET + GUARD)) return;
  checkLine(cells, q + LINE);
  checkLine(cells, q + GET + LINE);
}
const ringOf = (capacity: number): Pick<Program, 'make' | 'always'> => ({
  make: (m) => {
    q = addRing(m, capacity);
  },
  always: check,
});

test('SHARED-7.1 what is put is got once and in order, however full the queue is', () => {
  expect(endsOf({ ...ringOf(1), threads: [[put(1)], [get()]] })).toEqual(['put 1; got 1']);
  for (const capacity of [1, 2]) {
    const ends = endsOf({
      ...ringOf(capacity),
      threads: [
        [put(1), put(2)],
        [get(), get()],
      ],
      preemptions: upTo(3),
    });
    expect(ends).toEqual(['put 1, put 2; got 1, got 2']);
  }
});

test('SHARED-7.2 two who put and one who gets, one who puts and two who get', () => {
  const two = endsOf({ ...ringOf(1), threads: [[put(1)], [put(2)], [get(), get()]], preemptions: upTo(1) });
  expect(two).toEqual(['put 1; put 2; got 1, got 2', 'put 1; put 2; got 2, got 1']);
  const one = endsOf({ ...ringOf(1), threads: [[put(1), put(2)], [get()], [get()]], preemptions: upTo(1) });
  expect(one).toEqual(['put 1, put 2; got 1; got 2', 'put 1, put 2; got 2; got 1']);
});

test('SHARED-7.3 whoever gives up takes nothing and leaves the turn to the next', () => {
  for (const limit of ['time', 'cancel', 'abandon'] as const) {
    const loops = limit === 'time' ? [] : [0];
    const gets = endsOf({
      ...ringOf(1),
      threads: [[get(limit)], [get('time')], [put(1)]],
      loops,
      preemptions: upTo(1),
      // Who came too late for the only item, and has no limit, waits.
      mayWait: limit === 'abandon',
    });
    expect(gets.filter((end) => (end.match(/got 1/g) ?? []).length > 1)).toEqual([]);
    const puts = endsOf({
      ...ringOf(1),
      threads: [
        [put(1), put(2, limit)],
        [get(), get('time')],
      ],
      loops,
      preemptions: upTo(1),
    });
    for (const end of puts) expect(/put 2/.test(end) || !/got 2/.test(end)).toBe(true);
  }
});

test('SHARED-8.1 who waits is told when the queue is shut down, and gets what is left', () => {
  const ends = endsOf({
    ...ringOf(1),
    threads: [
      [put(1), shutDownOf(theQueue, 1)],
      [get(), get()],
    ],
    preemptions: upTo(3),
  });
  expect(ends).toEqual(['put 1; got 1, got nothing']);
  const dropped = endsOf({
    ...ringOf(1),
    threads: [[put(1), shutDownOf(theQueue, 2)], [get()]],
    preemptions: upTo(3),
  });
  expect(dropped).toEqual(['put 1; got 1', 'put 1; got nothing']);
  const putters = endsOf({
    ...ringOf(1),
    threads: [[put(1), put(2)], [shutDownOf(theQueue, 1)]],
    preemptions: upTo(3),
  });
  expect(putters).toEqual(['; ', 'put 1; ']);
});

test('SHARED-8.2 join() ends when all is done, and not before', () => {
  const ends = endsOf({
    ...ringOf(1),
    threads: [
      [put(1), joinOf(theQueue)],
      [get(), finishOf(theQueue)],
    ],
    preemptions: upTo(3),
    always: (world) => {
      check(world);
      const joined = world.actors[0]?.own.log.includes('joined');
      if (joined && world.cells[q + GET + UNFINISHED + 1] !== 0)
        throw new Error('joined before all was done');
    },
  });
  expect(ends).toEqual(['put 1, joined; got 1']);
});

test('SHARED-6.4 a thread that ends at any point while it puts or gets loses at most what it had got', () => {
  const ends = endsOf({
    ...ringOf(1),
    threads: [[put(1), put(2, 'time')], [get('time')]],
    mortal: 0,
    preemptions: upTo(2),
  });
  expect(ends.length).toBeGreaterThan(2);
  let lost = 0;
  endsOf({
    ...ringOf(1),
    threads: [[get()], [put(1), get('time')]],
    mortal: 0,
    preemptions: upTo(2),
    finally: ({ cells, actors }) => {
      const there = ((cells[q + TAIL] as number) - (cells[q + GET + HEAD] as number)) | 0;
      const got = actors[1]?.own.log.includes('got 1') ? 1 : 0;
      const byDead = actors[0]?.dead ? 1 - there - got : 0;
      if (byDead === 1 && !cells[q + GET + IS_BROKEN]) throw new Error('an item is lost and nobody is told');
      if (byDead === 0 && cells[q + GET + IS_BROKEN]) throw new Error('nothing is lost, and it is broken');
      lost += byDead;
    },
  });
  expect(lost).toBeGreaterThan(0);
});

test('SHARED-6.4 join() fails when a thread has ended with what it had got', () => {
  const ends = endsOf({
    ...ringOf(1),
    threads: [
      [get(), finishOf(theQueue)],
      [put(1), joinOf(theQueue)],
    ],
    mortal: 0,
    preemptions: upTo(2),
    // Killed before it got, the item lies there for ever: whoever joins waits, which is right.
    mayWait: true,
  });
  expect(ends.some((end) => end.endsWith('joined'))).toBe(true);
  expect(ends.some((end) => end.endsWith('broken'))).toBe(true);
});
