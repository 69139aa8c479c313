/** CPython `queues.py`: what a queue throws. */
import { type AiokitError, type AiokitErrorConstructor, defineError, isErrorKind } from '@aiokit/loop-core';

/** `getNowait()` found no item that nobody has a turn for. The queue is as it was. */
export interface QueueEmpty extends AiokitError {
  readonly code: 'QUEUE_EMPTY';
}
/** @source QUEUE-2 · CPython `asyncio.QueueEmpty` */
export const QueueEmpty: AiokitErrorConstructor<QueueEmpty> = /* @__PURE__ */ defineError(
  'QueueEmpty',
  'QUEUE_EMPTY',
);

/** `putNowait()` found no place that nobody has a turn for. The queue is as it was. */
export interface QueueFull extends AiokitError {
  readonly code: 'QUEUE_FULL';
}
/** @source QUEUE-2 · CPython `asyncio.QueueFull` */
export const QueueFull: AiokitErrorConstructor<QueueFull> = /* @__PURE__ */ defineError(
  'QueueFull',
  'QUEUE_FULL',
);

/** The queue is shut down: nothing can be put, or there is nothing left to get. The queue is as it was. */
export interface QueueShutDown extends AiokitError {
  readonly code: 'QUEUE_SHUT_DOWN';
}
/** @source QUEUE-6 · CPython 3.13 `asyncio.QueueShutDown` */
export const QueueShutDown: AiokitErrorConstructor<QueueShutDown> = /* @__PURE__ */ defineError(
  'QueueShutDown',
  'QUEUE_SHUT_DOWN',
);

/** Whether `error` is a `QueueEmpty` of any copy. */
export const isQueueEmpty = (error: unknown): error is QueueEmpty => isErrorKind(error, 'QueueEmpty');
/** Whether `error` is a `QueueFull` of any copy. */
export const isQueueFull = (error: unknown): error is QueueFull => isErrorKind(error, 'QueueFull');
/** Whether `error` is a `QueueShutDown` of any copy. */
export const isQueueShutDown = (error: unknown): error is QueueShutDown =>
  isErrorKind(error, 'QueueShutDown');
