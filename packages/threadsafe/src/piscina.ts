/** Work on a piscina pool that is there already. Imports no piscina: the pool is given. */
import { joinSignal, leaveSignal, refuse, RuntimeError } from '@aiokit/loop-core';
import { ConcurrentFuture, confirmCancelled, fulfil, reject } from './concurrent-future.js';
import {
  checkShutdown,
  checkWork,
  type Executor,
  type ShutdownExecutorOptions,
  type SubmitOptions,
  type Work,
} from './executor.js';
import { checkCall } from './internal/messages.js';

/** What of a piscina pool is used. */
export interface PiscinaPool {
  run(task: unknown, options: object): PromiseLike<unknown>;
}

interface FileSystem {
  mkdtempSync(prefix: string): string;
  writeFileSync(path: string, text: string): void;
  rmSync(path: string, options: object): void;
}
interface HostProcess {
  getBuiltinModule(id: string): unknown;
  once(event: 'exit', listener: () => void): void;
}

/** piscina calls a function of a file with one argument. */
const RUNNER = `module.exports = async ({ module, name, args }) => {
  const loaded = await import(module);
  return (loaded[name] ?? loaded.default[name])(...args);
};
`;

let runner: string | undefined;

/** A file that calls any function of any module; a pool finds it wherever this package was bundled into. */
function runnerFile(): string {
  if (runner !== undefined) return runner;
  const { process } = globalThis as unknown as { process: HostProcess };
  const fs = process.getBuiltinModule('fs') as FileSystem;
  const { join } = process.getBuiltinModule('path') as { readonly join: (...parts: string[]) => string };
  const { tmpdir } = process.getBuiltinModule('os') as { readonly tmpdir: () => string };
  const folder = fs.mkdtempSync(join(tmpdir(), 'aiokit-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  runner = join(folder, 'runner.cjs');
  fs.writeFileSync(runner, RUNNER);
  return runner;
}

/**
 * Runs works on an existing piscina pool.
 *
 * Use it where a program has such a pool and should not have a second one. piscina cancels running work by ending its
 * thread, and its workers see neither `workSignal()` nor `checkCancelled()`.
 *
 * @example
 * const executor = new PiscinaExecutor(pool);
 * await executor.submit(work.hash('text'));
 * @source THREAD-13 · no CPython counterpart
 */
export class PiscinaExecutor implements Executor {
  readonly #pool: PiscinaPool;
  readonly #pending: Set<ConcurrentFuture<unknown>> = new Set();
  #shutdown = false;
  #whenDone: (() => void)[] = [];

  /**
   * @param pool the pool; it stays its owner's to destroy
   * @throws TypeError if it is none
   */
  constructor(pool: PiscinaPool) {
    if (typeof pool?.run !== 'function') refuse('pool', 'a piscina pool', pool);
    this.#pool = pool;
  }

  submit<R>(work: Work<R>, options: SubmitOptions = {}): ConcurrentFuture<R> {
    checkWork(work);
    checkCall(options, work.args);
    if (this.#shutdown) {
      throw new RuntimeError('cannot schedule new futures after shutdown', { code: 'EXECUTOR_SHUTDOWN' });
    }
    const { signal, transfer, loop } = options;
    const controller = new AbortController();
    let ending: { message: string | undefined; reason?: unknown; aborted?: boolean } | undefined;
    const cancel = (message: string | undefined) => {
      ending ??= { message };
      controller.abort();
      return true;
    };
    const future = new ConcurrentFuture<R>({ cancel }, loop && { loop });
    const never = future as unknown as ConcurrentFuture<never>;
    const wait = {
      abort: (reason: unknown) => {
        ending ??= { message: undefined, aborted: true, reason };
        controller.abort();
      },
    };
    if (signal) joinSignal(signal, wait);
    const leave = () => {
      if (signal) leaveSignal(signal, wait);
      this.#pending.delete(future);
      if (this.#shutdown && this.#pending.size === 0) for (const done of this.#whenDone.splice(0)) done();
    };
    this.#pending.add(future);
    const { module, name, args } = work;
    const task = { module, name, args };
    let running: PromiseLike<unknown>;
    try {
      running = this.#pool.run(task, {
        filename: runnerFile(),
        signal: controller.signal,
        transferList: transfer,
      });
    } catch (error) {
      leave();
      throw error;
    }
    running.then(
      (value) => {
        fulfil(future, value as R);
        leave();
      },
      (error: unknown) => {
        if (!ending) reject(never, error);
        else if (ending.aborted) reject(never, ending.reason);
        else confirmCancelled(never, ending.message);
        leave();
      },
    );
    return future;
  }

  /**
   * Takes no more work; the pool goes on for its owner.
   *
   * @param options whether to wait; `cancelFutures` cancels all, as piscina does not tell what has begun
   * @returns when all that was submitted here is done; at once if it is not to wait
   * @throws TypeError if either is not a boolean; nothing has changed
   * @ordering what was submitted ends first
   * @cancellation of the caller's: nothing changes
   * @complexity O(works)
   * @source THREAD-13 · CPython `concurrent.futures.Executor.shutdown`
   */
  async shutdown({ wait = true, cancelFutures = false }: ShutdownExecutorOptions = {}): Promise<void> {
    checkShutdown(wait, cancelFutures);
    this.#shutdown = true;
    if (cancelFutures) for (const future of this.#pending) future.cancel();
    if (!wait || this.#pending.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenDone.push(resolve);
    });
  }
}
