/** What tasks do with generators and async functions, without the rest of a task. */
import {
  type Awaitable,
  type CancellableWait,
  type EventLoop,
  makeCancelledError,
  type Runnable,
  type WaitScope,
} from '@aiokit/loop-core';

/** Steps a generator through the loop, and cancels as asyncio's tasks do. */
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
      const { done, value } = cancellation ? this.#steps.throw(cancellation) : this.#steps.next(null);
      if (done) this.outcome = { value };
      else if (value === undefined) this.#loop.enqueue(this);
      else {
        this.#waits = value as Awaitable<unknown>;
        this.#waits.subscribe(this);
        const pending = this.#cancellation as Error | undefined;
        if (pending && this.#waits.cancel(pending.message)) this.#cancellation = undefined;
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

/** Cancels an async function at what it waits for now, in place of the outcome that is on its way, or at its next wait. */
export class Scope implements WaitScope {
  readonly #waits = new Set<CancellableWait>();
  #cancellation: Error | undefined;

  /** Whether it waits for something now. */
  get waiting(): boolean {
    return this.#waits.size > 0;
  }

  enter(wait: CancellableWait): void {
    this.#waits.add(wait);
    if (this.#cancellation && wait.cancel(this.#cancellation.message)) this.#cancellation = undefined;
  }

  leave(wait: CancellableWait): Error | undefined {
    this.#waits.delete(wait);
    const cancellation = this.#cancellation;
    this.#cancellation = undefined;
    return cancellation;
  }

  cancel(message?: string): void {
    let reached = false;
    for (const wait of this.#waits) reached = wait.cancel(message) || reached;
    if (!reached) this.#cancellation = makeCancelledError(message);
  }
}
