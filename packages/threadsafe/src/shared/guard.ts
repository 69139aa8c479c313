/**
 * The guard of a unit: a futex that names its holder. Whoever may block sleeps until it is free; others look a while and
 * say that it is busy, since they may be the ones who have to bury the holder.
 */
import { BELL, HOP, nodesAt, NODE_WORDS, NODES, slotAt } from './layout.js';

declare const performance: { now(): number };

/** What a thread knows of a memory. */
export interface Thread {
  readonly m: Int32Array;
  readonly slot: number;
  /** What a guard has while this thread holds it. The lowest bit says that somebody sleeps. */
  readonly me: number;
  /** How often it looks before it sleeps or gives up. */
  readonly spins: number;
  /** Whether it may sleep. */
  canBlock: boolean;
  /** Until when it goes on looking if it may not, in the host's milliseconds; 0 if it need not. */
  patience: number;
  /** Does later what met a busy guard, until it says that it is done. */
  later?(work: () => boolean): void;
  /** Sends a message to the thread of a slot. */
  hop?(slot: number): void;
}

/** Takes a guard; false if it is busy and this thread may not sleep. */
export function enter(t: Thread, guard: number): boolean {
  return Atomics.compareExchange(t.m, guard, 0, t.me) === 0 || contend(t, guard);
}

function contend(t: Thread, guard: number): boolean {
  const { m, me, spins } = t;
  for (let spin = 0; spin < spins; spin++) {
    if (Atomics.load(m, guard) === 0 && Atomics.compareExchange(m, guard, 0, me) === 0) return true;
  }
  while (t.canBlock) {
    // Who has slept cannot know whether others do.
    const held = Atomics.compareExchange(m, guard, 0, me | 1);
    if (held === 0) return true;
    if (held & 1 || Atomics.compareExchange(m, guard, held, held | 1) === held) {
      Atomics.wait(m, guard, held | 1);
    }
  }
  while (performance.now() < t.patience) {
    if (Atomics.compareExchange(m, guard, 0, me) === 0) return true;
  }
  return false;
}

/** Gives a guard back. */
export function leave({ m }: Thread, guard: number): void {
  if (Atomics.exchange(m, guard, 0) & 1) Atomics.notify(m, guard, 1);
}

/** The slot of the thread whose node it is. */
export const slotOf = (m: Int32Array, node: number): number =>
  ((node - nodesAt(m)) / NODE_WORDS / (m[NODES] as number)) | 0;

/** Wakes the thread of a slot. */
export function ring(t: Thread, slot: number): void {
  const bell = slotAt(slot) + BELL;
  Atomics.add(t.m, bell, 1);
  Atomics.notify(t.m, bell);
  if (t.m[slotAt(slot) + HOP]) t.hop?.(slot);
}
