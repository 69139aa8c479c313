/** Locks, semaphores and conditions, in every order of their accesses to the memory. */
import { expect, test } from 'vitest';
import { COUNT, GUARD, LINE } from '../../src/shared/layout.js';
import { checkGate, checkLine, isQuiet } from './checks.js';
import {
  acquireOf,
  addCondition,
  addGate,
  endsOf,
  type Limit,
  notifyOf,
  releaseOf,
  waitOf,
  whenWaiting,
} from './programs.js';
import { type Program, upTo } from './step-machine.js';

let gate = 0;
let condition = 0;
const theGate = (): number => gate;
const theCondition = (): number => condition;
const acquire = (limit?: Limit) => acquireOf(theGate, limit);
const release = releaseOf(theGate);

const gateOf = (permits: number): Pick<Program, 'make' | 'always'> => ({
  make: (m) => {
    gate = addGate(m, permits);
  },
  always: (world) => checkGate(world, gate),
});

const conditionOf = (): Pick<Program, 'make' | 'always'> => ({
  make: (m) => {
    gate = addGate(m, 1);
    condition = addCondition(m, gate);
  },
  always: (world) => {
    checkGate(world, gate);
    if (isQuiet(world, gate + GUARD)) checkLine(world.cells, condition + LINE);
  },
});

const used: Limit[] = ['time', 'cancel', 'abandon'];

test('SHARED-2.1 one at a time, and nobody waits in vain', () => {
  const ends = endsOf({
    ...gateOf(1),
    threads: [
      [acquire(), release, acquire(), release],
      [acquire(), release],
    ],
  });
  expect(ends).toEqual(['acquired, acquired; acquired']);
});

test('SHARED-2.2 of three who wait for a lock or a semaphore each gets a turn, whoever is interrupted', () => {
  for (const permits of [1, 2]) {
    const thread = [acquire(), release];
    const ends = endsOf({ ...gateOf(permits), threads: [thread, thread, thread], preemptions: upTo(2) });
    expect(ends).toEqual(['acquired; acquired; acquired']);
  }
});

test('SHARED-2.3 a wait that is ended when its turn comes takes it or passes it on', () => {
  for (const limit of used) {
    const ends = endsOf({
      ...gateOf(1),
      threads: [
        [acquire(), release],
        [acquire(limit), release],
      ],
      loops: limit === 'time' ? [] : [1],
    });
    expect(ends).toEqual(['acquired; acquired', 'acquired; gave up']);
  }
});

test('SHARED-2.3 the turn of one who gives up is that of the next', () => {
  for (const limit of used) {
    const ends = endsOf({
      ...gateOf(1),
      threads: [
        [acquire(), release],
        [acquire(limit), release],
        [acquire(), release],
      ],
      loops: limit === 'time' ? [] : [1],
      preemptions: upTo(1),
    });
    expect(ends.every((end) => end.endsWith('; acquired'))).toBe(true);
  }
});

test('SHARED-6.1 a thread that ends at any point leaves a lock free, or broken if it held it', () => {
  const ends = endsOf({
    ...gateOf(1),
    threads: [
      [acquire(), release],
      [acquire(), release],
    ],
    mortal: 0,
    preemptions: upTo(2),
  });
  expect(ends).toEqual(['; acquired', '; gave up', 'acquired; acquired', 'acquired; gave up']);
});

test('SHARED-6.1 a thread that ends while it waits is passed over', () => {
  const ends = endsOf({
    ...gateOf(1),
    threads: [
      [acquire('time'), release],
      [acquire(), release, acquire('time'), release],
    ],
    mortal: 0,
    preemptions: upTo(2),
  });
  expect(ends.length).toBeGreaterThan(1);
});

test('SHARED-5.1 a notification wakes one who waits, and is never lost', () => {
  const ends = endsOf({
    ...conditionOf(),
    threads: [
      [acquire(), waitOf(theGate, theCondition, 'time'), release],
      [acquire(), notifyOf(theCondition), release],
    ],
    preemptions: upTo(3),
  });
  expect(ends).toEqual(['acquired, gave up; acquired', 'acquired, notified; acquired']);
});

test('SHARED-5.2 a notification of one who gives up passes to the next', () => {
  for (const limit of used) {
    const ends = endsOf({
      ...conditionOf(),
      threads: [
        [acquire(), waitOf(theGate, theCondition, limit), release],
        [acquire(), waitOf(theGate, theCondition), release],
        [whenWaiting(theCondition, 2), acquire(), notifyOf(theCondition), release],
      ],
      loops: limit === 'time' ? [] : [0],
      preemptions: upTo(1),
      mayWait: true,
      finally: ({ actors, cells }) => {
        const notified = actors.filter(({ own }) => own.log.includes('notified')).length;
        const waiting = cells[condition + LINE + COUNT] as number;
        const told = actors[2]?.op === 4;
        // Nobody who is not notified goes on, and as many are as were told.
        if (told && notified + waiting !== (actors[0]?.own.log.includes('gave up') ? 1 : 2))
          throw new Error(`${notified} were notified, ${waiting} wait`);
        if (told && notified === 0) throw new Error('the notification is lost');
      },
    });
    expect(ends.some((end) => end.includes('gave up') && end.includes('notified'))).toBe(true);
  }
});

test('SHARED-6.2 a notifier or a waiter of a condition that ends at any point leaves nobody asleep', () => {
  const waiter = [acquire(), waitOf(theGate, theCondition, 'time'), release];
  const notifier = [acquire(), notifyOf(theCondition), release];
  for (const mortal of [0, 1]) {
    const ends = endsOf({ ...conditionOf(), threads: [waiter, notifier], mortal, preemptions: upTo(2) });
    expect(ends.length).toBeGreaterThan(2);
  }
});
