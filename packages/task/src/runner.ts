/** Running a whole program: the main task, its end, and that of what it has left. */
import {
  addSignalHandler,
  type AiokitError,
  type AiokitErrorConstructor,
  defineError,
  getEventLoop,
  getLogger,
  type HostLoop,
  isErrorKind,
  realm,
  refuse,
  removeSignalHandler,
  RuntimeError,
} from '@aiokit/loop-core';
import { checkWaitable, ensureFuture, type Waitable } from './create-task.js';
import { gather } from './gather.js';
import { pendingTasks } from './internal/pending-tasks.js';
import { Task } from './task.js';

/** The program was interrupted by Ctrl-C (SIGINT), and its main task has ended as cancelled. */
export interface KeyboardInterrupt extends AiokitError {
  readonly code: 'SIGINT';
}
/** @source RUN-4 · CPython `KeyboardInterrupt` */
export const KeyboardInterrupt: AiokitErrorConstructor<KeyboardInterrupt> = /* @__PURE__ */ defineError(
  'KeyboardInterrupt',
  'SIGINT',
);
/** Whether `error` is a `KeyboardInterrupt` of any copy. */
export const isKeyboardInterrupt = (error: unknown): error is KeyboardInterrupt =>
  isErrorKind(error, 'KeyboardInterrupt');

/** A loop that runs programs: `HostLoop`, `VirtualLoop`. */
export type RunLoop = Pick<
  HostLoop,
  | 'close'
  | 'isClosed'
  | 'isRunning'
  | 'getDebug'
  | 'setDebug'
  | 'callExceptionHandler'
  | 'runUntilCompleteAsync'
  | 'enqueue'
>;

/** What a `Runner` is made with. */
export interface RunnerOptions {
  /** Turns debug mode on or off for the loop; left as it is if absent. */
  readonly debug?: boolean | undefined;
  /** Makes a loop, which the runner then closes; the realm's default loop is used, and not closed, if absent. */
  readonly loopFactory?: (() => RunLoop) | undefined;
}

interface HostProcess {
  exitCode?: number | string | null | undefined;
  readonly pid?: number;
  listenerCount?(event: string): number;
  kill?(pid: number, signal: string): void;
  once?(event: 'beforeExit', listener: () => void): void;
  off?(event: 'beforeExit', listener: () => void): void;
}

/** What Node exits with when something is awaited that will never be. */
const UNSETTLED = 13;

const hostProcess = (): HostProcess | undefined => (globalThis as { process?: HostProcess }).process;

/**
 * Runs several programs one after another on one loop, and ends what they leave.
 *
 * @example
 * const runner = new Runner();
 * await runner.run(async () => { … });
 * await runner.close();
 * @source RUN-2 · CPython `asyncio.Runner`
 */
export class Runner {
  readonly #debug: boolean | undefined;
  readonly #loopFactory: (() => RunLoop) | undefined;
  #loop: RunLoop | undefined;
  #closed = false;
  /** Whether debug mode was on before. */
  #debugBefore = false;
  /** Tasks that were there before: they are somebody else's. */
  #others: ReadonlySet<Task<unknown>> = new Set();

  /**
   * @param options debug mode, and what makes the loop
   * @throws TypeError if an option is of the wrong kind
   */
  constructor({ debug, loopFactory }: RunnerOptions = {}) {
    if (debug !== undefined && typeof debug !== 'boolean') {
      refuse('debug', 'true or false', debug);
    }
    if (loopFactory !== undefined && typeof loopFactory !== 'function') {
      refuse('loopFactory', 'a function', loopFactory);
    }
    this.#debug = debug;
    this.#loopFactory = loopFactory;
  }

  /**
   * The loop, made at the first use.
   *
   * @throws RuntimeError (`RUNNER_CLOSED`) once the runner is closed
   * @source RUN-2 · CPython `Runner.get_loop`
   */
  getLoop(): RunLoop {
    if (this.#closed) throw new RuntimeError('Runner is closed', { code: 'RUNNER_CLOSED' });
    if (!this.#loop) {
      this.#loop = this.#loopFactory ? this.#loopFactory() : getEventLoop();
      this.#others = new Set(pendingTasks(this.#loop as HostLoop));
      this.#debugBefore = this.#loop.getDebug();
      if (this.#debug !== undefined) this.#loop.setDebug(this.#debug);
      realm.hooks?.resource?.(this, true);
    }
    return this.#loop;
  }

  /**
   * Runs a main function, coroutine or awaitable to its end.
   *
   * Ctrl-C (SIGINT) cancels it, unless the program has a handler of its own; a second one ends the process. If the host has
   * nothing left to do while it waits, what it waits for is written to the log, and the process exits with code 13.
   *
   * @param main what to run
   * @returns its result
   * @throws what it throws; KeyboardInterrupt (`SIGINT`) if Ctrl-C has ended it; RuntimeError (`LOOP_RUNNING`) from within
   * a run, (`RUNNER_CLOSED`) once the runner is closed; TypeError if it cannot be run
   * @ordering as `createTask`
   * @cancellation by Ctrl-C
   * @complexity O(1)
   * @source RUN-2 · CPython `Runner.run`
   */
  async run<T>(main: Waitable<T>): Promise<T> {
    return this.start(main, 'Runner.run()');
  }

  /**
   * Ends what the programs have left.
   *
   * Their tasks are cancelled and waited for, what they fail with is reported, and the loop that was made is closed.
   *
   * @returns when all have ended; at once if the runner is closed already
   * @ordering the tasks are cancelled in the order in which they were made
   * @cancellation none
   * @complexity O(n) tasks
   * @source RUN-3 · CPython `Runner.close`
   */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (this.#closed) return;
    this.#closed = true;
    realm.hooks?.resource?.(this, false);
    if (!loop || loop.isClosed()) return;
    try {
      const left = pendingTasks(loop as HostLoop).filter((task) => !this.#others.has(task));
      for (const task of left) task.cancel();
      if (left.length > 0) {
        const ended = gather(left, { returnExceptions: true });
        const unwatch = watchExit(loop, ended);
        await loop.runUntilCompleteAsync(ended).finally(unwatch);
        for (const task of left) reportFailure(loop, task);
      }
      for (const end of realm.shutdown ?? []) await end(loop as HostLoop);
    } finally {
      if (this.#loopFactory) loop.close();
      else if (this.#debug !== undefined) loop.setDebug(this.#debugBefore);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * As `run`, under the name of whoever was called.
   *
   * @throws as `run`
   * @ordering as `run`
   * @cancellation as `run`
   * @complexity as `run`
   * @source RUN-2 · CPython `Runner.run`
   */
  async start<T>(main: Waitable<T>, name: string): Promise<T> {
    checkWaitable(main);
    if (realm.running) refuseRunning(name);
    const loop = this.getLoop();
    if (loop.isRunning()) refuseRunning(name);
    const task = ensureFuture(main, { loop: loop as HostLoop });
    if (task instanceof Task) task.quiet = true;
    const interrupts = catchInterrupts(loop, task);
    const unwatch = watchExit(loop, task);
    try {
      return await loop.runUntilCompleteAsync<T>(task);
    } catch (error) {
      if (interrupts.count() > 0 && task.cancelled() && (!(task instanceof Task) || task.uncancel() === 0)) {
        throw new KeyboardInterrupt('interrupted', { cause: error });
      }
      throw error;
    } finally {
      interrupts.end();
      unwatch();
    }
  }
}

function refuseRunning(name: string): never {
  throw new RuntimeError(`${name} cannot be called from a running event loop`, { code: 'LOOP_RUNNING' });
}

function reportFailure(loop: RunLoop, task: Task<unknown>): void {
  if (task.cancelled()) return;
  const exception = task.exception();
  if (exception === null) return;
  loop.callExceptionHandler({
    message: 'unhandled exception during asyncio.run() shutdown',
    exception,
    task,
  });
}

/** Cancels the main task at the first SIGINT, and leaves the second to the host. */
function catchInterrupts(loop: RunLoop, main: { cancel(): boolean }): { count(): number; end(): void } {
  let count = 0;
  let active = false;
  const end = () => {
    if (active) removeSignalHandler(loop as HostLoop, 'SIGINT');
    active = false;
  };
  const interrupt = () => {
    count++;
    end();
    main.cancel();
  };
  try {
    if (hostProcess()?.listenerCount?.('SIGINT') === 0) {
      addSignalHandler(loop as HostLoop, 'SIGINT', interrupt);
      active = true;
    }
  } catch {
    // Signals are of the main thread of a process.
  }
  return { count: () => count, end };
}

/** Tells who waits for what if the host has nothing left to do before the main task is done. */
function watchExit(loop: RunLoop, main: object): () => void {
  const host = hostProcess();
  const tell = () => {
    const waiting = new Set<object>([main, ...pendingTasks(loop as HostLoop)]);
    const lines = [...waiting].map((one) => `\n  ${String(one)}`).join('');
    getLogger().error(`nothing can end the main task any more; waiting:${lines}`);
    if (host) host.exitCode = UNSETTLED;
  };
  host?.once?.('beforeExit', tell);
  return () => host?.off?.('beforeExit', tell);
}

/**
 * Runs a program: its main function to the end, then ends the tasks that it has left.
 *
 * @param main an async function, a generator function, a coroutine or an awaitable
 * @param options debug mode, and what makes the loop
 * @returns its result
 * @throws as `Runner.run`
 * @ordering as `Runner.run`
 * @cancellation by Ctrl-C
 * @complexity as `Runner.run` and `Runner.close`
 * @example
 * await run(async () => {
 *   await sleep(10);
 * });
 * @source RUN-1 · CPython `asyncio.run`
 */
export async function run<T>(main: Waitable<T>, options?: RunnerOptions): Promise<T> {
  const runner = new Runner(options);
  try {
    return await runner.start(main, 'asyncio.run()');
  } finally {
    await runner.close();
  }
}
