/** What is wrong with what a coroutine has yielded. */
import { type Awaitable, RuntimeError } from '@aiokit/loop-core';
import { isCoroutine } from '../is-coroutine.js';

/**
 * The error that a coroutine is thrown that yields what `yield*` does not.
 *
 * @param value what it has yielded
 * @param task who stepped it
 * @source TASK-2 · CPython `Task.__step`
 */
export function badYield(value: unknown, task: unknown): RuntimeError {
  const known = value as Partial<Awaitable<unknown>> | null;
  const what = String(value);
  let message = `Task got bad yield: ${what}`;
  if (typeof known?.subscribe === 'function') {
    message = `yield was used instead of yield* in task ${String(task)} with ${what}`;
  } else if (isCoroutine(value)) {
    message = `yield was used instead of yield* for generator in task ${String(task)} with ${what}`;
  } else if (typeof known?.then === 'function') {
    message = 'Task got bad yield: a promise; use yield* fromPromise(promise)';
  }
  return new RuntimeError(message, { code: 'BAD_YIELD' });
}
