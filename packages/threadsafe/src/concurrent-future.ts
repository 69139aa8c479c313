/** The outcome of what runs in another thread. Invariant: only an answer from there, or its end, settles it. */
import { Future, type FutureOptions } from '@aiokit/future';
import { refuse, TimeoutError } from '@aiokit/loop-core';
import { BlockingNotAllowedError } from './errors.js';

/** What a concurrent future asks of whoever runs the work. */
export interface RemoteWork {
  /** Asks for a cancellation; false if it is too late. It is confirmed by an answer. */
  cancel(message: string | undefined): boolean;
  /** Whether it has begun, as far as is known here. */
  running?(): boolean;
  /** Stops the thread until the future is done or the time is up; throws where that is not allowed. */
  block?(future: ConcurrentFuture<unknown>, timeoutMs: number): void;
}

/** How long `result()` may block. */
export interface BlockOptions {
  /** In milliseconds; 0 or less does not wait; Infinity or absent means as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A future of what runs in another thread.
 *
 * `await` it, `yield*` it, add callbacks: it is a future. In a worker, `result()` may block. `cancel()` asks the other
 * side, and the future is cancelled when that has confirmed it; if the work ends otherwise all the same, that counts.
 *
 * @source THREAD-3 · CPython `concurrent.futures.Future`
 */
export class ConcurrentFuture<T> extends Future<T> {
  readonly #work: RemoteWork;

  /**
   * @param work who runs it
   * @param options the loop that runs its callbacks, if not the running or the default one
   */
  constructor(work: RemoteWork, options?: FutureOptions) {
    super(options);
    this.#work = work;
    const endHold = this.getLoop().hold?.(this);
    if (endHold) this.addDoneCallback(() => endHold());
  }

  /** Whether the work has begun and is not over. */
  running(): boolean {
    return !this.done() && (this.#work.running?.() ?? false);
  }

  /**
   * The result; a worker may wait for it here, blocking.
   *
   * A thread that dies tells nobody who is blocked (DIFF-96): give a time where it may.
   *
   * @param options how long it may block
   * @throws the exception, if it has one; CancelledError (`CANCELLED`) if it was cancelled
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) if it is pending and this thread may not block; TimeoutError
   * (`TIMEOUT`) if it is pending when the time is up, and the work goes on; TypeError if `timeoutMs` is not a number
   * @source THREAD-3 · CPython `concurrent.futures.Future.result`
   */
  override result(options?: BlockOptions): T {
    this.#wait(options);
    return super.result();
  }

  /**
   * The exception, or null if it has a result; a worker may wait for it here, blocking.
   *
   * @param options how long it may block
   * @throws as `result()` while it is pending; CancelledError (`CANCELLED`) if it was cancelled
   * @source THREAD-3 · CPython `concurrent.futures.Future.exception`
   */
  override exception(options?: BlockOptions): unknown {
    this.#wait(options);
    return super.exception();
  }

  /**
   * Asks for the work to be cancelled.
   *
   * @param message what the error says
   * @returns false if it is done; true says that it was asked for
   * @cancellation the future is cancelled once the other side confirms it; work that has not begun never will
   * @source THREAD-3 · CPython `concurrent.futures.Future.cancel`, which does not cancel what has begun
   */
  override cancel(message?: string): boolean {
    return !this.done() && this.#work.cancel(message);
  }

  #wait(options: BlockOptions | undefined): void {
    const timeoutMs = options?.timeoutMs ?? Infinity;
    if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
      refuse('timeoutMs', 'a number of milliseconds', timeoutMs);
    }
    if (this.done()) return;
    if (!this.#work.block) {
      throw new BlockingNotAllowedError('this future cannot be waited for by blocking: await it');
    }
    this.#work.block(this, timeoutMs);
    if (!this.done()) throw new TimeoutError(`no result within ${timeoutMs} ms`);
  }
}

const isOpen = (future: Future<never>): boolean =>
  !future.done() && !(future.getLoop() as { isClosed?(): boolean }).isClosed?.();

/** Ends one with a result, if it can be told. */
export function fulfil<T>(future: ConcurrentFuture<T>, value: T): void {
  if (isOpen(future as unknown as Future<never>)) future.setResult(value);
}

/** Ends one with what was thrown. */
export function reject(future: ConcurrentFuture<never>, error: unknown): void {
  if (isOpen(future)) future.setException(error ?? new Error(`failed with ${String(error)}`));
}

/** Ends one as cancelled: the other side has confirmed it. */
export function confirmCancelled(future: ConcurrentFuture<never>, message: string | undefined): void {
  if (isOpen(future)) Future.prototype.cancel.call(future, message);
}
