/** Work in threads: Node's `worker_threads`, Web Workers. */
import { refuse } from '@aiokit/loop-core';
import { completeOptions, type PoolOptions } from './internal/pool-options.js';
import { Pool } from './internal/pool.js';
import { type PlatformWorker, startThread } from './internal/worker-handle.js';

export type { PlatformWorker, PoolOptions };

/** What a `WorkerExecutor` is made with. */
export interface WorkerExecutorOptions extends PoolOptions {
  /** The name of its threads; `asyncio` if absent. */
  readonly name?: string | undefined;
  /** What Node lets a worker have; one that needs more is ended, and its work fails. */
  readonly resourceLimits?: object | undefined;
  /** Starts a worker whose module calls `serveWork`, for bundlers: `() => new Worker(new URL('./work.js', import.meta.url), { type: 'module' })`. */
  readonly startWorker?: (() => PlatformWorker) | undefined;
}

/**
 * Runs works in threads, and keeps them for more.
 *
 * Threads are started when there is work for them and ended when there has been none for a while. A thread that dies fails
 * the work that it ran, and no other.
 *
 * @example
 * const work = workerModule<typeof import('./work.js')>(new URL('./work.js', import.meta.url));
 * await using executor = new WorkerExecutor({ maxWorkers: 4 });
 * const digest = await executor.submit(work.hash('text'));
 * @source THREAD-8 · CPython `concurrent.futures.ThreadPoolExecutor`
 */
export class WorkerExecutor extends Pool {
  /**
   * @param options how many threads, how long they live, how many works may wait
   * @throws TypeError or RangeError naming the option
   */
  constructor(options: WorkerExecutorOptions = {}) {
    const complete = completeOptions(options);
    const { name = 'asyncio', resourceLimits, startWorker } = options;
    if (typeof name !== 'string') refuse('name', 'a string', name);
    if (startWorker !== undefined && typeof startWorker !== 'function') {
      refuse('startWorker', 'a function', startWorker);
    }
    super((listener) => startThread({ name, resourceLimits, startWorker }, listener), complete);
  }
}
