/**
 * What `then` of a pending awaitable returns. It calls the handlers when the awaitable is done, and makes a promise of
 * their outcome only if somebody asks: `await` never does.
 */
import type { Awaitable, CancellableWait, Runnable } from './event-loop.js';
import { realm } from './realm.js';

type Handler = ((value: never) => unknown) | null | undefined;

/** The wait of an async function, or of a `then` of plain code. */
export class Reaction<T, R> implements Runnable, PromiseLike<R>, CancellableWait {
  readonly #source: Awaitable<T>;
  readonly #onFulfilled: Handler;
  readonly #onRejected: Handler;
  readonly #context = realm.context ? realm.context.capture() : null;
  readonly #scope = realm.scope ? realm.scope() : null;
  /** The outcome once there is one, before it the promise of it if somebody asked. */
  #outcome: unknown;
  #settle: ((outcome: unknown) => void) | undefined;
  #settled = false;

  constructor(source: Awaitable<T>, onFulfilled: Handler, onRejected: Handler) {
    this.#source = source;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
    source.subscribe(this);
    this.#scope?.enter(this);
  }

  /** Ends the wait as cancelled. */
  cancel(message?: string): boolean {
    return this.#source.cancel(message);
  }

  /** Called by the loop when the source is done. */
  run(): void {
    this.#scope?.leave(this);
    this.#source.getLoop().hostTurn?.();
    if (this.#context === null) this.#react();
    else this.#context.runInAsyncScope(() => this.#react());
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#settled && !this.#settle) {
      this.#outcome = new Promise((resolve) => {
        this.#settle = resolve;
      });
    }
    return Promise.resolve(this.#outcome as Promise<R>).then(onFulfilled, onRejected);
  }

  #react(): void {
    let handler = this.#onFulfilled;
    let outcome: unknown;
    let failed = false;
    try {
      outcome = this.#source.result();
    } catch (error) {
      outcome = error;
      handler = this.#onRejected;
      failed = true;
    }
    if (typeof handler === 'function') {
      failed = false;
      try {
        outcome = handler(outcome as never);
      } catch (error) {
        outcome = error;
        failed = true;
      }
    }
    // A rejection is the host's to report, unless somebody takes it.
    if (failed) outcome = Promise.reject(outcome);
    if (this.#settle) this.#settle(outcome);
    else this.#outcome = outcome;
    this.#settled = true;
  }
}
