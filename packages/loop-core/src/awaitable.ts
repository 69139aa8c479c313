/**
 * What futures and waiters have in common: those who wait for it, in the order in which they came.
 *
 * Nearly always there is one, so the slot holds a runnable, or an array once there are more; when all have been woken it
 * is free and keeps the promise that `then` of a done awaitable goes through.
 */
import { captureContext } from './context.js';
import { RuntimeError } from './errors.js';
import type { AsyncContext, Awaitable, AwaitSteps, EventLoop, Runnable } from './event-loop.js';
import { callWithin, nameOf } from './internal/call-within.js';
import { checkCallback } from './internal/check.js';
import { realm } from './realm.js';
import { react } from './reaction.js';

/** A callback of `addDoneCallback`, and the async context that it was added in. */
class DoneCallback<S extends { called(): void }> implements Runnable {
  declare private readonly source: S;
  declare readonly context: AsyncContext | null;
  declare readonly callback: (source: S) => void;

  constructor(source: S, callback: (source: S) => void) {
    this.source = source;
    this.context = captureContext();
    this.callback = callback;
  }

  run(): void {
    try {
      callWithin(this.context, this.callback, this.source);
    } finally {
      this.source.called();
    }
  }

  toString(): string {
    return `<Handle ${nameOf(this.callback)}>`;
  }
}

/** Two copies of this file yield the same object, by which a task knows `yield*` from `yield`. */
const starred = /* @__PURE__ */ (() => (realm.starred ??= { done: false, value: undefined }))();

/** The base of everything that can be waited for. */
export abstract class AwaitableBase<T> implements Awaitable<T> {
  /** Those who wait; once done, what `settled` says. Declared, not a class field: a field costs a subclass 13 ns an object. */
  declare private slot: Runnable | Runnable[] | Promise<T> | undefined;

  constructor() {
    this.slot = undefined;
  }

  abstract done(): boolean;
  abstract cancelled(): boolean;
  abstract result(): T;
  abstract cancel(message?: string): boolean;
  abstract getLoop(): EventLoop;

  abandon(): void {}

  /** Called after each callback of `addDoneCallback`. */
  called(): void {}

  /** It is its own iterator, without a state of its own, so that a wait allocates nothing. */
  [Symbol.iterator](): AwaitSteps<T> {
    return this as unknown as AwaitSteps<T>;
  }

  /**
   * Called by `yield*`: with undefined at first, then with what the generator is resumed with, which tasks make null. Loops
   * and spreads, to which it would be a list without an end, call it with nothing.
   */
  protected next(sent?: unknown): IteratorResult<unknown, T> {
    if (this.done()) return { done: true, value: this.result() };
    if (sent === null || arguments.length === 0)
      throw new RuntimeError("await wasn't used with future", { code: 'NOT_AWAITED' });
    starred.value = this;
    realm.hooks?.yielded?.(this);
    return starred;
  }

  /** Called by `yield*` when an error is thrown into the generator. */
  protected throw(error: unknown): never {
    this.abandon();
    throw error;
  }

  /** Called by `yield*` when the generator is closed. */
  protected return(value: T): IteratorResult<never, T> {
    this.abandon();
    return { done: true, value };
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    if (!this.done()) return react(this, onFulfilled, onRejected);
    this.slot ??= new Promise<T>((resolve) => resolve(this.result()));
    return (this.slot as Promise<T>).then(onFulfilled, onRejected);
  }

  subscribe(runnable: Runnable): void {
    const waiting = this.slot as Runnable | Runnable[] | undefined;
    if (this.done()) this.getLoop().enqueue(runnable, this.order);
    else if (!waiting) this.slot = runnable;
    else if (Array.isArray(waiting)) waiting.push(runnable);
    else this.slot = [waiting, runnable];
  }

  unsubscribe(runnable: Runnable): boolean {
    return this.removeDoneCallback(runnable as never) > 0;
  }

  /**
   * Calls a function with this through the loop once this is done, after those that were added before.
   *
   * @param callback called with this; what it throws goes to the loop's exception handler
   * @throws TypeError if it is not a function; nothing is added
   * @source FUT-4 · CPython `Future.add_done_callback`
   */
  addDoneCallback(callback: (done: this) => void): void {
    checkCallback(callback);
    this.subscribe(new DoneCallback(this, callback));
  }

  /**
   * Takes every occurrence of a callback away.
   *
   * @param callback what was given to `addDoneCallback`
   * @returns how many there were; those of an awaitable that is done are on their way and not among them
   * @source FUT-4 · CPython `Future.remove_done_callback`
   */
  removeDoneCallback(callback: (done: this) => void): number {
    const { waiting } = this;
    const left = waiting.filter(
      (one) => one !== (callback as unknown) && (one as Partial<DoneCallback<this>>).callback !== callback,
    );
    const removed = waiting.length - left.length;
    if (removed > 0) this.slot = left.length > 1 ? left : left[0];
    return removed;
  }

  /** Among what a loop that reorders is given for this, the order is kept. */
  protected get order(): object {
    return this;
  }

  /** Those who wait, in order. */
  protected get waiting(): readonly Runnable[] {
    return this.done() ? [] : ([] as Runnable[]).concat((this.slot as Runnable[] | undefined) ?? []);
  }

  /** Enqueues all who wait; false if nobody does. Called before the state changes: a closed loop leaves it as it was. */
  protected wake(loop: EventLoop): boolean {
    const waiting = this.slot as Runnable | Runnable[] | undefined;
    if (!waiting) return false;
    const { order } = this;
    if (Array.isArray(waiting)) for (const one of waiting) loop.enqueue(one, order);
    else loop.enqueue(waiting, order);
    this.drop();
    return true;
  }

  /** Lets go of those who wait without waking them. */
  protected drop(): void {
    this.slot = undefined;
  }
}
