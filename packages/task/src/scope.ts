/**
 * What an async function waits for, so that a cancellation reaches it. A task of an async function has a scope; within it
 * each `timeout` and each task group has one of its own, which a deadline or a failing task cancels alone.
 *
 * The scope of a running function is found by the host's async context. Where the host has none, the function's own `scope`
 * must be passed on.
 *
 * Invariant: a cancellation is delivered once, by the waits that it reaches, by the signal if somebody saw it abort, or in
 * place of the next outcome. Until then it is in `must`.
 */
import {
  type Awaitable,
  type CancellableWait,
  defineError,
  type EventLoop,
  type AiokitError,
  type AiokitErrorConstructor,
  giveUp,
  isErrorKind,
  makeCancelledError,
  realm,
  RuntimeError,
  type Runnable,
  type WaitScope,
} from '@aiokit/loop-core';
import { hasNoContext } from './internal/scope-store.js';
import type { Task } from './task.js';

/** There is no current task, or it cannot be known: the host has no async context, and no `scope` was given. */
export interface NoCurrentTaskError extends AiokitError {
  readonly code: 'NO_CURRENT_TASK';
}
/** @source SCOPE-4 · CPython's `RuntimeError`s about a missing current task */
export const NoCurrentTaskError: AiokitErrorConstructor<NoCurrentTaskError> = /* @__PURE__ */ defineError(
  'NoCurrentTaskError',
  'NO_CURRENT_TASK',
  RuntimeError,
);
/** Whether `error` is a `NoCurrentTaskError` of any copy. */
export const isNoCurrentTaskError = (error: unknown): error is NoCurrentTaskError =>
  isErrorKind(error, 'NoCurrentTaskError');

/** Takes the current task's scope where the host has no async context. */
export interface ScopeOptions {
  /** What the async function was given; found by itself where the host has `AsyncLocalStorage`. */
  readonly scope?: Scope | undefined;
}

/** What anybody reads who notices that a signal has aborted. */
const signalGetters = ['aborted', 'reason'] as const;
const read = (signal: AbortSignal, name: (typeof signalGetters)[number]): unknown =>
  Reflect.get(Object.getPrototypeOf(signal) as object, name, signal);

/** What waits, as a list that stays as it is. */
const listOf = (waits: CancellableWait | Set<CancellableWait> | null): CancellableWait[] =>
  waits === null ? [] : waits instanceof Set ? Array.from(waits) : [waits];

/** Where the waits of an async function belong. */
export class Scope implements WaitScope {
  /** The task that it is a part of. */
  declare task: Task<unknown>;
  /** The scope around it; null for a task's own, and in generator tasks. */
  declare protected outer: Scope | null;
  declare private waits: CancellableWait | Set<CancellableWait> | null;
  declare private inner: Set<Scope> | null;
  /** Waits that were over when they were to be cancelled, and what each is to throw in place of its outcome. */
  declare private owed: Map<CancellableWait, Error> | undefined;
  declare private must: Error | undefined;
  /** Whether its section has ended. What is left of it is the scope's around it. */
  declare private ended: boolean;
  declare private requests: number;
  declare private controller: AbortController | undefined;

  constructor() {
    this.outer = this.waits = this.inner = null;
    this.owed = this.must = this.controller = undefined;
    this.requests = 0;
    this.ended = false;
  }

  /**
   * Aborts when what runs in the scope is cancelled. Give it to `fetch` and to whatever else is not of this family.
   *
   * Once a cancellation was delivered, the next use gives a new signal, for cleaning up.
   *
   * @source SCOPE-3 · no CPython counterpart
   */
  get signal(): AbortSignal {
    const { controller } = this;
    if (controller && (this.pending() || !read(controller.signal, 'aborted'))) return controller.signal;
    const made = new AbortController();
    this.controller = made;
    if (!this.outer && this !== this.task.scope) this.task.root().hold(this);
    const pending = this.pending();
    if (pending) made.abort(pending);
    for (const name of signalGetters) {
      Object.defineProperty(made.signal, name, {
        configurable: true,
        get: () => {
          const value = read(made.signal, name);
          if (value) this.seen();
          return value;
        },
      });
    }
    return made.signal;
  }

  /**
   * Waits within the scope: the same as `await source` where the host has async context, for hosts that have none.
   *
   * @param source what to wait for
   * @returns settles as `source` does
   * @throws TypeError if it cannot be waited for
   * @ordering as an `await` of `source`
   * @cancellation a cancellation of the scope reaches the wait
   * @complexity O(1)
   * @source SCOPE-2 · no CPython counterpart
   */
  async wait<T>(source: Awaitable<T> | PromiseLike<T>): Promise<T> {
    if (typeof source?.then !== 'function') {
      throw new TypeError(`source must be something to wait for, got ${String(source)}`);
    }
    return waitWithin(this, source as Awaitable<T>);
  }

  /** Called when a wait begins. All that begin before a cancellation is delivered are cancelled by it. */
  enter(wait: CancellableWait): void {
    const scope = this.live();
    scope.add(wait);
    const pending = scope.pending();
    if (pending) wait.cancel(pending.message);
    realm.hooks?.waits?.(this.task);
  }

  /** Called when a wait is over; returns the cancellation to deliver in place of its outcome. */
  leave(wait: CancellableWait): Error | undefined {
    const scope = this.live();
    const { waits, owed } = scope;
    if (waits === wait) scope.waits = null;
    else if (waits instanceof Set) waits.delete(wait);
    const error = owed?.get(wait);
    if (error) {
      owed?.delete(wait);
      return error;
    }
    const pending = scope.pending();
    if (pending) scope.seen();
    return pending;
  }

  /** The loop of its task, which what an async function begins belongs to. */
  getLoop(): EventLoop {
    return this.task.getLoop();
  }

  /** The scope itself, or the nearest around it whose section has not ended. */
  live(): Scope {
    return this.ended && this.outer ? this.outer.live() : this;
  }

  /** Forgets what is to be thrown in place of outcomes. */
  forgive(): void {
    this.owed = undefined;
    if (this.inner) for (const scope of this.inner) scope.forgive();
  }

  /**
   * Cancels all that waits here, and aborts the signals.
   *
   * @param message what it says
   * @param keep is given the cancellation if nothing that waits was reached: it is to be delivered next
   */
  interrupt(message: string | undefined, keep: (error: Error) => void): void {
    const late: [Scope, CancellableWait][] = [];
    const reached = this.reach(message, late);
    if (reached && late.length === 0 && !this.controller && !this.inner) return;
    const error = makeCancelledError(message);
    // One whose turn has come would take it for a function that has gone on without it.
    for (const [scope, wait] of late) (scope.owed ??= new Map()).set(wait, makeCancelledError(message));
    if (!reached && late.length === 0) keep(error);
    this.abort(error);
  }

  /** What waits here, for reports. */
  get waiting(): readonly CancellableWait[] {
    const { inner } = this;
    const own = listOf(this.waits);
    return inner ? own.concat(...[...inner].map((scope) => scope.waiting)) : own;
  }

  /** The cancellation that is not delivered yet. */
  pending(): Error | undefined {
    // What a task that is done keeps there is its outcome.
    if (this.task.done()) return undefined;
    if (this.task.must) return this.task.must;
    return this.must ?? this.outer?.pending();
  }

  /**
   * Joins the scope around it. In a generator task there is none: the task itself is cancelled.
   *
   * @param refusal what is said if there is no task
   */
  protected join(outer: Scope | null, refusal: string): void {
    const task = outer ? outer.task : (realm.stepping as Task<unknown> | undefined);
    if (!task) {
      const where = hasNoContext() ? ': pass { scope }, this host has no async context' : '';
      throw new NoCurrentTaskError(refusal + where);
    }
    this.task = task;
    this.outer = outer;
    outer?.hold(this);
  }

  /** Leaves the scope around it, which takes over what still waits. What it has not delivered is nobody's any more. */
  protected part(): void {
    const { outer, waits } = this;
    if (!outer) {
      if (this.controller) this.task.scope?.inner?.delete(this);
      return;
    }
    this.ended = true;
    this.waits = null;
    outer.inner?.delete(this);
    const live = outer.live();
    for (const wait of listOf(waits)) {
      live.add(wait);
      const error = this.owed?.get(wait);
      if (error) (live.owed ??= new Map()).set(wait, error);
    }
  }

  /** Takes a scope of a generator task in, so that its signal aborts with the task. */
  hold(scope: Scope): void {
    (this.inner ??= new Set()).add(scope);
  }

  /** Cancels what runs within. */
  protected request(): void {
    if (!this.outer) {
      this.task.cancel();
      return;
    }
    this.requests++;
    this.interrupt(undefined, (error) => {
      this.must = error;
    });
  }

  /** Takes a request back; returns how many cancellations are asked for around it. */
  protected unrequest(): number {
    if (!this.outer) return this.task.uncancel();
    this.requests--;
    return this.requested();
  }

  /** How many cancellations were asked for, of the task and of the scopes around. */
  protected requested(): number {
    return this.requests + (this.outer ? this.outer.requested() : this.task.cancelling());
  }

  /** The requests of before, of the task and of each scope around: those that are still to come are not of the past. */
  protected requestsBefore(): number[] {
    const { task } = this;
    const counts = [task.cancelling() - (task.must ? 1 : 0)];
    for (let { outer } = this; outer; outer = outer.outer) counts.push(outer.requests - (outer.must ? 1 : 0));
    return counts;
  }

  /** Has the cancellations delivered again that were caught since. */
  protected redeliver(before: readonly number[]): void {
    const { task } = this;
    const requestedSince = (count: number, index: number): boolean => count > (before[index] as number);
    for (let { outer } = this, index = 1; outer; outer = outer.outer, index++) {
      if (requestedSince(outer.requests, index)) outer.must = makeCancelledError();
    }
    if (!requestedSince(task.cancelling(), 0)) return;
    task.uncancel();
    task.cancel();
  }

  private reach(message: string | undefined, late: [Scope, CancellableWait][]): boolean {
    let reached = false;
    for (const wait of listOf(this.waits)) {
      if (wait.cancel(message)) reached = true;
      else late.push([this, wait]);
    }
    if (this.inner) for (const scope of this.inner) reached = scope.reach(message, late) || reached;
    return reached;
  }

  private add(wait: CancellableWait): void {
    const { waits } = this;
    if (waits === null) this.waits = wait;
    else if (waits instanceof Set) waits.add(wait);
    else this.waits = new Set([waits, wait]);
  }

  /** Aborts the signals that were asked for. */
  abort(reason: Error): void {
    this.controller?.abort(reason);
    if (this.inner) for (const scope of this.inner) scope.abort(reason);
  }

  /** A cancellation was delivered to an async function; a generator's is by its step alone. */
  protected seen(): void {
    if (!this.outer) return;
    this.must = undefined;
    this.outer.seen();
  }
}

/** What a task is thrown that waits for its own end. */
export const selfAwait = (task: object): RuntimeError =>
  new RuntimeError(`Task cannot await on itself: ${String(task)}`, { code: 'SELF_AWAIT' });

/** A wait of an async function whose scope is known. */
class ScopeWait<T> implements Runnable, CancellableWait {
  /** Where the wait belongs. */
  readonly scope: Scope;
  /** What is waited for. */
  readonly source: Awaitable<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    scope: Scope,
    source: Awaitable<T>,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    this.scope = scope;
    this.source = source;
    this.#resolve = resolve;
    this.#reject = reject;
    scope.enter(this);
    source.subscribe(this);
  }

  run(): void {
    this.source.getLoop().hostTurn?.();
    const instead = this.scope.leave(this);
    try {
      if (instead && !this.source.cancelled()) {
        giveUp(this.source);
        throw instead;
      }
      this.#resolve(this.source.result());
    } catch (error) {
      this.#reject(error);
    }
  }

  cancel(message?: string): boolean {
    return this.source.cancel(message);
  }

  toString(): string {
    return String(this.source);
  }
}

/**
 * Waits for what is awaitable within a scope.
 *
 * @param scope whose cancellation reaches the wait; null for the one that the host tells, if any
 * @param source what to wait for
 * @ordering as an `await` of `source`
 * @cancellation by the scope
 * @complexity O(1)
 * @source SCOPE-2 · no CPython counterpart
 */
export function waitWithin<T>(scope: Scope | null, source: Awaitable<T>): PromiseLike<T> {
  if (!scope || typeof source?.subscribe !== 'function' || source.done()) return source;
  if ((source as unknown) === scope.task) return Promise.reject(selfAwait(scope.task));
  return new Promise<T>((resolve, reject) => void new ScopeWait(scope, source, resolve, reject));
}
