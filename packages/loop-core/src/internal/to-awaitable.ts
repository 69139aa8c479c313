import { sameLoop } from '../current-loop.js';
import type { Awaitable, EventLoop } from '../event-loop.js';
import { realm } from '../realm.js';
import { refuse } from './check.js';

/** What a run method takes. */
export type Main<T> = Awaitable<T> | Iterator<unknown, T> | PromiseLike<T>;

/** Whether only the host can settle it. */
export function isHostPromise<T>(main: Main<T>): main is PromiseLike<T> {
  const known = main as Partial<Awaitable<unknown>> | null | undefined;
  return typeof known?.then === 'function' && typeof known.subscribe !== 'function';
}

/**
 * What a run method waits for: the awaitable itself, or the task of a coroutine.
 *
 * @throws TypeError if it is none of them, or a coroutine without the task package
 */
export function toAwaitable<T>(loop: EventLoop, main: unknown): Awaitable<T> {
  const known = main as (Partial<Awaitable<T>> & Partial<Iterator<unknown>>) | null | undefined;
  if (typeof known?.subscribe === 'function') {
    const future = known as Awaitable<T>;
    if (sameLoop(future.getLoop(), loop)) return future;
    throw new RangeError('The future belongs to a different loop than the one that is to wait for it');
  }
  if (typeof known?.next === 'function' && realm.createTask) return realm.createTask(loop, main) as never;
  return refuse('main', 'a future, a promise or, once @aiokit/task is loaded, a coroutine', main);
}
