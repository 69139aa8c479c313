/** Into a loop of this thread, from wherever the host calls back. */
import { type EventLoop, type Handle, type HostLoop, isNoCallback, refuse } from '@aiokit/loop-core';

/**
 * Runs a function in a loop's next iteration, and wakes the loop if it is idle.
 *
 * Use it in callbacks of the host, signal handlers, and steps of another loop; from another thread use `connect`.
 *
 * @param loop the loop
 * @param callback the function
 * @param args its arguments
 * @returns a handle that can be cancelled
 * @throws TypeError if `loop` is no loop, or `callback` is no function or a coroutine; RuntimeError (`LOOP_CLOSED`) if it
 * is closed
 * @ordering as `loop.callSoon`
 * @source THREAD-7 · CPython `loop.call_soon_threadsafe`
 */
export function callSoonThreadsafe<A extends unknown[]>(
  loop: EventLoop,
  callback: (...args: A) => void,
  ...args: A
): Handle {
  if (typeof loop?.enqueue !== 'function') refuse('loop', 'an event loop', loop);
  if (typeof callback === 'function' && isNoCallback(callback)) {
    throw new TypeError('coroutines cannot be used with callSoonThreadsafe()');
  }
  const { callSoonThreadsafe: soon } = loop as Partial<Pick<HostLoop, 'callSoonThreadsafe'>>;
  // A loop without it has no debug mode that would object.
  return soon ? soon.call(loop, callback as never, ...args) : loop.callSoon(callback, ...args);
}
