/** Host promises as futures, with cancellation in both directions. */
import { type AbortSignalLike, checkSignal, joinSignal, leaveSignal } from '@aiokit/loop-core';
import { Future, type FutureOptions } from './future.js';

/** What `fromPromise` may be given. */
export interface FromPromiseOptions extends FutureOptions {
  /** Cancels the future when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Whether a future can be told an outcome: it has none yet, and its loop is open. */
export function isOpen(future: Future<never>): boolean {
  return !future.done() && !(future.getLoop() as { isClosed?(): boolean }).isClosed?.();
}

/**
 * Passes an outcome on, if the future can be told.
 *
 * @param future what is told
 * @param outcome gives the result, or throws
 * @source CPython `_chain_future`, its `_call_set_state`
 */
export function passOn<T>(future: Future<T>, outcome: () => T): void {
  if (!isOpen(future as Future<never>)) return;
  let result: T;
  try {
    result = outcome();
  } catch (error) {
    future.setException(error ?? new Error(`failed with ${String(error)}`));
    return;
  }
  future.setResult(result);
}

/**
 * A future of a promise's outcome.
 *
 * Give it a function to make the cancellation reach the work: it is called at once, with a signal that aborts when the
 * future is cancelled.
 *
 * @param source a promise, or a function of a signal that returns one
 * @param options a signal that cancels the future; the loop
 * @returns a future that is done when the promise is settled; a rejection with null or undefined becomes an `Error`
 * @throws TypeError if `source` is neither or `signal` is not one; what `source` throws
 * (a function is not called if the signal has aborted already)
 * @ordering futures of several promises are done in the order of their promises
 * @cancellation the future is cancelled at once, the signal of a function aborts an iteration later; a promise goes on
 * unheard
 * @complexity O(1)
 * @example
 * const page = fromPromise((signal) => fetch(url, { signal }));
 * page.cancel(); // aborts the request
 * @source FUT-8 · CPython `asyncio.wrap_future`
 */
export function fromPromise<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options: FromPromiseOptions = {},
): Future<T> {
  const { signal } = options;
  checkSignal(signal);
  const future = new Future<T>(options);
  let reason: unknown;
  const abort = (why: unknown) => {
    reason = why;
    future.cancel((why as Error | null)?.message);
  };
  if (signal?.aborted) abort(signal.reason);
  const controller = typeof source === 'function' ? new AbortController() : undefined;
  if (controller && future.done()) return future;
  const promise = controller
    ? (source as (signal: AbortSignal) => PromiseLike<T>)(controller.signal)
    : source;
  if (typeof (promise as PromiseLike<T> | null)?.then !== 'function') {
    throw new TypeError(`source must be a promise or a function that returns one, got ${String(promise)}`);
  }
  (promise as PromiseLike<T>).then(
    (value) => passOn(future, () => value),
    (error: unknown) =>
      passOn(future, () => {
        throw error;
      }),
  );
  if (future.done()) return future;
  const endHold = future.getLoop().hold?.(future);
  if (!controller && !signal && !endHold) return future;
  const wait = { abort };
  if (signal) joinSignal(signal, wait);
  future.addDoneCallback(function release() {
    endHold?.();
    if (future.cancelled()) controller?.abort(reason);
    if (signal) leaveSignal(signal, wait);
  });
  return future;
}
