/** Events and barriers: those who wait are let go together, all who came before a ticket. */
import { breakUnit } from './broken.js';
import { enter, leave, slotOf, type Thread } from './guard.js';
import {
  AFTER,
  BROKEN,
  BUSY,
  COUNT,
  DONE,
  FAILED,
  FIELDS,
  FIRST,
  GRANTED,
  GUARD,
  IDLE,
  IS_BROKEN,
  LINE,
  TICKET,
  TICKETS,
  WAITING,
  WAITS,
  WEIGHT,
} from './layout.js';
import { end, endAll, inState, link, relink, survey, unlink, wipe } from './line.js';

/** Who came before this ticket may go: what commits `set()`, and a barrier that is full. */
export const TRIP = FIELDS;
/** An event's flag; a barrier's number of parties. */
export const FLAG: number = FIELDS + 1;
export const PARTIES: number = FIELDS + 1;
export const GATHERING_WORDS: number = FIELDS + 2;

/** Waits for an event. */
export function awaitFlag(t: Thread, event: number, node: number): number {
  const { m } = t;
  if (!enter(t, event + GUARD)) return BUSY;
  const outcome = m[event + FLAG] ? DONE : WAITS;
  if (outcome === WAITS) link(m, event + LINE, node);
  leave(t, event + GUARD);
  return outcome;
}

/** Sets the flag, or clears it. */
export function setFlag(t: Thread, event: number, value: number): number {
  const { m } = t;
  if (!enter(t, event + GUARD)) return BUSY;
  Atomics.store(m, event + FLAG, value);
  if (value) letGo(t, event);
  leave(t, event + GUARD);
  return DONE;
}

/** Lets all go who have come; under the guard. */
function letGo(t: Thread, unit: number): void {
  Atomics.store(t.m, unit + TRIP, t.m[unit + LINE + TICKETS] as number);
  settleGathering(t, unit);
}

/** Lets go who may go; under the guard. */
function settleGathering(t: Thread, unit: number): void {
  const { m } = t;
  for (let node = m[unit + LINE + FIRST] as number; node; node = m[unit + LINE + FIRST] as number) {
    if (isLate(m, unit, node)) break;
    end(t, node, GRANTED);
  }
  if (m[unit + IS_BROKEN]) endAll(t, unit + LINE, BROKEN);
}

/** Comes to a barrier; the last lets all go. Each is told how many came before. */
export function arrive(t: Thread, barrier: number, node: number): number {
  const { m } = t;
  if (!enter(t, barrier + GUARD)) return BUSY;
  let outcome = FAILED;
  if (!m[barrier + IS_BROKEN]) {
    link(m, barrier + LINE, node);
    outcome = WAITS;
    if (m[barrier + LINE + COUNT] === m[barrier + PARTIES]) {
      let index = 0;
      for (let one = m[barrier + LINE + FIRST] as number; one; one = m[one + AFTER] as number) {
        m[one + WEIGHT] = index++;
      }
      letGo(t, barrier);
      outcome = DONE;
    }
  }
  leave(t, barrier + GUARD);
  return outcome;
}

/** Breaks a barrier: whoever waits is told; with `reset` it is as new then. */
export function breakBarrier(t: Thread, barrier: number, reset: boolean): number {
  const { m } = t;
  if (!enter(t, barrier + GUARD)) return BUSY;
  breakUnit(m, barrier, -1);
  settleGathering(t, barrier);
  if (reset) Atomics.store(m, barrier + IS_BROKEN, 0);
  leave(t, barrier + GUARD);
  return DONE;
}

/** Ends a wait; as `withdrawGate`. */
export function withdrawGathering(t: Thread, unit: number, node: number): number {
  const { m } = t;
  if (!enter(t, unit + GUARD)) return -1;
  const state = Atomics.load(m, node);
  if (state === WAITING) unlink(m, node);
  Atomics.store(m, node, IDLE);
  leave(t, unit + GUARD);
  return state;
}

/** Whether a node came too late to be let go. */
const isLate = (m: Int32Array, unit: number, node: number): boolean =>
  (((m[node + TICKET] as number) - (m[unit + TRIP] as number)) | 0) >= 0;

/** What is to be done of an event when a thread has died. */
export function mendEvent(t: Thread, event: number): void {
  const { m } = t;
  wipe(m, survey(m, event + LINE).dead);
  relink(m, event + LINE);
  if (m[event + FLAG]) letGo(t, event);
  else settleGathering(t, event);
}

/** Likewise of a barrier, which one who waited and died has broken, unless all had come. */
export function mendBarrier(t: Thread, barrier: number): void {
  const { m } = t;
  const { dead } = survey(m, barrier + LINE);
  const missed = inState(m, dead, WAITING).find((node) => isLate(m, barrier, node));
  if (missed !== undefined) breakUnit(m, barrier, slotOf(m, missed));
  wipe(m, dead);
  relink(m, barrier + LINE);
  settleGathering(t, barrier);
}
