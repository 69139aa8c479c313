/** Anything that can be waited for as a future of one's own loop. */
import { type Awaitable, currentLoop, type EventLoop, sameLoop } from '@aiokit/loop-core';
import { fromPromise } from './from-promise.js';
import { Future, type FutureOptions } from './future.js';
import { isFuture } from './is-future.js';

/**
 * A future of anything that can be waited for.
 *
 * @param source a future, an operation of a primitive, or a promise
 * @param options the loop, if not the running or the default one
 * @returns `source` itself if it is a future of that loop, else a future chained to it in both directions
 * @throws TypeError if `source` cannot be waited for
 * @ordering an outcome takes one iteration of the source's loop and is set in it
 * @cancellation a cancelled source cancels the future; a cancelled future cancels the source, an iteration later
 * @complexity O(1)
 * @source FUT-8 · CPython `asyncio.wrap_future`, `_chain_future`
 */
export function wrapFuture<T>(source: Future<T> | Awaitable<T> | PromiseLike<T>, options: FutureOptions = {}): Future<T> {
  const loop: EventLoop = options.loop ?? currentLoop();
  const awaitable = source as Partial<Awaitable<T>> | null | undefined;
  if (typeof awaitable?.subscribe !== 'function') return fromPromise(source as PromiseLike<T>, { ...options, loop });
  if (isFuture(source) && sameLoop(source.getLoop(), loop)) return source as Future<T>;
  const future = new Future<T>({ loop });
  const from = source as Awaitable<T>;
  from.addDoneCallback(() => {
    if (future.done()) return;
    if (from.cancelled()) {
      future.cancel();
      return;
    }
    let result: T;
    try {
      result = from.result();
    } catch (error) {
      future.setException(error);
      return;
    }
    future.setResult(result);
  });
  future.addDoneCallback(() => {
    if (future.cancelled() && !from.cancel()) from.abandon();
  });
  return future;
}
