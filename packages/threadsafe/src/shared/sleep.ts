/** Blocking: a thread sleeps on its bell until its node waits no longer. */
import type { Thread } from './guard.js';
import { BELL, slotAt, WAITING } from './layout.js';

declare const performance: { now(): number };

/** Sleeps until a node waits no longer, or the time is up; returns its state. */
export function sleep({ m, slot }: Thread, node: number, timeoutMs: number): number {
  const bell = slotAt(slot) + BELL;
  const end = timeoutMs < Infinity ? performance.now() + timeoutMs : Infinity;
  for (;;) {
    const seen = Atomics.load(m, bell);
    const state = Atomics.load(m, node);
    if (state !== WAITING) return state;
    const left = end < Infinity ? end - performance.now() : Infinity;
    if (!(left > 0) || Atomics.wait(m, bell, seen, left) === 'timed-out') return Atomics.load(m, node);
  }
}
