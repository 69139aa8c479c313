import type { Awaitable, EventLoop } from '../event-loop.js';
import { realm } from '../realm.js';
import { refuse } from './check.js';

/**
 * What a run method waits for: the awaitable itself, or the task of a coroutine.
 *
 * @throws TypeError if it is neither, or a coroutine without the task package
 */
export function toAwaitable<T>(loop: EventLoop, main: unknown): Awaitable<T> {
  const known = main as (Partial<Awaitable<T>> & Partial<Iterator<unknown>>) | null | undefined;
  if (typeof known?.addDoneCallback === 'function') return known as Awaitable<T>;
  if (typeof known?.next === 'function') {
    if (realm.createTask) return realm.createTask(loop, main) as Awaitable<T>;
    refuse('main', 'a future while @aiokit/task is not loaded, which makes tasks of coroutines', main);
  }
  return refuse('main', 'a future or a coroutine', main);
}
