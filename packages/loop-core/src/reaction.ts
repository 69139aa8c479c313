/**
 * What `then` of a pending awaitable returns. It calls the handlers when the awaitable is done, and makes a promise of
 * their outcome only if somebody asks: `await` never does.
 */
import { asyncContext } from './context.js';
import type { AsyncContext, Awaitable, CancellableWait, Runnable, WaitScope } from './event-loop.js';
import { realm } from './realm.js';

type Handler = ((value: never) => unknown) | null | undefined;

/** The outcome of the handlers, or before there is one the way to settle the promise that somebody asked for. */
interface Link {
  readonly promise: Promise<unknown>;
  readonly settle?: (outcome: unknown) => void;
}
const nothing = /* @__PURE__ */ (() => ({ promise: Promise.resolve() }))();

/** The wait of an async function, or of a `then` of plain code. */
export class Reaction<T, R> implements Runnable, PromiseLike<R>, CancellableWait {
  readonly #source: Awaitable<T>;
  readonly #onFulfilled: Handler;
  readonly #onRejected: Handler;
  readonly #context: AsyncContext | null;
  readonly #scope: WaitScope | null;
  #link: Link | null = null;

  constructor(source: Awaitable<T>, onFulfilled: Handler, onRejected: Handler) {
    this.#source = source;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
    this.#context = (realm.context ??= asyncContext).capture();
    this.#scope = realm.scope ? realm.scope() : null;
    source.subscribe(this);
    if (this.#scope !== null) this.#scope.enter(this);
  }

  /** Ends the wait as cancelled. */
  cancel(message?: string): boolean {
    return this.#source.cancel(message);
  }

  /** Called by the loop when the source is done. */
  run(): void {
    this.#source.getLoop().hostTurn?.();
    if (this.#context === null) this.#react();
    else this.#context.runInAsyncScope(() => this.#react());
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#link === null) {
      let settle: ((outcome: unknown) => void) | undefined;
      const promise = new Promise<unknown>((resolve) => {
        settle = resolve;
      });
      this.#link = { promise, settle: settle as unknown as (outcome: unknown) => void };
    }
    return (this.#link.promise as Promise<R>).then(onFulfilled, onRejected);
  }

  #react(): void {
    let handler = this.#onFulfilled;
    let outcome: unknown;
    let failed = false;
    try {
      // The task may have a cancellation to deliver in place of the outcome, which is then given back.
      const instead = this.#scope === null ? undefined : this.#scope.leave(this);
      if (instead) {
        this.#source.abandon();
        throw instead;
      }
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
        if (outcome === this) throw new TypeError('Chaining cycle detected for promise');
      } catch (error) {
        outcome = error;
        failed = true;
      }
    }
    // A rejection is the host's to report, unless somebody takes it.
    if (failed) outcome = Promise.reject(outcome);
    if (this.#link?.settle) this.#link.settle(outcome);
    else this.#link = outcome === undefined ? nothing : { promise: Promise.resolve(outcome) };
  }
}
