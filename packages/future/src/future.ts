/** A value that will be there later. Invariant: one transition, from pending to finished, failed or cancelled. */
import {
  type AbortSignalLike,
  AwaitableBase,
  checkSignal,
  currentLoop,
  type EventLoop,
  InvalidStateError,
  joinSignal,
  leaveSignal,
  makeCancelledError,
  realm,
  refuse,
} from '@aiokit/loop-core';
import { FUTURE } from './is-future.js';
import { type Failure, forgetFailure, watchFailure } from './never-retrieved.js';
import { repr, reprCallbacks, reprError } from './repr.js';

const enum State {
  PENDING,
  FINISHED,
  FAILED,
  CANCELLED,
}

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Futures whose `toString` is at work: one may be its own result. */
const printing = /* @__PURE__ */ new Set<object>();

/** What a future is made with. */
export interface FutureOptions {
  /** The loop that runs its callbacks; the running or the default one if absent. */
  readonly loop?: EventLoop | undefined;
}

/** What `toPromise` may be given. */
export interface ToPromiseOptions {
  /** Cancels the future when it aborts; the promise then rejects with its reason. */
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * A value that will be there later, set by whoever has it, waited for by any number of others.
 *
 * Use it to connect callbacks with code that waits. To turn a promise into one use `fromPromise`; to run a coroutine,
 * a task.
 *
 * @example
 * const future = new Future<string>();
 * future.addDoneCallback((done) => console.log(done.result()));
 * future.setResult('operation is done!');
 * console.log(await future);
 * @source FUT · CPython `asyncio.Future`
 */
export class Future<T> extends AwaitableBase<T> {
  declare private state: State;
  /** The result, the exception, or the message of the cancellation. */
  declare private value: unknown;
  /** What is reported of an exception that nobody looks at; null otherwise. */
  declare private unretrieved: Failure | null;
  declare private readonly loop: EventLoop;

  /**
   * @param options the loop, if not the running or the default one
   * @throws TypeError if `loop` is not an event loop
   */
  constructor(options?: FutureOptions) {
    super();
    if (options !== undefined && (typeof options !== 'object' || options === null || 'enqueue' in options)) {
      refuse('options', 'an object such as { loop }', options);
    }
    const loop = options?.loop;
    if (loop !== undefined && typeof loop?.enqueue !== 'function') {
      refuse('loop', 'an event loop', loop);
    }
    this.state = State.PENDING;
    this.value = undefined;
    this.unretrieved = null;
    this.loop = loop ?? currentLoop();
    if (realm.hooks) realm.hooks.created?.(this);
  }

  /** The mark by which `isFuture` knows futures. */
  get [FUTURE](): true {
    return true;
  }

  /** The loop that runs its callbacks. */
  override getLoop(): EventLoop {
    return this.loop.successor ?? this.loop;
  }

  override done(): boolean {
    return this.state !== State.PENDING;
  }

  override cancelled(): boolean {
    return this.state === State.CANCELLED;
  }

  /**
   * The result.
   *
   * @throws the exception, if it has one; CancelledError (`CANCELLED`) if it was cancelled
   * @throws InvalidStateError (`INVALID_STATE`) while it is pending
   * @source FUT-2 · CPython `Future.result`
   */
  override result(): T {
    const state = this.state;
    if (state === State.FINISHED) return this.value as T;
    if (state === State.PENDING) throw new InvalidStateError('Result is not ready.');
    this.retrieved();
    throw state === State.FAILED ? this.value : this.makeCancelledError();
  }

  /**
   * The exception, or null if it has a result.
   *
   * @throws CancelledError (`CANCELLED`) if it was cancelled
   * @throws InvalidStateError (`INVALID_STATE`) while it is pending
   * @source FUT-2 · CPython `Future.exception`
   */
  exception(): unknown {
    const state = this.state;
    if (state === State.PENDING) throw new InvalidStateError('Exception is not set.');
    if (state === State.CANCELLED) throw this.makeCancelledError();
    this.retrieved();
    return state === State.FAILED ? this.value : null;
  }

  /**
   * Ends it with a result.
   *
   * @param value the result
   * @throws InvalidStateError (`INVALID_STATE`) if it is done, also if cancelled: ask `done()` first; nothing has changed
   * @ordering its callbacks and waiters are enqueued now, in the order in which they came
   * @source FUT-3 · CPython `Future.set_result`
   */
  setResult(value: T): void {
    this.settle(State.FINISHED, value);
  }

  /**
   * Ends it with an exception.
   *
   * @param exception what those who wait are thrown; an error class stands for a new error of it
   * @throws TypeError if it is null or undefined; InvalidStateError (`INVALID_STATE`) if it is done; nothing has changed
   * @ordering as `setResult`
   * @source FUT-3 · CPython `Future.set_exception`
   */
  setException(exception: unknown): void {
    if (exception === undefined || exception === null) refuse('exception', 'an error', exception);
    const isClass = typeof exception === 'function' && exception.prototype instanceof Error;
    this.fail(isClass || exception === Error ? new (exception as ErrorConstructor)() : exception);
  }

  /**
   * Cancels it: those who wait are thrown a `CancelledError`.
   *
   * @param message what the error says
   * @returns false, and nothing happens, if it is done
   * @ordering as `setResult`
   * @cancellation this is it
   * @source FUT-5 · CPython `Future.cancel`
   */
  override cancel(message?: string): boolean {
    this.retrieved();
    if (this.state !== State.PENDING) return false;
    this.settle(State.CANCELLED, message);
    return true;
  }

  /**
   * A promise of the outcome.
   *
   * @param options a signal that cancels the future
   * @returns settles as the future does; a cancelled future rejects it
   * @throws TypeError if `signal` is not one
   * @ordering as an `await` of the future
   * @cancellation by `signal`: the future is cancelled, the promise rejects with the signal's reason
   * @complexity O(1)
   * @source FUT-7 · no CPython counterpart
   */
  toPromise(options?: ToPromiseOptions): Promise<T> {
    const signal = options?.signal;
    checkSignal(signal);
    return new Promise((resolve, reject) => {
      if (signal) {
        const wait = {
          abort: (reason: unknown) => {
            if (this.done()) return;
            reject(reason);
            this.cancel();
          },
        };
        joinSignal(signal, wait);
        this.addDoneCallback(() => leaveSignal(signal, wait));
      }
      this.then(resolve, reject);
    });
  }

  /** The future as asyncio's `repr` shows it. */
  override toString(): string {
    if (printing.has(this)) return '...';
    printing.add(this);
    try {
      return `<${this.constructor.name} ${this.describe()}>`;
    } finally {
      printing.delete(this);
    }
  }

  /** What `JSON.stringify` makes of it: the text of `toString()`. */
  toJSON(): string {
    return this.toString();
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The part of the inspect output that says what has become of it. */
  protected describe(): string {
    const { state, value } = this;
    if (state === State.PENDING) return `pending${reprCallbacks(this.waiting)}`;
    if (state === State.CANCELLED) return 'cancelled';
    return `finished ${state === State.FAILED ? `exception=${reprError(value)}` : `result=${repr(value)}`}`;
  }

  /** The error that those who wait for a cancelled future are thrown. */
  protected makeCancelledError(): Error {
    return makeCancelledError(this.value as string | undefined);
  }

  /** Ends it with anything that can be thrown. */
  protected fail(exception: unknown): void {
    this.settle(State.FAILED, exception);
    this.unretrieved = watchFailure(this, {
      loop: this.getLoop(),
      exception,
      kind: this.constructor.name,
      repr: repr(this, 0, Infinity),
      sourceTraceback: realm.hooks?.origin?.(this),
    });
  }

  private settle(state: State, value: unknown): void {
    if (this.state !== State.PENDING) {
      throw new InvalidStateError(
        `${this.state === State.CANCELLED ? 'CANCELLED' : 'FINISHED'}: ${String(this)}`,
      );
    }
    this.wake(this.loop);
    this.state = state;
    this.value = value;
  }

  private retrieved(): void {
    if (this.unretrieved) forgetFailure(this.unretrieved);
    this.unretrieved = null;
  }
}
