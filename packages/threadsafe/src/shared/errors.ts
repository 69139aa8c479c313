/** What goes wrong with what threads share. */
import {
  type AiokitError,
  type AiokitErrorConstructor,
  defineError,
  isErrorKind,
  RuntimeError,
} from '@aiokit/loop-core';
import { readName } from './broken.js';
import { BREAKER } from './layout.js';

/** A thread ended while it held something, or others waited for it. What it left may be half done. */
export interface OwnerDiedError extends AiokitError {
  readonly code: 'OWNER_DIED';
}
/** @source SHARED-6 · no CPython counterpart: a thread of Python cannot be ended from outside */
export const OwnerDiedError: AiokitErrorConstructor<OwnerDiedError> = /* @__PURE__ */ defineError(
  'OwnerDiedError',
  'OWNER_DIED',
  RuntimeError,
);
/** Whether `error` is an `OwnerDiedError` of any copy. */
export const isOwnerDiedError = (error: unknown): error is OwnerDiedError =>
  isErrorKind(error, 'OwnerDiedError');

/** The kinds are those of the packages that have them for one thread: their guards know these too. */
export const BrokenBarrierError = /* @__PURE__ */ defineError(
  'BrokenBarrierError',
  'BROKEN_BARRIER',
  RuntimeError,
);
export const QueueShutDown = /* @__PURE__ */ defineError('QueueShutDown', 'QUEUE_SHUT_DOWN');
export const QueueFull = /* @__PURE__ */ defineError('QueueFull', 'QUEUE_FULL');
export const QueueEmpty = /* @__PURE__ */ defineError('QueueEmpty', 'QUEUE_EMPTY');

/** What a broken unit is said to be. */
export function brokenError(m: Int32Array, unit: number, what: string): AiokitError {
  const name = readName(m, unit + BREAKER);
  return name
    ? new OwnerDiedError(`${name} has ended, and has left the ${what} as it was then`)
    : new BrokenBarrierError(`the ${what} was broken by abort() or reset()`);
}

/** The guard is held by a thread that has ended and is not buried yet. */
export const busy = (what: string): AiokitError =>
  new RuntimeError(`the ${what} is held up by a thread that has just ended; nothing has changed: try again`, {
    code: 'HELD_UP',
  });
