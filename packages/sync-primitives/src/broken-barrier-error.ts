/** CPython `asyncio.BrokenBarrierError`. */
import { type AiokitErrorConstructor, defineError, isErrorKind, RuntimeError } from '@aiokit/loop-core';

/** The barrier was aborted or reset while somebody waited, or is broken. */
export interface BrokenBarrierError extends RuntimeError {
  readonly code: 'BROKEN_BARRIER';
}
/** @source BARRIER-3 · CPython `asyncio.BrokenBarrierError` */
export const BrokenBarrierError: AiokitErrorConstructor<BrokenBarrierError> = /* @__PURE__ */ defineError(
  'BrokenBarrierError',
  'BROKEN_BARRIER',
  RuntimeError,
);

/**
 * Whether `error` is a `BrokenBarrierError` of any copy.
 *
 * @param error anything
 * @source no CPython counterpart
 */
export const isBrokenBarrierError = (error: unknown): error is BrokenBarrierError =>
  isErrorKind(error, 'BrokenBarrierError');
