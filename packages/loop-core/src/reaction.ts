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

class Reaction<T, R> implements Runnable, PromiseLike<R> {
  readonly #source: Awaitable<T>;
  readonly #onFulfilled: Handler;
  readonly #onRejected: Handler;
  #link: Link | null = null;

  constructor(source: Awaitable<T>, onFulfilled: Handler, onRejected: Handler) {
    this.#source = source;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
  }

  /** Called by the loop when the source is done. */
  run(): void {
    this.#source.getLoop().hostTurn?.();
    this.react();
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

  /** Cancels what is waited for. */
  cancel(message?: string): boolean {
    return this.#source.cancel(message);
  }

  /** Calls the handlers. A task may have a cancellation to deliver in place of the outcome, which is then given back. */
  protected react(instead?: Error): void {
    let handler = this.#onFulfilled;
    let outcome: unknown;
    let failed = false;
    try {
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

/** A reaction in an async context, or of an async function that a task can cancel. */
class ScopedReaction<T, R> extends Reaction<T, R> implements CancellableWait {
  readonly #context: AsyncContext | null;
  readonly #scope: WaitScope | null;

  constructor(
    source: Awaitable<T>,
    onFulfilled: Handler,
    onRejected: Handler,
    context: AsyncContext | null,
    scope: WaitScope | null,
  ) {
    super(source, onFulfilled, onRejected);
    this.#context = context;
    this.#scope = scope;
    scope?.enter(this);
  }

  protected override react(): void {
    const instead = this.#scope?.leave(this);
    if (this.#context) this.#context.runInAsyncScope(() => super.react(instead));
    else super.react(instead);
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
  const context = (realm.context ??= asyncContext).capture();
  const scope = realm.scope ? realm.scope() : null;
  const reaction =
    context === null && scope === null
      ? new Reaction<T, R>(source, onFulfilled, onRejected)
      : new ScopedReaction<T, R>(source, onFulfilled, onRejected, context, scope);
  source.subscribe(reaction);
  return reaction;
}
