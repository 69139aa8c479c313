/** `catch` catches `CancelledError`, which Python's `except Exception` does not. */
import { type CancelledError, isCancelledError } from '@aiokit/loop-core';

/**
 * The cancellation that an error is, or that has caused it.
 *
 * What is aborted by a task's signal often throws an `AbortError` of the host, with the signal's reason as its cause.
 *
 * @param error anything
 * @returns the cancellation; undefined if it is none
 * @source SCOPE-3 · no CPython counterpart
 */
export function cancellationOf(error: unknown): CancelledError | undefined {
  if (isCancelledError(error)) return error;
  const { name, cause } = Object(error) as Partial<Error>;
  return name === 'AbortError' && isCancelledError(cause) ? cause : undefined;
}

/**
 * Throws an error again if it is a `CancelledError`, or an `AbortError` of the host that one has caused.
 *
 * It is the first line of a `catch` that is meant for errors.
 *
 * @param error what was caught
 * @throws `error`, if it is a cancellation
 * @example
 * try { await work(); } catch (error) { rethrowCancelled(error); report(error); }
 * @source DIFF-8 · CPython: `CancelledError` is no `Exception`
 */
export function rethrowCancelled(error: unknown): void {
  if (cancellationOf(error)) throw error;
}
