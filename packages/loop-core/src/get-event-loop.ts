/** The realm's loops, as asyncio's functions give them. */
import type { EventLoop } from './event-loop.js';
import { scopeLoop, succeed } from './current-loop.js';
import { HostLoop } from './host-loop.js';
import { rule } from './internal/program-loop.js';
import { refuse } from './internal/check.js';
import { realm } from './realm.js';

/** The loop that is in a loop's place now, unless it is closed. */
function open(loop: EventLoop | undefined): EventLoop | undefined {
  const live = loop?.successor ?? loop;
  return (live as Partial<HostLoop> | undefined)?.isClosed?.() ? undefined : live;
}

/**
 * The running loop, else the default one, which is made at its first use.
 *
 * A bare scheduler that primitives have been using until then gives it its place.
 *
 * @returns the loop; within a run of a `VirtualLoop`, or of a loop of a framework, that one
 * @source LOOP-10 · CPython 3.13 `asyncio.get_event_loop`
 */
export function getEventLoop(): HostLoop {
  const loop = open(realm.running) ?? open(scopeLoop()) ?? open(realm.loop);
  if (loop && loop !== realm.spare) return loop as HostLoop;
  const made = newEventLoop();
  if (loop) succeed(loop, made);
  realm.spare = undefined;
  realm.loop = made;
  return made;
}

/**
 * The running loop: that of the step at work, else the default one while a run method of it is at work.
 *
 * @throws RuntimeError (`NO_RUNNING_LOOP`) elsewhere, as in an async function of a loop that is not the default one
 * @source LOOP-10 · CPython `asyncio.get_running_loop`
 */
export function getRunningLoop(): HostLoop {
  if (realm.running || scopeLoop() || (realm.loop as HostLoop | undefined)?.isRunning?.())
    return getEventLoop();
  throw rule('no running event loop', 'NO_RUNNING_LOOP');
}

/**
 * Makes a loop. It is not the default one until `setEventLoop` is given it.
 *
 * @source LOOP-10 · CPython `asyncio.new_event_loop`
 */
export function newEventLoop(): HostLoop {
  return new HostLoop();
}

/**
 * Makes a loop the realm's default.
 *
 * @param loop the loop; null for a new one at the next use
 * @throws TypeError if it is not a loop; the default stays as it was
 * @source LOOP-10 · CPython `asyncio.set_event_loop`
 */
export function setEventLoop(loop: EventLoop | null): void {
  if (loop !== null && typeof loop?.enqueue !== 'function') refuse('loop', 'an event loop or null', loop);
  realm.loop = loop ?? undefined;
}
