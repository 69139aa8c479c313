/** Anything that can be waited for as a future of one's own loop. */
import { type Awaitable, currentLoop, sameLoop } from '@aiokit/loop-core';
import { fromPromise, isOpen, passOn } from './from-promise.js';
import { Future, type FutureOptions } from './future.js';
import { isFuture } from './is-future.js';

/**
 * A future of anything that can be waited for.
 *
 * @param source a future, an operation of a primitive, or a promise
 * @param options the loop, if not the running or the default one
 * @returns `source` itself if it is a future of that loop, else a future chained to it in both directions
 * @throws TypeError if `source` cannot be waited for
 * @ordering the outcome is passed on by an iteration of the source's loop
 * @cancellation a cancelled source cancels the future; a cancelled future cancels the source, an iteration later
 * @complexity O(1)
 * @source FUT-8 · CPython `asyncio.wrap_future`, `_chain_future`
 */
export function wrapFuture<T>(
  source: Future<T> | Awaitable<T> | PromiseLike<T>,
  options: FutureOptions = {},
): Future<T> {
  const loop = options.loop ?? currentLoop();
  const from = source as Awaitable<T>;
  if (typeof source !== 'object' || source === null || typeof source.then !== 'function') {
    throw new TypeError(`source must be a future, an awaitable or a promise, got ${String(source)}`);
  }
  if (typeof from.subscribe !== 'function') return fromPromise(source, { loop });
  if (isFuture(source) && sameLoop(source.getLoop(), loop)) return source;
  const future = new Future<T>({ loop });
  from.addDoneCallback(function passOnOutcome() {
    if (!from.cancelled()) passOn(future, () => from.result());
    else if (isOpen(future as Future<never>)) future.cancel();
  });
  future.addDoneCallback(function cancelSource() {
    if (future.cancelled() && !from.cancel()) from.abandon();
  });
  return future;
}
