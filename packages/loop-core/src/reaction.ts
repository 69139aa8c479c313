/**
 * What `then` of a pending awaitable returns. It calls the handlers when the awaitable is done, and makes a promise of
 * their outcome only if somebody asks: `await` never does.
 */
import { captureFlow } from './context.js';
import type { AsyncContext, Awaitable, CancellableWait, Runnable, WaitScope } from './event-loop.js';
import { settled } from './internal/call-within.js';
import { realm } from './realm.js';

type Handler = ((value: never) => unknown) | null | undefined;

class Reaction<T, R> implements Runnable, PromiseLike<R>, CancellableWait {
  /** What is waited for. */
  readonly source: Awaitable<T>;
  readonly #onFulfilled: Handler;
  readonly #onRejected: Handler;
  readonly #context: AsyncContext | null;
  readonly #scope: WaitScope | null | undefined;
  /** The outcome of the handlers, once there is one or somebody has asked for it. */
  #promise: Promise<unknown> | undefined;
  /** Settles it, if somebody asked before there was one. */
  #settle: ((outcome: unknown) => void) | undefined;

  constructor(source: Awaitable<T>, onFulfilled: Handler, onRejected: Handler) {
    this.source = source;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
    this.#context = captureFlow();
    this.#scope = realm.scope?.();
    this.#scope?.enter(this);
  }

  /** Called by the loop when the source is done. A task may have a cancellation to deliver in place of the outcome. */
  run(): void {
    const instead = this.#scope?.leave(this);
    this.source.getLoop().hostTurn?.();
    if (this.#context) this.#context.runInAsyncScope(() => this.react(instead));
    else this.react(instead);
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#promise ??= new Promise((resolve) => {
      this.#settle = resolve;
    });
    return (this.#promise as Promise<R>).then(onFulfilled, onRejected);
  }

  /** Cancels what is waited for. */
  cancel(message?: string): boolean {
    return this.source.cancel(message);
  }

  /** What is waited for, in the reports of a task. */
  toString(): string {
    return String(this.source);
  }

  /** Calls the handlers. An outcome that is not delivered is given back; a cancellation of the source's own is delivered. */
  private react(instead: Error | undefined): void {
    let outcome: unknown;
    try {
      let handler = this.#onFulfilled;
      try {
        if (instead && !this.source.cancelled()) {
          this.source.abandon();
          throw instead;
        }
        outcome = this.source.result();
      } catch (error) {
        handler = this.#onRejected;
        if (typeof handler !== 'function') throw error;
        outcome = error;
      }
      if (typeof handler === 'function') outcome = handler(outcome as never);
      if (outcome === this) throw new TypeError('Chaining cycle');
    } catch (error) {
      // A rejection is the host's to report, unless somebody takes it.
      outcome = Promise.reject(error);
    }
    if (this.#settle) this.#settle(outcome);
    else this.#promise = outcome === undefined ? settled : Promise.resolve(outcome);
  }
}

/**
 * Calls handlers once an awaitable is done, as `then` does.
 *
 * @param source what is waited for; it is pending
 * @param onFulfilled called with its result
 * @param onRejected called with what it failed with
 * @returns the outcome of the handlers
 * @ordering with the source's other callbacks, in the order of coming
 * @cancellation the current task of an async function reaches the wait
 * @complexity O(1); one object
 * @source no CPython counterpart
 */
export function react<T, R>(source: Awaitable<T>, onFulfilled: Handler, onRejected: Handler): PromiseLike<R> {
  const reaction = new Reaction<T, R>(source, onFulfilled, onRejected);
  source.subscribe(reaction);
  return reaction;
}
