/**
 * A bounded queue: a ring of cells between two units, one for those who put and one for those who get, so that the two
 * meet only where it is full or empty. The tail commits what was put, the head what was got; both count for ever.
 */
import { breakUnit } from './broken.js';
import { enter, leave, type Thread } from './guard.js';
import {
  BROKEN,
  BUSY,
  COUNT,
  DEAD,
  DONE,
  ENDED,
  FAILED,
  FIELDS,
  FIRST,
  FULL,
  GRANTED,
  GUARD,
  IDLE,
  IS_BROKEN,
  LINE,
  LINE_OF,
  LINE_WORDS,
  SHUT,
  slotAt,
  THREADS,
  WAITING,
  WAITS,
  WEIGHT,
} from './layout.js';
import { sleep } from './sleep.js';
import { end, endAll, inState, link, relink, slotsThat, survey, unlink, wipe } from './line.js';

/** In the unit of those who put: how many were put, how many places are promised, and the head as last seen. */
export const TAIL = FIELDS;
export const PROMISED: number = FIELDS + 1;
export const SEEN: number = FIELDS + 2;
/** 1: nothing can be put. 2: nor is anything got. */
export const SHUTDOWN: number = FIELDS + 3;
export const CAPACITY: number = FIELDS + 4;
/** Where the other unit is: it follows. */
export const GET: number = 32;

/** In the unit of those who get, from its beginning: a second line, of those who join. */
export const JOINERS = FIELDS;
/** How many were got, how many items are promised, the tail as last seen. */
export const HEAD: number = JOINERS + LINE_WORDS;
export const ITEMS_PROMISED: number = HEAD + 1;
export const SEEN_TAIL: number = HEAD + 2;
/** Who takes, where the head was, and how many were unfinished: to know whether a taker died before or after it took. */
export const TAKER: number = HEAD + 3;
export const TAKEN_AT: number = HEAD + 4;
export const TAKEN_BEFORE: number = HEAD + 5;
/** For each thread how many items it has got that are not done. */
export const UNFINISHED: number = HEAD + 6;
export const getWords = (threads: number): number => UNFINISHED + threads;

/** Copies items in and out of the cells; the index counts for ever. */
export interface Cells<T> {
  write(index: number, item: T): void;
  read(index: number): T;
}

/** How many places a newcomer may have; looks at the head only if those that were free suffice not. */
function places(m: Int32Array, q: number, wanted: number): number {
  const used = (m[q + TAIL] as number) + (m[q + PROMISED] as number) - (m[q + CAPACITY] as number);
  const free = ((m[q + SEEN] as number) - used) | 0;
  if (free >= wanted) return free;
  m[q + SEEN] = Atomics.load(m, q + GET + HEAD);
  return ((m[q + SEEN] as number) - used) | 0;
}

/** How many items a newcomer may have; looks at the tail likewise. */
function items(m: Int32Array, q: number, wanted: number): number {
  const got = (m[q + GET + HEAD] as number) + (m[q + GET + ITEMS_PROMISED] as number);
  const there = ((m[q + GET + SEEN_TAIL] as number) - got) | 0;
  if (there >= wanted) return there;
  m[q + GET + SEEN_TAIL] = Atomics.load(m, q + TAIL);
  return ((m[q + GET + SEEN_TAIL] as number) - got) | 0;
}

/**
 * Puts items, all or none; FULL if there is no room, or others wait.
 *
 * @param node who has the turn for as many; 0 is a newcomer
 */
export function put<T>(t: Thread, q: number, cells: Cells<T>, values: readonly T[], node: number): number {
  const { m } = t;
  const { length } = values;
  if (!enter(t, q + GUARD)) return BUSY;
  let outcome = FULL;
  if (node) {
    Atomics.store(m, node, IDLE);
    m[q + PROMISED] = (m[q + PROMISED] as number) - length;
  }
  if (m[q + SHUTDOWN]) outcome = ENDED;
  else if (node || (m[q + LINE + COUNT] === 0 && places(m, q, length) >= length)) {
    const tail = m[q + TAIL] as number;
    for (let at = 0; at < length; at++) cells.write(tail + at, values[at] as T);
    Atomics.store(m, q + TAIL, (tail + length) | 0);
    outcome = DONE;
  }
  leave(t, q + GUARD);
  // Who is about to wait to get counts before it looks at the tail.
  if (outcome === DONE && Atomics.load(m, q + GET + LINE + COUNT) !== 0) owe(t, q, GET);
  return outcome;
}

/** Joins those who wait to put so many. */
export function joinPut(t: Thread, q: number, node: number, weight: number): number {
  const { m } = t;
  if (!enter(t, q + GUARD)) return BUSY;
  m[node + WEIGHT] = weight;
  link(m, q + LINE, node);
  settlePut(t, q);
  leave(t, q + GUARD);
  return WAITS;
}

/**
 * Gets up to `max` items; FULL if there is none, or others wait.
 *
 * @param into what the items are added to
 * @param node who has the turn for one; 0 is a newcomer
 */
export function get<T>(t: Thread, q: number, cells: Cells<T>, into: T[], max: number, node: number): number {
  const { m } = t;
  const g = q + GET;
  if (!enter(t, g + GUARD)) return BUSY;
  let outcome = FULL;
  if (node) {
    Atomics.store(m, node, IDLE);
    m[g + ITEMS_PROMISED] = (m[g + ITEMS_PROMISED] as number) - 1;
  }
  // The tail is the last once it is shut down, so this comes first.
  const shut = Atomics.load(m, q + SHUTDOWN);
  const there = node || m[g + LINE + COUNT] === 0 ? items(m, q, max) : 0;
  if (there > 0) {
    take(t, q, cells, into, Math.min(max, there));
    outcome = DONE;
  } else if (shut && settleGet(t, q)) outcome = ENDED;
  leave(t, g + GUARD);
  if (outcome === DONE && Atomics.load(m, q + LINE + COUNT) !== 0) owe(t, q, 0);
  return outcome;
}

function take<T>({ m, slot }: Thread, q: number, cells: Cells<T>, into: T[], count: number): void {
  const g = q + GET;
  const head = m[g + HEAD] as number;
  const mine = g + UNFINISHED + slot;
  const before = m[mine] as number;
  m[g + TAKER] = 0;
  m[g + TAKEN_AT] = head;
  m[g + TAKEN_BEFORE] = before;
  m[g + TAKER] = slot + 1;
  for (let at = 0; at < count; at++) into.push(cells.read(head + at));
  m[mine] = before + count;
  Atomics.store(m, g + HEAD, (head + count) | 0);
}

/** Joins those who wait to get. */
export function joinGet(t: Thread, q: number, node: number): number {
  const { m } = t;
  if (!enter(t, q + GET + GUARD)) return BUSY;
  link(m, q + GET + LINE, node);
  settleGet(t, q);
  leave(t, q + GET + GUARD);
  return WAITS;
}

/** Settles a side after the other has changed. If it is busy whoever holds the guard may have looked before: later. */
function owe(t: Thread, q: number, side: number): void {
  if (settle(t, q, side) === BUSY) t.later?.(() => settle(t, q, side) !== BUSY);
}

function settle(t: Thread, q: number, side: number): number {
  if (!enter(t, q + side + GUARD)) return BUSY;
  if (side) settleGet(t, q);
  else settlePut(t, q);
  leave(t, q + side + GUARD);
  return DONE;
}

/** Promises places to those who wait to put; under the guard. */
function settlePut(t: Thread, q: number): void {
  const { m } = t;
  if (m[q + SHUTDOWN]) endAll(t, q + LINE, SHUT);
  for (let node = m[q + LINE + FIRST] as number; node; node = m[q + LINE + FIRST] as number) {
    const weight = m[node + WEIGHT] as number;
    if (places(m, q, weight) < weight) break;
    m[q + PROMISED] = (m[q + PROMISED] as number) + weight;
    end(t, node, GRANTED);
  }
}

/** Promises items to those who wait to get; under the guard. True if nobody will ever get one. */
function settleGet(t: Thread, q: number): boolean {
  const { m } = t;
  const g = q + GET;
  const shut = Atomics.load(m, q + SHUTDOWN);
  if (shut === 2) Atomics.store(m, g + HEAD, Atomics.load(m, q + TAIL));
  for (
    let node = m[g + LINE + FIRST] as number;
    node && items(m, q, 1) > 0;
    node = m[g + LINE + FIRST] as number
  ) {
    m[g + ITEMS_PROMISED] = (m[g + ITEMS_PROMISED] as number) + 1;
    end(t, node, GRANTED);
  }
  // Who has a turn for the last may give it back.
  const drained = shut !== 0 && Atomics.load(m, q + TAIL) === m[g + HEAD];
  if (drained) endAll(t, g + LINE, SHUT);
  settleJoin(t, q);
  return drained;
}

function settleJoin(t: Thread, q: number): void {
  const { m } = t;
  const g = q + GET;
  if (m[g + JOINERS + COUNT] === 0) return;
  if (m[g + IS_BROKEN]) endAll(t, g + JOINERS, BROKEN);
  else if (unfinished(m, q) === 0) endAll(t, g + JOINERS, GRANTED);
}

/** How many items are in the queue, or got and not done. */
export function unfinished(m: Int32Array, q: number): number {
  const g = q + GET;
  let sum = (Atomics.load(m, q + TAIL) - (m[g + HEAD] as number)) | 0;
  for (let slot = 0; slot < (m[THREADS] as number); slot++) sum += m[g + UNFINISHED + slot] as number;
  return sum;
}

/** Says that an item which this thread has got is done; FULL if there is none. */
export function finish(t: Thread, q: number): number {
  const { m } = t;
  const g = q + GET;
  if (!enter(t, g + GUARD)) return BUSY;
  const mine = g + UNFINISHED + t.slot;
  const outcome = (m[mine] as number) > 0 ? DONE : FULL;
  if (outcome === DONE) {
    m[mine] = (m[mine] as number) - 1;
    settleJoin(t, q);
  }
  leave(t, g + GUARD);
  return outcome;
}

/** Waits until all is done. */
export function join(t: Thread, q: number, node: number): number {
  const { m } = t;
  const g = q + GET;
  if (!enter(t, g + GUARD)) return BUSY;
  let outcome = DONE;
  if (m[g + IS_BROKEN]) outcome = FAILED;
  else if (unfinished(m, q) !== 0) {
    link(m, g + JOINERS, node);
    outcome = WAITS;
  }
  leave(t, g + GUARD);
  return outcome;
}

/** Ends the queue: 1 lets what is there be got, 2 drops it. */
export function shutDown(t: Thread, q: number, how: number): number {
  const { m } = t;
  if (!enter(t, q + GUARD)) return BUSY;
  if (how > (m[q + SHUTDOWN] as number)) Atomics.store(m, q + SHUTDOWN, how);
  settlePut(t, q);
  leave(t, q + GUARD);
  owe(t, q, GET);
  return DONE;
}

/** Ends a wait of one side; as `withdrawGate`. */
export function withdrawRing(t: Thread, q: number, side: number, node: number, keep: boolean): number {
  const { m } = t;
  const guard = q + side + GUARD;
  if (!enter(t, guard)) return -1;
  const state = Atomics.load(m, node);
  const joined = m[node + LINE_OF] === q + GET + JOINERS;
  if (state === WAITING) unlink(m, node);
  if (state === GRANTED && !keep && !joined) {
    const promised = q + side + (side ? ITEMS_PROMISED : PROMISED);
    m[promised] = (m[promised] as number) - (side ? 1 : (m[node + WEIGHT] as number));
  }
  if (state !== GRANTED || !keep) Atomics.store(m, node, IDLE);
  // Behind one who asked for much another may find room.
  if (side) settleGet(t, q);
  else settlePut(t, q);
  leave(t, guard);
  return state;
}

/** Sleeps until a node has its turn; what it is then, or was when the time was up. */
export function sleepRing(t: Thread, q: number, side: number, node: number, timeoutMs: number): number {
  const state = sleep(t, node, timeoutMs);
  return state === GRANTED ? state : withdrawRing(t, q, side, node, true);
}

/** What is to be done of those who put when a thread has died. */
export function mendPut(t: Thread, q: number): void {
  const { m } = t;
  const { living, dead } = survey(m, q + LINE);
  wipe(m, dead);
  relink(m, q + LINE);
  m[q + PROMISED] = inState(m, living, GRANTED).reduce((sum, node) => sum + (m[node + WEIGHT] as number), 0);
  settlePut(t, q);
}

/** Likewise of those who get. What a dead thread had got and not done is lost, which those who join are told. */
export function mendGet(t: Thread, g: number): void {
  const { m } = t;
  const q = g - GET;
  const taker = (m[g + TAKER] as number) - 1;
  if (taker >= 0 && m[slotAt(taker)] === DEAD) {
    if (m[g + TAKEN_AT] === m[g + HEAD]) m[g + UNFINISHED + taker] = m[g + TAKEN_BEFORE] as number;
    m[g + TAKER] = 0;
  }
  for (const slot of slotsThat(m, (state) => state === DEAD)) {
    if ((m[g + UNFINISHED + slot] as number) > 0) breakUnit(m, g, slot);
    m[g + UNFINISHED + slot] = 0;
  }
  const { living, dead } = survey(m, g + LINE);
  wipe(m, [...dead, ...survey(m, g + JOINERS).dead]);
  relink(m, g + LINE);
  relink(m, g + JOINERS);
  m[g + ITEMS_PROMISED] = inState(m, living, GRANTED).length;
  settleGet(t, q);
}
