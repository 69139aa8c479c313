/**
 * What is done for a thread that has died: its guards are taken over, its nodes taken out of use, what it changed half is
 * made anew, and whoever waited because of it is told. It may be begun again by another thread at any point.
 */
import { enter, leave, ring, type Thread } from './guard.js';
import { mendBarrier, mendEvent } from './gathering.js';
import { GATE, mendCondition, mendGate } from './gate.js';
import { DEAD, GUARD, KIND, MAKING, NEXT_UNIT, SIZE, slotAt, unitsAt } from './layout.js';
import { slotsThat } from './line.js';
import { mendGet, mendPut } from './ring.js';

/** What a unit is. */
export const GATE_KIND = 1;
export const CONDITION_KIND = 2;
export const EVENT_KIND = 3;
export const BARRIER_KIND = 4;
export const PUT_KIND = 5;
export const GET_KIND = 6;

const menders: readonly ((t: Thread, unit: number) => void)[] = [
  () => {},
  mendGate,
  mendCondition,
  mendEvent,
  mendBarrier,
  mendPut,
  mendGet,
];

/** Takes a guard, also from the dead. */
function inherit(t: Thread, guard: number): boolean {
  const { m } = t;
  for (;;) {
    const held = Atomics.load(m, guard);
    const holder = (held >> 1) - 1;
    if (holder < 0 || Atomics.load(m, slotAt(holder)) !== DEAD) return enter(t, guard);
    if (Atomics.compareExchange(m, guard, held, t.me | 1) === held) return true;
  }
}

function mend(t: Thread, guard: number, work: () => void): boolean {
  if (!inherit(t, guard)) return false;
  work();
  leave(t, guard);
  // Who slept may have been woken by the dead, or not have been.
  Atomics.notify(t.m, guard);
  return true;
}

/**
 * Buries all threads whose death was declared.
 *
 * @returns false if a guard is busy: it is to be called again
 */
export function bury(t: Thread): boolean {
  const { m } = t;
  const dead = slotsThat(m, (state) => state === DEAD);
  if (dead.length === 0) return true;
  if (!mend(t, MAKING, () => {})) return false;
  const end = Atomics.load(m, NEXT_UNIT);
  for (let unit = unitsAt(m); unit < end; unit += m[unit + SIZE] as number) {
    const kind = m[unit + KIND] as number;
    const owner = kind === CONDITION_KIND ? (m[unit + GATE] as number) : unit;
    if (!mend(t, owner + GUARD, () => menders[kind]?.(t, unit))) return false;
  }
  for (const slot of dead) Atomics.store(m, slotAt(slot), 0);
  for (const slot of slotsThat(m, (state) => state > 0)) ring(t, slot);
  return true;
}

/** Notes that a thread has ended; false if it was not there. */
export function declareDead({ m }: Thread, slot: number, state: number): boolean {
  return Atomics.compareExchange(m, slotAt(slot), state, DEAD) === state;
}
