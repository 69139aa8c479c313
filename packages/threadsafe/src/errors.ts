/** What goes wrong between threads. */
import {
  type AiokitError,
  type AiokitErrorConstructor,
  defineError,
  isErrorKind,
  RuntimeError,
} from '@aiokit/loop-core';

/** Waiting here would stop the thread that has to go on, or the host does not allow it; `await` instead. */
export interface BlockingNotAllowedError extends AiokitError {
  readonly code: 'BLOCKING_NOT_ALLOWED';
}
/** @source THREAD-4 · no CPython counterpart: there the program hangs */
export const BlockingNotAllowedError: AiokitErrorConstructor<BlockingNotAllowedError> =
  /* @__PURE__ */ defineError('BlockingNotAllowedError', 'BLOCKING_NOT_ALLOWED', RuntimeError);
/** Whether `error` is a `BlockingNotAllowedError` of any copy. */
export const isBlockingNotAllowedError = (error: unknown): error is BlockingNotAllowedError =>
  isErrorKind(error, 'BlockingNotAllowedError');

/** The worker or process that ran a function has ended before the function did. */
export interface WorkerEndedError extends AiokitError {
  readonly code: 'WORKER_ENDED';
}
/** @source THREAD-8 · CPython `concurrent.futures.BrokenExecutor`, which breaks the others too */
export const WorkerEndedError: AiokitErrorConstructor<WorkerEndedError> = /* @__PURE__ */ defineError(
  'WorkerEndedError',
  'WORKER_ENDED',
  RuntimeError,
);
/** Whether `error` is a `WorkerEndedError` of any copy. */
export const isWorkerEndedError = (error: unknown): error is WorkerEndedError =>
  isErrorKind(error, 'WorkerEndedError');

/** No worker of an executor can be started: what was submitted has failed, and what will be is refused. */
export interface BrokenExecutorError extends AiokitError {
  readonly code: 'BROKEN_EXECUTOR';
}
/** @source THREAD-8 · CPython `concurrent.futures.BrokenExecutor` */
export const BrokenExecutorError: AiokitErrorConstructor<BrokenExecutorError> = /* @__PURE__ */ defineError(
  'BrokenExecutorError',
  'BROKEN_EXECUTOR',
  RuntimeError,
);
/** Whether `error` is a `BrokenExecutorError` of any copy. */
export const isBrokenExecutorError = (error: unknown): error is BrokenExecutorError =>
  isErrorKind(error, 'BrokenExecutorError');
