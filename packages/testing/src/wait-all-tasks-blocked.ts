/** Waiting until nobody else can go on: the end of sleeps in tests. */
import { Future } from '@aiokit/future';
import { currentLoop } from '@aiokit/loop-core';
import type { VirtualLoop } from '@aiokit/loop-core/virtual';

/**
 * Waits until every other task waits: for one another, for time to pass, or for ever. No time passes.
 *
 * Use it in a test in place of a sleep that is meant to be long enough.
 *
 * @returns settles once nothing else is ready
 * @throws TypeError if the running loop is not a `VirtualLoop`; nothing is waited for
 * @ordering those that wait for this at once are resumed in the order in which they came
 * @cancellation ends the wait
 * @complexity O(1)
 * @source KIT-1 · no CPython counterpart; trio's `wait_all_tasks_blocked`
 */
export function waitAllTasksBlocked(): Future<void> {
  const loop = currentLoop() as Partial<VirtualLoop>;
  if (typeof loop.callWhenIdle !== 'function') {
    throw new TypeError(`the running loop must be a VirtualLoop, got ${String(loop)}`);
  }
  const blocked = new Future<void>();
  const call = loop.callWhenIdle(() => {
    if (!blocked.done()) blocked.setResult(undefined);
  });
  blocked.addDoneCallback(() => call.cancel());
  return blocked;
}
