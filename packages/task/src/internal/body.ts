/** The body of a `timeout` or a task group: a generator function in a coroutine, an async function elsewhere. */
import type { Awaitable } from '@aiokit/loop-core';
import type { Coroutine } from '../is-coroutine.js';
import { isCoroutine } from '../is-coroutine.js';
import { drive } from './drive.js';
import { runWithin, type Scope, waitWithin } from '../scope.js';

/** A section of code that is given its scope. */
export type ScopedBody<S extends Scope, T> = (scope: S) => Coroutine<T> | PromiseLike<T>;

/** Yielded to whoever drives an async function: the promise under this key is awaited, and sent what it results in. */
export const HOST: unique symbol = Symbol.for('aiokit.host') as never;

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
  const coroutine = isCoroutine(running);
  const awaitable = running as Awaitable<T> | null | undefined;
  const waits = coroutine || typeof awaitable?.subscribe === 'function';
  if (waits && !async) return yield* running as Coroutine<T>;
  if (typeof awaitable?.then !== 'function' && !coroutine) {
    throw new TypeError(
      `body must be a generator function or an async function, got one that returned ${String(running)}`,
    );
  }
  if (async) {
    const promise = coroutine ? drive(running, scope) : waitWithin(scope, running as Awaitable<T>);
    return (yield { [HOST]: promise } as never) as T;
  }
  // The promise would be awaited by nobody.
  Promise.resolve(running).catch(() => {});
  throw new TypeError('body must be a generator function in a coroutine, got an async function');
}
