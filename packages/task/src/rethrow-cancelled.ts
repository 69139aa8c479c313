/** `catch` catches `CancelledError`, which Python's `except Exception` does not. */
import { isCancelledError } from '@aiokit/loop-core';

/**
 * Throws an error again if it is a `CancelledError`. The first line of a `catch` that is meant for errors.
 *
 * @param error what was caught
 * @throws `error`, if it is a cancellation
 * @example
 * try { await work(); } catch (error) { rethrowCancelled(error); report(error); }
 * @source DIFF-8 · CPython: `CancelledError` is no `Exception`
 */
export function rethrowCancelled(error: unknown): void {
  if (isCancelledError(error)) throw error;
}
