/** Where a thread may block. */
import { realm } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { BlockingNotAllowedError } from '../errors.js';
import type { Thread } from './guard.js';

/**
 * Checks that this thread may sleep, and what limits its sleep.
 *
 * @returns how long it may sleep
 */
export function checkSleep(t: Thread, options: WaitOptions | undefined): number {
  if (options !== undefined) checkWait(options);
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
