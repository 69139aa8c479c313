/** What a task does with its generator, without the rest of a task. */
import { type Awaitable, type EventLoop, makeCancelledError, type Runnable } from '@aiokit/loop-core';

export class Driver<T> implements Runnable {
  readonly #loop: EventLoop;
  readonly #steps: Generator<unknown, T, unknown>;
  #waits: Awaitable<unknown> | undefined;
  #cancellation: Error | undefined;
  /** How it ended, once it has. */
  outcome: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(loop: EventLoop, steps: Generator<unknown, T, unknown>) {
    this.#loop = loop;
    this.#steps = steps;
    loop.enqueue(this);
  }

  run(): void {
    const cancellation = this.#waits?.cancelled() ? undefined : this.#cancellation;
    this.#waits = this.#cancellation = undefined;
    try {
      const { done, value } = cancellation ? this.#steps.throw(cancellation) : this.#steps.next();
      if (done) this.outcome = { value };
      else if (value === undefined) this.#loop.enqueue(this);
      else {
        this.#waits = value as Awaitable<unknown>;
        this.#waits.subscribe(this);
      }
    } catch (error) {
      this.outcome = { error };
    }
  }

  cancel(message?: string): boolean {
    if (this.outcome) return false;
    if (!this.#waits?.cancel(message)) this.#cancellation = makeCancelledError(message);
    return true;
  }
}
