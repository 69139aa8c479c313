/** What a task does with an operation that it was made of. */
import type { Awaitable } from '@aiokit/loop-core';
import type { Steps } from '../task.js';

/** An operation as steps: it is waited for, and abandoned if the task is cancelled before that. */
export class OperationSteps<T> implements Steps<T> {
  readonly #waiting: Iterator<unknown, T, unknown>;
  #begun = false;

  constructor(operation: Awaitable<T>) {
    this.#waiting = operation[Symbol.iterator]();
  }

  next(): IteratorResult<unknown, T> {
    if (this.#begun) return this.#waiting.next(null);
    this.#begun = true;
    return this.#waiting.next(undefined);
  }

  throw(error: unknown): IteratorResult<unknown, T> {
    if (this.#waiting.throw) return this.#waiting.throw(error);
    throw error;
  }
}
