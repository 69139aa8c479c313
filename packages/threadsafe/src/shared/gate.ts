/** Locks, semaphores and conditions: permits, those who wait for one, and those who wait to be told to. */
import { breakUnit } from './broken.js';
import { enter, leave, slotOf, type Thread } from './guard.js';
import {
  BROKEN,
  BUSY,
  COUNT,
  DONE,
  FAILED,
  FIELDS,
  FIRST,
  FULL,
  GRANTED,
  GUARD,
  HELD,
  IDLE,
  IS_BROKEN,
  LINE,
  LINE_OF,
  WAITING,
  WAITS,
  WEIGHT,
} from './layout.js';
import { sleep } from './sleep.js';
import { end, endAll, inState, link, relink, survey, unlink, wipe } from './line.js';

/** How many permits a gate has, and how many are free. Truth are the nodes that hold. */
export const PERMITS = FIELDS;
export const FREE: number = FIELDS + 1;
export const GATE_WORDS: number = FIELDS + 2;
/** The gate of a condition, whose guard it shares. */
export const GATE = FIELDS;
export const CONDITION_WORDS: number = FIELDS + 1;

/** Gives free permits to those who wait; under the guard. */
export function settleGate(t: Thread, gate: number): void {
  const { m } = t;
  if (m[gate + IS_BROKEN]) endAll(t, gate + LINE, BROKEN);
  else {
    for (let node = m[gate + LINE] as number; node && (m[gate + FREE] as number) > 0; ) {
      m[gate + FREE] = (m[gate + FREE] as number) - 1;
      end(t, node, GRANTED);
      node = m[gate + LINE + FIRST] as number;
    }
  }
}

/** Takes a permit, or joins those who wait. */
export function acquire(t: Thread, gate: number, node: number, mayWait: boolean): number {
  const { m } = t;
  if (!enter(t, gate + GUARD)) return BUSY;
  let outcome = FULL;
  if (m[gate + IS_BROKEN]) outcome = FAILED;
  else if ((m[gate + FREE] as number) > 0 && m[gate + LINE + COUNT] === 0) {
    m[node + LINE_OF] = gate + LINE;
    m[node + WEIGHT] = 0;
    Atomics.store(m, node, HELD);
    m[gate + FREE] = (m[gate + FREE] as number) - 1;
    outcome = DONE;
  } else if (mayWait) {
    m[node + WEIGHT] = 0;
    link(m, gate + LINE, node);
    outcome = WAITS;
  }
  leave(t, gate + GUARD);
  return outcome;
}

/** Gives a permit back. */
export function release(t: Thread, gate: number, node: number): number {
  if (!enter(t, gate + GUARD)) return BUSY;
  free(t, gate, node);
  leave(t, gate + GUARD);
  return DONE;
}

function free(t: Thread, gate: number, node: number): void {
  const { m } = t;
  Atomics.store(m, node, IDLE);
  m[gate + FREE] = (m[gate + FREE] as number) + 1;
  if (m[gate + LINE + COUNT] !== 0) settleGate(t, gate);
}

/**
 * Ends a wait for a gate, or for a condition of it.
 *
 * @param keep whether a turn that has come is kept
 * @returns what the node was, or -1 if the guard is busy
 */
export function withdrawGate(
  t: Thread,
  gate: number,
  condition: number,
  node: number,
  keep: boolean,
): number {
  const { m } = t;
  if (!enter(t, gate + GUARD)) return -1;
  const state = Atomics.load(m, node);
  if (state === WAITING) {
    const notified = condition !== 0 && m[node + LINE_OF] === gate + LINE;
    unlink(m, node);
    if (notified) tell(t, condition, gate, 1);
    Atomics.store(m, node, IDLE);
  } else if ((state === GRANTED || state === HELD) && !keep) {
    if (condition && state === GRANTED) tell(t, condition, gate, 1);
    free(t, gate, node);
  } else if (state === BROKEN) Atomics.store(m, node, IDLE);
  leave(t, gate + GUARD);
  return state;
}

/** Lets what a thread holds go and waits for a notification with the same node. */
export function awaitNotice(t: Thread, condition: number, node: number): number {
  const { m } = t;
  const gate = m[condition + GATE] as number;
  if (!enter(t, gate + GUARD)) return BUSY;
  let outcome = WAITS;
  if (m[gate + IS_BROKEN]) outcome = FAILED;
  else {
    m[node + WEIGHT] = condition;
    link(m, condition + LINE, node);
    m[gate + FREE] = (m[gate + FREE] as number) + 1;
    settleGate(t, gate);
  }
  leave(t, gate + GUARD);
  return outcome;
}

/** Moves the first who wait for a condition to the end of those who wait for its gate. */
export function notify(t: Thread, condition: number, count: number): number {
  const gate = t.m[condition + GATE] as number;
  if (!enter(t, gate + GUARD)) return BUSY;
  tell(t, condition, gate, count);
  settleGate(t, gate);
  leave(t, gate + GUARD);
  return DONE;
}

function tell({ m }: Thread, condition: number, gate: number, count: number): void {
  for (let left = count; left > 0; left--) {
    const node = m[condition + LINE + FIRST] as number;
    if (!node) return;
    unlink(m, node);
    link(m, gate + LINE, node);
  }
}

/** Sleeps until a node has its turn; what it is then, or was when the time was up. */
export function sleepGate(
  t: Thread,
  gate: number,
  condition: number,
  node: number,
  timeoutMs: number,
): number {
  const state = sleep(t, node, timeoutMs);
  return state === GRANTED ? state : withdrawGate(t, gate, condition, node, true);
}

/** Makes a broken gate usable again. */
export function resetGate(t: Thread, gate: number): number {
  if (!enter(t, gate + GUARD)) return BUSY;
  Atomics.store(t.m, gate + IS_BROKEN, 0);
  settleGate(t, gate);
  leave(t, gate + GUARD);
  return DONE;
}

/** What is to be done when a thread has died; under the guard. Each part may be done again. */
export function mendGate(t: Thread, gate: number): void {
  const { m } = t;
  const { living, dead } = survey(m, gate + LINE);
  const [holder] = inState(m, dead, HELD);
  if (holder !== undefined) breakUnit(m, gate, slotOf(m, holder));
  relink(m, gate + LINE);
  for (const node of dead) {
    // It was notified and has not gone on: another one does.
    const condition = m[node] === HELD ? 0 : (m[node + WEIGHT] as number);
    if (condition) {
      relink(m, condition + LINE);
      tell(t, condition, gate, 1);
    }
  }
  wipe(m, dead);
  m[gate + FREE] =
    (m[gate + PERMITS] as number) - inState(m, living, GRANTED).length - inState(m, living, HELD).length;
  settleGate(t, gate);
}

/** Likewise of a condition, which is as broken as its gate. */
export function mendCondition(t: Thread, condition: number): void {
  const { m } = t;
  wipe(m, survey(m, condition + LINE).dead);
  relink(m, condition + LINE);
  if (m[(m[condition + GATE] as number) + IS_BROKEN]) endAll(t, condition + LINE, BROKEN);
}
