/** Turns that come before anybody listens: an async function listens a turn of the host's promises after its call. */
import type { Runnable } from '@aiokit/loop-core';
import type { Waiter } from '@aiokit/loop-core/wait-queue';

/**
 * Keeps the place in the order of a waiter that has just got its turn: whoever listens until the next iteration is told
 * there, and until then it is not done.
 *
 * @param settles whether the turn is taken if nobody does
 */
export function hearLate(waiter: Waiter<unknown>, settles: boolean): void {
  const subscribe = waiter.subscribe.bind(waiter);
  const done = waiter.done.bind(waiter);
  let listener: Runnable | undefined;
  const run = (): void => {
    Object.assign(waiter, { subscribe, done });
    if (listener) return listener.run();
    try {
      if (settles) waiter.result();
    } catch {
      // Whoever asks later is told.
    }
  };
  subscribe({ run });
  waiter.done = () => false;
  waiter.subscribe = (runnable) => {
    if (listener) waiter.getLoop().enqueue(runnable, waiter.queue);
    else listener = runnable;
  };
}
