import { AwaitableBase } from '../awaitable.js';
import { sameLoop } from '../current-loop.js';
import type { Awaitable, EventLoop } from '../event-loop.js';
import { realm } from '../realm.js';
import { refuse } from './check.js';

/** What a run method takes. */
export type Main<T> = Awaitable<T> | Iterator<unknown, T> | PromiseLike<T>;

/** A host promise that a run method waits for. */
export class PromiseOutcome<T> extends AwaitableBase<T> {
  readonly #loop: EventLoop;
  #result: (() => T) | undefined;

  constructor(loop: EventLoop, promise: PromiseLike<T>) {
    super();
    this.#loop = loop;
    const settle = (result: () => T) => {
      this.wake(loop);
      this.#result = result;
    };
    promise.then(
      (value) => settle(() => value),
      (error: unknown) =>
        settle(() => {
          throw error;
        }),
    );
  }

  override done(): boolean {
    return this.#result !== undefined;
  }

  override cancelled(): boolean {
    return false;
  }

  override result(): T {
    return (this.#result as () => T)();
  }

  override cancel(): boolean {
    return false;
  }

  override getLoop(): EventLoop {
    return this.#loop;
  }

  override toString(): string {
    return '<Promise>';
  }
}

/** Whether only the host can settle it. */
export function isHostPromise(main: unknown): boolean {
  const known = main as Partial<Awaitable<unknown>> | null | undefined;
  return typeof known?.then === 'function' && typeof known.subscribe !== 'function';
}

/**
 * What a run method waits for: the awaitable itself, the task of a coroutine, or the outcome of a promise.
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
  if (isHostPromise(known)) return new PromiseOutcome(loop, known as PromiseLike<T>);
  if (typeof known?.next === 'function') {
    if (realm.createTask) return realm.createTask(loop, main) as Awaitable<T>;
    refuse(
      'main',
      'a future or a promise while @aiokit/task is not loaded, which makes tasks of coroutines',
      main,
    );
  }
  return refuse('main', 'a future, a promise or a coroutine', main);
}
