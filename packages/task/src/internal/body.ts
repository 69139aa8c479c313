/** The body of a `timeout` or a task group: a generator function in a coroutine, an async function elsewhere. */
import type { Awaitable } from '@aiokit/loop-core';
import type { Coroutine } from '../is-coroutine.js';
import { isCoroutine } from '../is-coroutine.js';
import { drive } from './drive.js';
import { runWithin } from './scope-store.js';
import { type Scope, waitWithin } from '../scope.js';

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
export function bodySteps<S extends Scope, T>(
  scope: S,
  body: ScopedBody<S, T>,
  async: boolean,
): { [Symbol.iterator](): Iterator<never, T, unknown> } {
  if (async) return hostSteps(scope, body);
  const running = body(scope);
  const awaitable = running as Partial<Awaitable<T>> | null | undefined;
  if (isCoroutine(running) || typeof awaitable?.subscribe === 'function') return running as never;
  if (typeof awaitable?.then !== 'function') return refuse(running);
  // The promise would be awaited by nobody.
  Promise.resolve(running).catch(() => {});
  throw new TypeError('body must be a generator function in a coroutine, got an async function');
}

/** The body in an async function, which awaits what is marked as the host's. */
function* hostSteps<S extends Scope, T>(scope: S, body: ScopedBody<S, T>): Generator<never, T, unknown> {
  const running = runWithin(scope, body);
  let promise: unknown;
  if (isCoroutine(running)) promise = drive(running, scope);
  else if (typeof (running as Partial<PromiseLike<T>> | null | undefined)?.then === 'function') {
    promise = waitWithin(scope, running as Awaitable<T>);
  } else refuse(running);
  return (yield { [HOST]: promise } as never) as T;
}

const refuse = (running: unknown): never => {
  throw new TypeError(
    `body must be a generator function or an async function, got one that returned ${String(running)}`,
  );
};
