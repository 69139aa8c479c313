/** Blocking: a thread sleeps on its bell until its node waits no longer. */
import { realm } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { BlockingNotAllowedError } from '../errors.js';
import type { Thread } from './guard.js';
import { BELL, slotAt, WAITING } from './layout.js';

declare const performance: { now(): number };

/**
 * Sleeps until a node waits no longer.
 *
 * @returns false if the time was up before
 */
export function sleep({ m, slot }: Thread, node: number, timeoutMs: number): boolean {
  const bell = slotAt(slot) + BELL;
  const end = timeoutMs < Infinity ? performance.now() + timeoutMs : Infinity;
  for (;;) {
    const seen = Atomics.load(m, bell);
    if (Atomics.load(m, node) !== WAITING) return true;
    const left = end - (end < Infinity ? performance.now() : 0);
    if (!(left > 0) || Atomics.wait(m, bell, seen, left) === 'timed-out') {
      return Atomics.load(m, node) !== WAITING;
    }
  }
}

/**
 * Checks that this thread may sleep, and what limits its sleep.
 *
 * @returns how long it may sleep
 */
export function checkSleep(t: Thread, options: WaitOptions | undefined): number {
  checkWait(options);
  if (!t.canBlock) {
    throw new BlockingNotAllowedError(
      'this thread is a window, the main one, or watches others of the memory, and must go on: use await',
    );
  }
  if (realm.running ?? realm.scope?.()) {
    throw new BlockingNotAllowedError('a loop of this thread is running, and would stop: use await');
  }
  const { signal, timeoutMs = Infinity } = options ?? {};
  // A thread that sleeps hears of no signal.
  if (signal?.aborted) throw signal.reason;
  return timeoutMs;
}
