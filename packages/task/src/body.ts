/** The body of a `timeout` or a task group: a generator function in a coroutine, an async function elsewhere. */
import type { Coroutine } from './coroutine.js';
import { isCoroutine } from './coroutine.js';
import { drive } from './drive.js';
import { runWithin, type Scope } from './scope.js';

/** A section of code that is given its scope. */
export type ScopedBody<S extends Scope, T> = (scope: S) => Coroutine<T> | PromiseLike<T>;

/**
 * Runs a body within its scope.
 *
 * @param scope what the body is given
 * @param body the section
 * @param async whether it is run by an async function, which can await a promise
 */
export function* bodySteps<S extends Scope, T>(
  scope: S,
  body: ScopedBody<S, T>,
  async: boolean,
): Coroutine<T> {
  const running = async ? runWithin(scope, body) : body(scope);
  if (isCoroutine(running) && !async) return (yield* running) as T;
  // Whoever drives an async function awaits a promise, and sends what it results in.
  if (isCoroutine(running)) return (yield drive(running as Coroutine<T>, scope) as never) as T;
  if (typeof running?.then !== 'function') {
    throw new TypeError(
      `body must be a generator function or an async function, got one that returned ${String(running)}`,
    );
  }
  if (async) return (yield running as never) as T;
  // The promise would be awaited by nobody.
  Promise.resolve(running).catch(() => {});
  throw new TypeError('body must be a generator function in a coroutine, got an async function');
}
