/** Events and barriers, in every order of their accesses to the memory. */
import { expect, test } from 'vitest';
import { COUNT, GUARD, LINE } from '../../src/shared/layout.js';
import { FLAG } from '../../src/shared/gathering.js';
import { checkLine, isQuiet } from './checks.js';
import { addBarrier, addEvent, endsOf, gatherOf, setOf } from './programs.js';
import { type Program, upTo, type World } from './step-machine.js';

let unit = 0;
const theUnit = (): number => unit;
const quiet = (world: World): void => {
  if (isQuiet(world, unit + GUARD)) checkLine(world.cells, unit + LINE);
};
const event: Pick<Program, 'make' | 'always'> = {
  make: (m) => {
    unit = addEvent(m);
  },
  always: (world) => {
    quiet(world);
    const { cells } = world;
    if (isQuiet(world, unit + GUARD) && cells[unit + FLAG] && cells[unit + LINE + COUNT])
      throw new Error('it is set, and somebody waits');
  },
};
const barrierOf = (parties: number): Pick<Program, 'make' | 'always'> => ({
  make: (m) => {
    unit = addBarrier(m, parties);
  },
  always: quiet,
});
const wait = gatherOf(theUnit, false);
const arrive = gatherOf(theUnit, true);

test('SHARED-4.1 set() wakes whoever waits, also if clear() follows at once', () => {
  expect(
    endsOf({
      ...event,
      threads: [[gatherOf(theUnit, false, 'time')], [setOf(theUnit, 1), setOf(theUnit, 0)]],
    }),
  ).toEqual(['gave up; ', 'passed; ']);
  const waiting = { ...event, threads: [[wait], [wait], [setOf(theUnit, 1)]], preemptions: upTo(2) };
  expect(endsOf(waiting)).toEqual(['passed; passed; ']);
});

test('SHARED-4.2 a barrier lets all go when the last has come, and is as new then', () => {
  expect(
    endsOf({
      ...barrierOf(2),
      threads: [
        [arrive, arrive],
        [arrive, arrive],
      ],
      preemptions: upTo(3),
    }),
  ).toEqual(['passed, passed; passed, passed']);
  expect(endsOf({ ...barrierOf(3), threads: [[arrive], [arrive], [arrive]], preemptions: upTo(2) })).toEqual([
    'passed; passed; passed',
  ]);
});

test('SHARED-4.3 who gives up at a barrier is not counted, or has passed', () => {
  const limited = gatherOf(theUnit, true, 'time');
  expect(endsOf({ ...barrierOf(2), threads: [[limited], [limited]] })).toEqual([
    'gave up; gave up',
    'passed; passed',
  ]);
});

test('SHARED-6.3 a thread that ends at a barrier breaks it, or all had come', () => {
  const ends = endsOf({
    ...barrierOf(2),
    threads: [[arrive], [gatherOf(theUnit, true, 'time')]],
    mortal: 0,
    preemptions: upTo(2),
  });
  expect(ends).toEqual(['; broken', '; gave up', '; passed', 'passed; passed']);
});

test('SHARED-6.3 a thread that ends while it sets an event has set it, or not', () => {
  const ends = endsOf({
    ...event,
    threads: [[setOf(theUnit, 1)], [gatherOf(theUnit, false, 'time')]],
    mortal: 0,
    preemptions: upTo(2),
  });
  expect(ends).toEqual(['; gave up', '; passed']);
});
