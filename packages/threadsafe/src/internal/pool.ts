/** Workers and the works that wait for them. Invariant: every work that was submitted is settled, once. */
import { isCancelledError, joinSignal, leaveSignal, realm, RuntimeError } from '@aiokit/loop-core';
import { ConcurrentFuture, confirmCancelled, fulfil, reject } from '../concurrent-future.js';
import { BrokenExecutorError, WorkerEndedError } from '../errors.js';
import {
  checkShutdown,
  checkWork,
  type Executor,
  type ShutdownExecutorOptions,
  type SubmitOptions,
  type Work,
} from '../executor.js';
import { carriedStores } from './carried-stores.js';
import type { ErrorRecord } from './error-record.js';
import { later } from './later.js';
import { checkCall } from './messages.js';
import type { CompleteOptions } from './pool-options.js';
import { type Entry, PoolWorker } from './pool-worker.js';
import { errorFrom, framesOf } from './remote-error.js';
import { type Answer, type Boot, DONE, FAILED, LOOK_THERE, READY, SKIPPED } from './work-messages.js';
import type { StartWorker } from './worker-handle.js';

declare const clearTimeout: (timer: unknown) => void;

/** An executor over workers of any kind. */
export class Pool implements Executor {
  readonly #start: StartWorker;
  readonly #options: CompleteOptions;
  readonly #boot: Omit<Boot, 'memory' | 'lock'>;
  readonly #workers: Set<PoolWorker> = new Set();
  #queue: Set<Entry> = new Set();
  /** Where the queue is full, those that wait for a place. */
  readonly #outside: Set<Entry> = new Set();
  #roomWaiters: (() => void)[] = [];
  #broken: Error | undefined;
  #shutdown = false;
  #whenEnded: (() => void)[] = [];

  constructor(start: StartWorker, options: CompleteOptions) {
    const { initializer: first } = options;
    this.#start = start;
    this.#options = options;
    if (first) checkWork(first);
    this.#boot = { initializer: first && [first.module, first.name], args: first?.args };
    for (let count = 0; count < options.minWorkers; count++) this.#spawn();
  }

  /** How many workers there are. */
  get workers(): number {
    return this.#workers.size;
  }

  /** How many works have not ended. */
  get pending(): number {
    let sum = this.#queue.size + this.#outside.size;
    for (const { entries } of this.#workers) sum += entries.size;
    return sum;
  }

  submit<R>(work: Work<R>, options: SubmitOptions = {}): ConcurrentFuture<R> {
    checkWork(work);
    checkCall(options, work.args);
    if (this.#broken) throw this.#broken;
    if (this.#shutdown) {
      throw new RuntimeError('cannot schedule new futures after shutdown', { code: 'EXECUTOR_SHUTDOWN' });
    }
    const full = this.full();
    if (full && !options.wait) {
      const { maxQueue } = this.#options;
      throw new RuntimeError(`${maxQueue} works wait already; await room()`, { code: 'EXECUTOR_FULL' });
    }
    const entry = this.#enter(work, options);
    if (entry.future.done()) return entry.future as ConcurrentFuture<R>;
    if (full) this.#outside.add(entry);
    else {
      this.#queue.add(entry);
      this.#dispatch();
    }
    return entry.future as ConcurrentFuture<R>;
  }

  /** Whether `submit` without `wait` would be refused: as many works wait as may. */
  full(): boolean {
    const { maxQueue, maxWorkers } = this.#options;
    return maxQueue < Infinity && this.pending - maxWorkers >= maxQueue;
  }

  /**
   * Waits until there is a place for a work.
   *
   * @returns when there was a place; another may have been faster, so ask `full()` again
   * @ordering first come, first served
   * @cancellation none; it holds no place
   * @complexity O(1)
   * @source no CPython counterpart
   */
  async room(): Promise<void> {
    if (!this.full()) return;
    await new Promise<void>((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  }

  async shutdown({ wait = true, cancelFutures = false }: ShutdownExecutorOptions = {}): Promise<void> {
    checkShutdown(wait, cancelFutures);
    this.#shutdown = true;
    if (cancelFutures) {
      const entries = [...this.#queue, ...this.#outside];
      for (const { entries: given } of this.#workers) entries.push(...given.values());
      for (const { future, worker } of entries) if (!worker || !future.running()) future.cancel();
    }
    const ended = new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    this.#settleDown();
    if (wait) await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #enter(work: Work<unknown>, options: SubmitOptions): Entry {
    const { signal } = options;
    const future: ConcurrentFuture<unknown> = new ConcurrentFuture<unknown>(
      {
        cancel: (message) => this.#cancel(entry, { message, aborted: false, reason: undefined }),
        running: () => entry.worker?.runs(entry) ?? false,
      },
      options.loop && { loop: options.loop },
    );
    const entry: Entry = {
      work,
      options,
      future,
      calledAt: realm.hooks && new Error(),
      stores: carriedStores(),
      leave: undefined,
      worker: undefined,
      seq: 0,
      ending: undefined,
      grace: undefined,
    };
    if (!signal) return entry;
    const wait = {
      abort: (reason: unknown) => {
        this.#cancel(entry, { message: (reason as Error | null)?.message, aborted: true, reason });
      },
    };
    if (!signal.aborted) entry.leave = () => leaveSignal(signal, wait);
    joinSignal(signal, wait);
    return entry;
  }

  /** Ends a work that has not begun, and asks one that has. */
  #cancel(entry: Entry, ending: NonNullable<Entry['ending']>): boolean {
    if (entry.future.done()) return false;
    const first = !entry.ending;
    entry.ending ??= ending;
    const { worker } = entry;
    if (!worker || worker.takeBack(entry)) {
      this.#queue.delete(entry);
      this.#outside.delete(entry);
      this.#end(entry);
      this.#dispatch();
    } else if (first) {
      worker.cancel(entry, ending.message);
      entry.grace = later(this.#options.graceMs, () => this.#retire(worker));
    }
    return true;
  }

  /** Tells of an end that was asked for. */
  #end(entry: Entry): void {
    const { message, aborted, reason } = entry.ending as NonNullable<Entry['ending']>;
    this.#leave(entry);
    if (aborted) reject(entry.future as ConcurrentFuture<never>, reason);
    else confirmCancelled(entry.future as ConcurrentFuture<never>, message);
  }

  #fail(entry: Entry, error: unknown): void {
    const asked = isCancelledError(error) || (error as Error | null)?.name === 'AbortError';
    if (entry.ending && asked) return this.#end(entry);
    this.#leave(entry);
    const never = entry.future as ConcurrentFuture<never>;
    if (isCancelledError(error)) confirmCancelled(never, error.message || undefined);
    else reject(never, error);
  }

  readonly #fulfil = (entry: Entry, value: unknown): void => {
    this.#leave(entry);
    fulfil(entry.future, value);
  };

  #leave(entry: Entry): void {
    entry.leave?.();
    if (entry.grace !== undefined) clearTimeout(entry.grace);
  }

  #spawn(): PoolWorker {
    const worker: PoolWorker = new PoolWorker(
      this.#start({
        message: (message) => this.#answer(worker, message as Answer),
        unreadable: (error) => this.#unreadable(worker, error),
        ended: (error) => this.#ended(worker, error),
      }),
      this.#boot,
      (entry, error) => {
        this.#fail(entry, error);
        this.#next(worker);
      },
    );
    worker.handle.keep(false);
    this.#workers.add(worker);
    return worker;
  }

  /** Gives works to workers, as long as there are both. */
  #dispatch(): void {
    for (const entry of this.#queue) {
      const worker = this.#workerFor(entry);
      if (!worker) break;
      this.#queue.delete(entry);
      if (worker.entries.size === 0) {
        clearTimeout(worker.idleTimer);
        worker.handle.keep(true);
      }
      worker.give(entry);
    }
    const before = this.#outside.size;
    for (const entry of this.#outside) {
      if (this.#isFullWithin()) break;
      this.#outside.delete(entry);
      this.#queue.add(entry);
    }
    if (before > this.#outside.size) this.#dispatch();
    if (this.#roomWaiters.length > 0 && !this.full()) for (const tell of this.#roomWaiters.splice(0)) tell();
  }

  /** Whether there is a place for who waits outside. */
  #isFullWithin(): boolean {
    const { maxQueue, maxWorkers } = this.#options;
    return this.pending - this.#outside.size - maxWorkers >= maxQueue;
  }

  #workerFor(entry: Entry): PoolWorker | undefined {
    let least: PoolWorker | undefined;
    let count = 0;
    for (const worker of this.#workers) {
      if (!worker.leaving) count++;
      if (!worker.takes(entry)) continue;
      const { size } = worker.entries;
      if (size === 0) return worker;
      if (!least || size < least.entries.size) least = worker;
    }
    return count < this.#options.maxWorkers ? this.#trySpawn() : least;
  }

  /** One more, outside of the constructor; what its start throws breaks the executor. */
  #trySpawn(): PoolWorker | undefined {
    try {
      return this.#spawn();
    } catch (error) {
      return this.#break(undefined, error);
    }
  }

  #answer(worker: PoolWorker, [seq, kind, value]: Answer): void {
    if (kind === LOOK_THERE) {
      worker.look(this.#fulfil);
      return this.#next(worker);
    }
    if (seq === 0) {
      if (kind === READY) worker.ready = true;
      else this.#break(worker, errorFrom(value as ErrorRecord));
      return this.#next(worker);
    }
    const entry = worker.answered(seq);
    if (!entry || kind === SKIPPED) return this.#next(worker);
    if (kind === DONE) this.#fulfil(entry, value);
    else if (kind === FAILED) this.#fail(entry, errorFrom(value, entry.calledAt && framesOf(entry.calledAt)));
    else {
      const cause = errorFrom(value as ErrorRecord) as Error;
      const what = `the result of '${entry.work.name}' cannot be cloned: ${cause.message}`;
      this.#fail(entry, new TypeError(what, { cause }));
    }
    this.#next(worker);
  }

  /** A worker has less to do than before. */
  #next(worker: PoolWorker): void {
    if (this.#queue.size > 0 || this.#outside.size > 0 || this.#roomWaiters.length > 0) this.#dispatch();
    if (worker.entries.size > 0 || worker.leaving) return;
    if (this.#queue.size === 0 && worker.ready) this.#steal(worker);
    if (worker.entries.size > 0 || worker.owes) return;
    worker.handle.keep(false);
    if (this.#shutdown) return this.#settleDown();
    const { idleMs, minWorkers } = this.#options;
    clearTimeout(worker.idleTimer);
    worker.idleTimer = later(idleMs, () => {
      if (worker.entries.size === 0 && this.#workers.size > minWorkers) this.#retire(worker);
    });
  }

  /** Takes over half of what another was given ahead and has not begun. */
  #steal(worker: PoolWorker): void {
    let most: PoolWorker | undefined;
    for (const other of this.#workers) {
      if (other.entries.size > Math.max(1, most?.entries.size ?? 1)) most = other;
    }
    if (!most) return;
    const entries = [...most.entries.values()];
    for (const entry of entries.slice(Math.ceil(entries.length / 2))) {
      if (!worker.takes(entry)) break;
      if (!most.takeBack(entry)) continue;
      worker.handle.keep(true);
      worker.give(entry);
    }
  }

  #unreadable(worker: PoolWorker, error: unknown): void {
    // It answers in order, so it is the first work's.
    const [entry] = worker.entries.values();
    if (!entry) return;
    worker.answered(entry.seq);
    const why = new RuntimeError(`the result of '${entry.work.name}' could not be read`, {
      code: 'UNREADABLE',
      cause: error,
    });
    this.#fail(entry, why);
    this.#next(worker);
  }

  #ended(worker: PoolWorker, error: unknown): void {
    clearTimeout(worker.idleTimer);
    if (!worker.ready && !worker.leaving) this.#break(worker, error);
    this.#workers.delete(worker);
    worker.look(this.#fulfil);
    const again: Entry[] = [];
    for (const entry of worker.entries.values()) {
      if (entry.ending || worker.runs(entry)) this.#lose(entry, error);
      else {
        entry.worker = undefined;
        again.push(entry);
      }
    }
    worker.entries.clear();
    if (again.length > 0) this.#queue = new Set([...again, ...this.#queue]);
    if (this.#shutdown) return this.#settleDown();
    while (!this.#broken && this.#workers.size < this.#options.minWorkers) this.#trySpawn();
    this.#dispatch();
  }

  #lose(entry: Entry, cause: unknown): void {
    if (entry.ending) return this.#end(entry);
    const why = (cause as Error | null)?.message ?? String(cause);
    this.#leave(entry);
    const error = new WorkerEndedError(`the worker ended while it ran '${entry.work.name}': ${why}`, {
      cause,
    });
    reject(entry.future as ConcurrentFuture<never>, error);
  }

  /** No worker can be started: nothing that waits would ever end. */
  #break(worker: PoolWorker | undefined, cause: unknown): undefined {
    const why = (cause as Error | null)?.message ?? String(cause);
    this.#broken ??= new BrokenExecutorError(`a worker could not be started: ${why}`, { cause });
    const broken = this.#broken;
    const entries = [...this.#queue, ...this.#outside];
    for (const one of this.#workers) {
      if (one.ready) continue;
      entries.push(...one.entries.values());
      one.entries.clear();
    }
    this.#queue.clear();
    this.#outside.clear();
    for (const entry of entries) {
      this.#leave(entry);
      reject(entry.future as ConcurrentFuture<never>, broken);
    }
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
    if (worker && !worker.leaving) this.#retire(worker);
  }

  #retire(worker: PoolWorker): void {
    worker.leaving = true;
    worker.handle.terminate();
  }

  /** Ends the workers once there is no work left, and tells once they have ended. */
  #settleDown(): void {
    if (this.pending > 0 && !this.#broken) return this.#dispatch();
    for (const worker of this.#workers) {
      if (worker.entries.size > 0 || worker.leaving) continue;
      worker.handle.keep(true);
      this.#retire(worker);
    }
    if (this.#workers.size === 0) for (const resolve of this.#whenEnded.splice(0)) resolve();
  }
}
