/** Which loop a primitive uses when it was given none. */
import type { EventLoop } from './event-loop.js';
import { HostScheduler } from './host-scheduler.js';
import { realm } from './realm.js';

/**
 * The running loop, else the realm's default one, else a `HostScheduler` that becomes the default.
 *
 * @source CPython `mixins._LoopBoundMixin._get_loop`
 */
export function currentLoop(): EventLoop {
  return realm.running ?? (realm.loop ??= new HostScheduler());
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
