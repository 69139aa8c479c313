/** Blocking work, moved off the loop. */
import { Future } from '@aiokit/future';
import {
  currentLoop,
  type EventLoop,
  getLogger,
  realm,
  refuse,
  RuntimeError,
  sameLoop,
} from '@aiokit/loop-core';
import type { ConcurrentFuture } from './concurrent-future.js';
import type { Executor, Work, WorkFunction } from './executor.js';
import { later } from './internal/later.js';
import { WorkerExecutor } from './worker-executor.js';
import { isWorkFunction } from './worker-module.js';

interface Default {
  executor: Executor | undefined;
  /** Whether it was shut down by hand, and none is made any more. */
  shutdown: boolean;
}

declare const clearTimeout: (timer: unknown) => void;

/** How long the end of a run waits for the works that are left. */
const LONGEST_END_MS = 300_000;

let defaults: Map<EventLoop, Default> | undefined;

const isClosed = (loop: EventLoop): boolean | undefined => (loop as { isClosed?(): boolean }).isClosed?.();

function prepare(): Map<EventLoop, Default> {
  // The end of a run waits for the work; a loop that is closed does not.
  (realm.shutdown ??= new Set()).add(async (loop) => {
    await end(loop, LONGEST_END_MS);
    forget(loop);
  });
  (realm.closing ??= new Set()).add((loop) => {
    void take(loop)?.shutdown({ wait: false });
    forget(loop);
  });
  return new Map();
}

function defaultOf(loop: EventLoop): Default {
  defaults ??= prepare();
  for (const [other, found] of defaults) if (sameLoop(other, loop)) return found;
  const made = { executor: undefined, shutdown: false };
  defaults.set(loop, made);
  return made;
}

function forget(loop: EventLoop): void {
  for (const other of defaults?.keys() ?? []) if (sameLoop(other, loop)) defaults?.delete(other);
}

function take(loop: EventLoop): Executor | undefined {
  const found = defaultOf(loop);
  const { executor } = found;
  found.executor = undefined;
  return executor;
}

async function end(loop: EventLoop, timeoutMs: number): Promise<void> {
  const executor = take(loop);
  if (!executor) return;
  const ended = executor.shutdown();
  let timer: unknown;
  const late = new Promise<'late'>((resolve) => {
    timer = later(timeoutMs, () => resolve('late'));
  });
  if ((await Promise.race([ended, late])) === 'late') {
    getLogger().warn(
      `The executor did not finishing joining its threads within ${timeoutMs / 1000} seconds.`,
    );
    await executor.shutdown({ wait: false });
  }
  clearTimeout(timer);
}

/**
 * Sets the executor of `runInExecutor(null, …)` and `toThread`.
 *
 * @param executor an executor; the one that was there before goes on, and is its owner's to shut down
 * @param loop whose; the running or the default loop's if absent
 * @throws TypeError if it is no executor; the default stays as it was
 * @source THREAD-9 · CPython `loop.set_default_executor`
 */
export function setDefaultExecutor(executor: Executor, loop: EventLoop = currentLoop()): void {
  if (typeof executor?.submit !== 'function') refuse('executor', 'an executor', executor);
  defaultOf(loop).executor = executor;
}

/** What `shutdownDefaultExecutor` may be given. */
export interface ShutdownDefaultOptions {
  /** Whose; the running or the default loop's if absent. */
  readonly loop?: EventLoop | undefined;
  /** How long to wait for what is left, in milliseconds; for ever if absent. Then a warning says so. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Shuts the default executor of a loop down. `run()` does it by itself, and waits for five minutes at most.
 *
 * @param options the loop, and how long to wait
 * @returns once its work is done and its workers have ended; at once if it was never used
 * @ordering as `Executor.shutdown`
 * @cancellation as `Executor.shutdown`
 * @complexity as `Executor.shutdown`
 * @source THREAD-9 · CPython `loop.shutdown_default_executor`
 */
export async function shutdownDefaultExecutor(options: ShutdownDefaultOptions = {}): Promise<void> {
  const { loop = currentLoop(), timeoutMs = Infinity } = options;
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    refuse('timeoutMs', 'a number of milliseconds', timeoutMs);
  }
  defaultOf(loop).shutdown = true;
  await end(loop, timeoutMs);
}

/** A future of the loop, chained in both directions: cancelled, it does not wait for the work to have ended. */
function chain<R>(source: ConcurrentFuture<R>, loop: EventLoop): Future<R> {
  const future = new Future<R>({ loop });
  source.addDoneCallback(function passOnOutcome() {
    if (future.done() || isClosed(loop)) {
      // Nobody waits for it any more, and it was asked to end.
      if (!source.cancelled()) source.exception();
    } else if (source.cancelled()) future.cancel();
    else {
      const error = source.exception();
      if (error === null) future.setResult(source.result());
      else future.setException(error);
    }
  });
  future.addDoneCallback(function cancelWork() {
    if (future.cancelled()) source.cancel();
  });
  return future;
}

/**
 * Runs a function in an executor, so that the loop goes on.
 *
 * @param executor the executor; null for the loop's own, which is made at the first use and shut down by `run()`
 * @param work a function of `workerModule()`
 * @param args its arguments, which are copied
 * @returns a future of the loop
 * @throws TypeError if `work` is no such function; RuntimeError (`EXECUTOR_SHUTDOWN`) once the executor was shut down,
 * (`LOOP_CLOSED`) on a closed loop. Nothing was submitted
 * @ordering works begin in the order in which they were submitted; where the queue is full, this one waits for a place
 * @cancellation the future is cancelled at once; the work never begins, or is asked to end, and ended after a while
 * @complexity O(1); two messages
 * @example
 * const digest = await runInExecutor(null, work.hash, 'text');
 * @source THREAD-9 · CPython `loop.run_in_executor`
 */
export function runInExecutor<A extends unknown[], R>(
  executor: Executor | null,
  work: WorkFunction<A, R>,
  ...args: A
): Future<R> {
  if (executor !== null && typeof executor?.submit !== 'function')
    refuse('executor', 'an executor or null', executor);
  const loop = currentLoop();
  if (isClosed(loop)) throw new RuntimeError('Event loop is closed', { code: 'LOOP_CLOSED' });
  return chain(submitTo(executor, loop, callOf(work, args)), loop);
}

/**
 * Runs a function in a thread of the loop's default executor.
 *
 * @param work a function of `workerModule()`
 * @param args its arguments, which are copied
 * @returns a future of the loop
 * @throws as `runInExecutor`
 * @ordering as `runInExecutor`
 * @cancellation as `runInExecutor`
 * @complexity as `runInExecutor`
 * @example
 * const digest = await toThread(work.hash, 'text');
 * @source THREAD-9 · CPython `asyncio.to_thread`
 */
export function toThread<A extends unknown[], R>(work: WorkFunction<A, R>, ...args: A): Future<R> {
  return runInExecutor(null, work, ...args);
}

function submitTo<R>(executor: Executor | null, loop: EventLoop, work: Work<R>): ConcurrentFuture<R> {
  if (!executor) {
    const found = defaultOf(loop);
    if (found.shutdown) {
      throw new RuntimeError('Executor shutdown has been called', { code: 'EXECUTOR_SHUTDOWN' });
    }
    executor = found.executor ??= new WorkerExecutor();
  }
  return executor.submit(work, { loop, wait: true });
}

function callOf<A extends unknown[], R>(work: WorkFunction<A, R>, args: A): Work<R> {
  // A function that is none of `workerModule()` is not called: it would run here.
  if (typeof work !== 'function' || !isWorkFunction(work)) {
    refuse('work', 'a function of workerModule() (code and closures cannot go to another thread)', work);
  }
  return work(...args);
}
