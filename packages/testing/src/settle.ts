/** Driving a loop in virtual time from a test: as far as it goes without time, or for some time. */
import { Future } from '@aiokit/future';
import { type Awaitable, refuse } from '@aiokit/loop-core';
import type { VirtualLoop } from '@aiokit/loop-core/virtual';

function checkLoop(loop: VirtualLoop): void {
  if (typeof (loop as Partial<VirtualLoop> | null)?.callWhenIdle !== 'function') {
    refuse('loop', 'a VirtualLoop', loop);
  }
}

/** When the loop is idle, as a future of it. */
function idle(loop: VirtualLoop): Awaitable<void> {
  const future = new Future<void>({ loop });
  loop.callWhenIdle(() => future.setResult(undefined));
  return future;
}

/**
 * Runs all that is ready, and what that makes ready, host promises included. The clock stands still.
 *
 * @param loop a loop that does not run
 * @returns settles when nothing is ready any more
 * @throws TypeError if it is no `VirtualLoop`; RuntimeError (`LOOP_RUNNING`, `LOOP_CLOSED`) if it cannot be run
 * @ordering as the loop's
 * @cancellation none
 * @complexity that of what is run
 * @source KIT-2 · no CPython counterpart
 */
export async function settle(loop: VirtualLoop): Promise<void> {
  checkLoop(loop);
  await loop.runUntilCompleteAsync(idle(loop));
}

/**
 * Has time pass: runs what is due on the way, and all that is ready at the end.
 *
 * @param loop a loop that does not run
 * @param delayMs how long, in milliseconds; 0 or more
 * @returns settles when the time is over and nothing is ready any more
 * @throws as `settle`; RangeError if `delayMs` is negative, NaN or Infinity
 * @ordering as the loop's
 * @cancellation none
 * @complexity that of what is run
 * @source KIT-2 · no CPython counterpart
 */
export async function advance(loop: VirtualLoop, delayMs: number): Promise<void> {
  checkLoop(loop);
  const isNumber = typeof delayMs === 'number';
  if (!isNumber || !(delayMs >= 0 && delayMs < Infinity)) {
    refuse('delayMs', 'a number of milliseconds, 0 or more', delayMs, isNumber ? RangeError : TypeError);
  }
  const over = new Future<void>({ loop });
  loop.callLater(delayMs, () => void loop.callWhenIdle(() => over.setResult(undefined)));
  await loop.runUntilCompleteAsync(over);
}
