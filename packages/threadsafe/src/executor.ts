/** What runs work elsewhere. Documented so that others can implement it: a pool of one's own, or a remote queue. */
import { type EventLoop, refuse } from '@aiokit/loop-core';
import type { ConcurrentFuture } from './concurrent-future.js';

/** A call of an exported function, as data. */
export interface Work<R> {
  /** The address of the module; empty for what `serveWork` serves. */
  readonly module: string;
  /** What the module exports it as. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Only for the type of the result; never there. */
  readonly result?: R;
}

/** An exported function of a module, which makes works: `executor.submit(hash('text'))`. */
export type WorkFunction<A extends unknown[], R> = (...args: A) => Work<R>;

/** What `submit` may be given. */
export interface SubmitOptions {
  /** Cancels the work when it aborts; the future then fails with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What moves to the worker instead of being copied. */
  readonly transfer?: readonly object[] | undefined;
  /** Whose iterations tell of the outcome; the running or the default loop if absent. */
  readonly loop?: EventLoop | undefined;
  /** Where the queue is full, has the work wait for a place instead of being refused. */
  readonly wait?: boolean | undefined;
}

/** What `shutdown` may be given. */
export interface ShutdownExecutorOptions {
  /** Whether to wait until all that was submitted is done; true if absent. */
  readonly wait?: boolean | undefined;
  /** Cancels what has not begun. */
  readonly cancelFutures?: boolean | undefined;
}

/**
 * Runs work in another thread, another process, or on another machine.
 *
 * A work is data: a module, a name, arguments. An implementation settles every future that it has handed out, also when
 * what runs the work dies, and confirms cancellations: see `ConcurrentFuture`.
 *
 * @source THREAD-8 · CPython `concurrent.futures.Executor`
 */
export interface Executor {
  /**
   * Runs a work as soon as there is a worker for it.
   *
   * The arguments are copied, and what is transferred moves, in a microtask or later: leave them as they are until the
   * outcome is there.
   *
   * @param work what to run
   * @param options a signal, what is transferred, the loop, whether to wait for a place
   * @returns its outcome
   * @throws RuntimeError (`EXECUTOR_SHUTDOWN`) after `shutdown()`, (`EXECUTOR_FULL`) if there is no place; TypeError if it
   * is no work. Nothing was submitted
   * @ordering works begin in the order in which they were submitted
   * @cancellation of the future: a work that has not begun never will; one that runs is asked to end
   */
  submit<R>(work: Work<R>, options?: SubmitOptions): ConcurrentFuture<R>;
  /**
   * Takes no more work, and ends the workers once what was submitted is done.
   *
   * @param options whether to wait, and whether to cancel what has not begun
   * @returns when the workers have ended; at once if it is not to wait
   * @ordering what was submitted ends first
   * @cancellation of the caller's: the workers end all the same
   * @complexity O(works)
   * @source THREAD-8 · CPython `concurrent.futures.Executor.shutdown`
   */
  shutdown(options?: ShutdownExecutorOptions): Promise<void>;
}

/**
 * Refuses what is no work.
 *
 * @throws TypeError saying what a work is
 */
export function checkWork(work: Work<unknown>): void {
  if (typeof work?.module === 'string' && typeof work.name === 'string' && Array.isArray(work.args)) return;
  const hint = 'a call of a function of workerModule() (code and closures cannot go to another thread)';
  refuse('work', hint, work);
}

/**
 * Refuses what are no options of `shutdown`.
 *
 * @throws TypeError naming the option
 */
export function checkShutdown(wait: unknown, cancelFutures: unknown): void {
  if (typeof wait !== 'boolean') refuse('wait', 'true or false', wait);
  if (typeof cancelFutures !== 'boolean') refuse('cancelFutures', 'true or false', cancelFutures);
}
