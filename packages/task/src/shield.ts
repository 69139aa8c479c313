/** Waiting for something that a cancellation of the waiter must not end. */
import { Future, isFuture } from '@aiokit/future';
import { realm } from '@aiokit/loop-core';
import { ensureFuture, type Waitable } from './create-task.js';

/** A future of something's outcome, whose cancellation is its own. */
class Shield<T> extends Future<T> {
  /** The task of an operation: nobody else can see what it would take. */
  readonly #owned: Future<T> | null;

  constructor(inner: Future<T>, owned: boolean) {
    super({ loop: inner.getLoop() });
    this.#owned = owned ? inner : null;
  }

  override cancel(message?: string): boolean {
    const cancelled = super.cancel(message);
    if (cancelled) this.#owned?.cancel(message);
    return cancelled;
  }
}

/**
 * Waits for something without passing a cancellation on to it.
 *
 * Use it for work that must be completed, such as a commit. Keep the task that you shield if you need its outcome after
 * your own cancellation.
 *
 * @param source a future or a task; a coroutine, a function or an operation becomes a task
 * @returns a future of the same outcome; `source` itself if it is done
 * @throws TypeError if it cannot be waited for
 * @ordering an iteration after `source`
 * @cancellation only what is returned is cancelled, and whoever waits for it. If `source` fails afterwards, the loop's
 * exception handler is told at once. If `source` itself is cancelled, so is what is returned. An operation is given up,
 * since nobody could have what it takes: shield a task of it to keep it
 * @complexity O(1)
 * @example await shield(commit());
 * @source SHIELD-1 · CPython 3.14 `asyncio.shield`
 */
export function shield<T>(source: Waitable<T>): Future<T> {
  const inner = ensureFuture(source);
  if (inner.done()) return inner;
  const loop = inner.getLoop();
  const outer = new Shield(inner, !isFuture(source) && 'subscribe' in source);
  realm.hooks?.joins?.(outer, inner);
  inner.addDoneCallback(function passOn() {
    if (outer.cancelled()) {
      const exception = inner.cancelled() ? null : inner.exception();
      if (exception === null) return;
      const name = (exception as Error | undefined)?.name ?? 'Error';
      loop.callExceptionHandler({
        message: `${name} exception in shielded future`,
        exception,
        future: inner,
        sourceTraceback: realm.hooks?.origin?.(inner),
      });
    } else if (outer.done()) return;
    else if (inner.cancelled()) outer.cancel();
    else {
      const exception = inner.exception();
      if (exception === null) outer.setResult(inner.result());
      else outer.setException(exception);
    }
  });
  return outer;
}
