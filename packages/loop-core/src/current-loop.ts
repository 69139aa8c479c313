/** Which loop a primitive uses when it was given none. */
import type { EventLoop, Runnable } from './event-loop.js';
import { HostScheduler } from './host-scheduler.js';
import { realm } from './realm.js';

/**
 * The loop of whoever asks.
 *
 * That is the running one, else that of the task whose async function is running, else the realm's default one, else a
 * `HostScheduler` that becomes the default.
 *
 * @source CPython `mixins._LoopBoundMixin._get_loop`
 */
export function currentLoop(): EventLoop {
  return realm.running ?? scopeLoop() ?? (realm.loop ??= realm.spare = new HostScheduler());
}

/** The loop of the task whose async function is running. */
export const scopeLoop = (): EventLoop | undefined => realm.scope?.()?.getLoop?.();

/**
 * Gives the place of a loop that was made for primitives to another.
 *
 * What it has been given is run first; what it is given from now on goes to the other.
 *
 * @param loop the loop that was there
 * @param successor the loop that is there now
 * @source no CPython counterpart
 */
export function succeed(loop: EventLoop, successor: EventLoop): void {
  const ready = (loop as Partial<HostScheduler>).yield?.() ?? [];
  for (const runnable of ready) successor.enqueue(runnable as Runnable);
  loop.successor = successor;
  for (const method of ['enqueue', 'callSoon', 'callAt', 'callExceptionHandler'] as const) {
    Object.assign(loop, { [method]: successor[method].bind(successor) });
  }
}

/**
 * Whether two loops are one: the same, or one in the other's place.
 *
 * @param one a loop
 * @param other a loop
 * @source no CPython counterpart
 */
export function sameLoop(one: EventLoop, other: EventLoop): boolean {
  return (one.successor ?? one) === (other.successor ?? other);
}
