/** The operations of the primitives as threads of the step machine run them: what the classes do, without the loop. */
import {
  BARRIER_KIND,
  CONDITION_KIND,
  EVENT_KIND,
  GATE_KIND,
  GET_KIND,
  PUT_KIND,
} from '../../src/shared/bury.js';
import {
  arrive,
  awaitFlag,
  GATHERING_WORDS,
  PARTIES,
  setFlag,
  withdrawGathering,
} from '../../src/shared/gathering.js';
import {
  acquire,
  awaitNotice,
  CONDITION_WORDS,
  FREE,
  GATE,
  GATE_WORDS,
  notify,
  PERMITS,
  release,
  sleepGate,
  withdrawGate,
} from '../../src/shared/gate.js';
import type { Thread } from '../../src/shared/guard.js';
import {
  BUSY,
  COUNT,
  DONE,
  GRANTED,
  HELD,
  IDLE,
  KIND,
  LINE,
  NEXT_UNIT,
  SIZE,
  THREADS,
  WAITING,
  WAITS,
} from '../../src/shared/layout.js';
import * as ring from '../../src/shared/ring.js';
import { sleep } from '../../src/shared/sleep.js';
import { explore, persist, type Program, type Step, until } from './step-machine.js';

/** Adds a unit. */
function addUnit(m: Int32Array, kind: number, words: number): number {
  const unit = m[NEXT_UNIT] as number;
  m[unit + KIND] = kind;
  m[unit + SIZE] = words;
  m[NEXT_UNIT] = unit + words;
  return unit;
}
export function addGate(m: Int32Array, permits: number): number {
  const gate = addUnit(m, GATE_KIND, GATE_WORDS);
  m[gate + PERMITS] = m[gate + FREE] = permits;
  return gate;
}
export function addCondition(m: Int32Array, gate: number): number {
  const condition = addUnit(m, CONDITION_KIND, CONDITION_WORDS);
  m[condition + GATE] = gate;
  return condition;
}
export const addEvent = (m: Int32Array): number => addUnit(m, EVENT_KIND, GATHERING_WORDS);
export function addBarrier(m: Int32Array, parties: number): number {
  const barrier = addUnit(m, BARRIER_KIND, GATHERING_WORDS);
  m[barrier + PARTIES] = parties;
  return barrier;
}
const CELLS = 4;
export function addRing(m: Int32Array, capacity: number): number {
  const q = addUnit(m, PUT_KIND, ring.GET);
  addUnit(m, GET_KIND, ring.getWords(m[THREADS] as number) + CELLS);
  m[q + ring.CAPACITY] = capacity;
  return q;
}

/** How a wait may end: by its turn alone; when the time is up; given up by a loop, before or after its turn. */
export type Limit = 'none' | 'time' | 'cancel' | 'abandon';

const done = (work: () => number): number => {
  let outcome = BUSY;
  persist(() => (outcome = work()) !== BUSY);
  return outcome;
};
const withdrawn = (work: () => number): number =>
  done(() => {
    const state = work();
    return state < 0 ? BUSY : state + 100;
  }) - 100;

/** Waits as the blocking face does (`none`, `time`), or as the awaitable one (`cancel`, `abandon`). */
function waitGate(t: Thread, gate: number, condition: number, node: number, limit: Limit): number {
  if (limit === 'none') return sleepGate(t, gate, condition, node, Infinity);
  if (limit === 'time') return sleepGate(t, gate, condition, node, 1);
  const state = sleep(t, node, limit === 'cancel' ? 1 : Infinity);
  if (state === GRANTED && limit === 'cancel') return state;
  withdrawn(() => withdrawGate(t, gate, condition, node, false));
  return state === WAITING || state === GRANTED ? WAITING : state;
}

export const acquireOf =
  (gate: () => number, limit: Limit = 'none'): Step =>
  (t, own) => {
    const node = own.free.pop() as number;
    let outcome = done(() => acquire(t, gate(), node, true));
    if (outcome === WAITS) {
      const state = waitGate(t, gate(), 0, node, limit);
      outcome = state === GRANTED ? DONE : state;
      if (state === GRANTED) Atomics.store(t.m, node, HELD);
    }
    if (outcome === DONE) own.held.push(node);
    else own.free.push(node);
    own.log.push(outcome === DONE ? 'acquired' : 'gave up');
  };

export const releaseOf =
  (gate: () => number): Step =>
  (t, own) => {
    const node = own.held.pop();
    if (node === undefined) return;
    done(() => release(t, gate(), node));
    own.free.push(node);
  };

export const waitOf =
  (gate: () => number, condition: () => number, limit: Limit = 'none'): Step =>
  (t, own) => {
    const node = own.held.pop();
    if (node === undefined) return;
    if (done(() => awaitNotice(t, condition(), node)) !== WAITS) {
      Atomics.store(t.m, node, IDLE);
      own.free.push(node);
      own.log.push('broken');
      return;
    }
    const state = waitGate(t, gate(), condition(), node, limit);
    if (state === GRANTED) {
      Atomics.store(t.m, node, HELD);
      own.held.push(node);
    } else own.free.push(node);
    own.log.push(state === GRANTED ? 'notified' : state === WAITING ? 'gave up' : 'broken');
  };

export const notifyOf =
  (condition: () => number, count = 1): Step =>
  (t) => {
    done(() => notify(t, condition(), count));
  };

/** Goes on when so many wait to be notified. */
export const whenWaiting =
  (condition: () => number, count: number): Step =>
  () =>
    until(condition() + LINE + COUNT, count);

export const setOf =
  (event: () => number, value: number): Step =>
  (t) => {
    done(() => setFlag(t, event(), value));
  };

export const gatherOf =
  (unit: () => number, isBarrier: boolean, limit: Limit = 'none'): Step =>
  (t, own) => {
    const node = own.free.pop() as number;
    const outcome = done(() => (isBarrier ? arrive : awaitFlag)(t, unit(), node));
    let state = outcome === WAITS || outcome === DONE ? GRANTED : -1;
    if (outcome === WAITS) sleep(t, node, limit === 'none' ? Infinity : 1);
    if (outcome === WAITS || (isBarrier && outcome === DONE)) {
      state = withdrawn(() => withdrawGathering(t, unit(), node));
    }
    own.free.push(node);
    own.log.push(state === GRANTED ? 'passed' : state === WAITING ? 'gave up' : 'broken');
  };

const cellsOf = (t: Thread, q: number): ring.Cells<number> => {
  const at = q + ring.GET + ring.UNFINISHED + (t.m[THREADS] as number);
  return {
    write: (index, item) => {
      t.m[at + (index & (CELLS - 1))] = item;
    },
    read: (index) => t.m[at + (index & (CELLS - 1))] as number,
  };
};

/** What a wait for a side of a ring came to. */
function waitRing(t: Thread, q: number, side: number, node: number, limit: Limit): number {
  if (limit === 'none') return ring.sleepRing(t, q, side, node, Infinity);
  if (limit === 'time') return ring.sleepRing(t, q, side, node, 1);
  const state = sleep(t, node, limit === 'cancel' ? 1 : Infinity);
  if (state === GRANTED && limit === 'cancel') return state;
  withdrawn(() => ring.withdrawRing(t, q, side, node, false));
  return WAITING;
}

export const putOf =
  (q: () => number, item: number, limit: Limit = 'none'): Step =>
  (t, own) => {
    const cells = cellsOf(t, q());
    let outcome = done(() => ring.put(t, q(), cells, [item], 0));
    if (outcome !== DONE) {
      const node = own.free.pop() as number;
      done(() => ring.joinPut(t, q(), node, 1));
      const state = waitRing(t, q(), 0, node, limit);
      outcome = state === GRANTED ? done(() => ring.put(t, q(), cells, [item], node)) : state + 100;
      own.free.push(node);
    }
    if (outcome === DONE) own.log.push(`put ${item}`);
  };

export const getOf =
  (q: () => number, limit: Limit = 'none'): Step =>
  (t, own) => {
    const cells = cellsOf(t, q());
    const into: number[] = [];
    let outcome = done(() => ring.get(t, q(), cells, into, 1, 0));
    if (outcome !== DONE) {
      const node = own.free.pop() as number;
      done(() => ring.joinGet(t, q(), node));
      const state = waitRing(t, q(), ring.GET, node, limit);
      outcome = state === GRANTED ? done(() => ring.get(t, q(), cells, into, 1, node)) : state + 100;
      own.free.push(node);
    }
    own.log.push(outcome === DONE ? `got ${into[0]}` : 'got nothing');
  };

export const finishOf =
  (q: () => number): Step =>
  (t) => {
    done(() => ring.finish(t, q()));
  };

export const shutDownOf =
  (q: () => number, how: number): Step =>
  (t) => {
    done(() => ring.shutDown(t, q(), how));
  };

export const joinOf =
  (q: () => number): Step =>
  (t, own) => {
    const node = own.free.pop() as number;
    let state = IDLE;
    if (done(() => ring.join(t, q(), node)) === WAITS) {
      state = sleep(t, node, Infinity);
      withdrawn(() => ring.withdrawRing(t, q(), ring.GET, node, false));
    }
    own.free.push(node);
    own.log.push(state === IDLE || state === GRANTED ? 'joined' : 'broken');
  };

/** Explores, and returns what the threads may have noted at its end. */
export function endsOf(program: Program): string[] {
  const ends = new Set<string>();
  explore({
    ...program,
    finally: (world) => {
      program.finally?.(world);
      const logs = world.actors.slice(0, -1).map(({ own }) => own.log.join(', '));
      ends.add(logs.join('; '));
    },
  });
  return [...ends].sort();
}
