/**
 * The loop for whole programs, as a guest on the host's own. It needs no run method: what is scheduled is run. The run
 * methods wait for an end; `runForever` keeps the process alive until then.
 */
import { asyncContext } from './context.js';
import { LONGEST_DELAY_MS } from './internal/guest.js';
import { checkDuration } from './internal/check.js';
import { ProgramLoop, rule, stoppedEarly } from './internal/program-loop.js';
import { isHostPromise, type Main, toAwaitable } from './internal/to-awaitable.js';
import { realm } from './realm.js';

declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;
declare const setInterval: (callback: () => void, delayMs: number) => unknown;
declare const clearInterval: (timer: unknown) => void;

const SLICE_MS = 4;
/** Steps between two looks at the clock at most; after slow ones it is one. */
const STEPS_PER_LOOK = 32;

/** What a `HostLoop` is made with. */
export interface HostLoopOptions {
  /** How long steps may follow one another before the host's timers and I/O get a turn, in milliseconds. 4 if absent. */
  readonly sliceMs?: number;
}

/**
 * asyncio's event loop on the host's own: FIFO, with exact timers, handlers, debug mode and run methods.
 *
 * @example
 * const loop = new HostLoop();
 * loop.callLater(10, () => loop.stop());
 * await loop.runForever();
 * loop.close();
 * @source CPython `asyncio.SelectorEventLoop`
 */
export class HostLoop extends ProgramLoop {
  readonly #sliceMs: number;
  /** The clock as last looked at. */
  #now = 0;
  #began = 0;
  #quantum = 1;
  #rested = true;
  #alarm: unknown;
  #alarmAt = Infinity;
  #end: (() => void) | null = null;

  constructor(options: HostLoopOptions = {}) {
    super();
    realm.context ??= asyncContext;
    const { sliceMs = SLICE_MS } = options;
    checkDuration(sliceMs, 'sliceMs');
    this.#sliceMs = sliceMs;
  }

  override isRunning(): boolean {
    return this.#end !== null;
  }

  /**
   * Waits until `stop()`. The process stays alive meanwhile, as Python's does.
   *
   * @returns resolves at the end of the iteration in which `stop()` was called; what that iteration scheduled goes on
   * @throws RuntimeError (`LOOP_CLOSED`, `LOOP_RUNNING`) if the loop is closed or runs already; nothing has changed
   * @ordering after `stop()`, the iteration at hand is completed
   * @cancellation none; call `stop()`
   * @complexity O(1)
   * @source LOOP-9 · CPython `BaseEventLoop.run_forever`
   */
  async runForever(): Promise<void> {
    this.#checkIdle();
    const alive = setInterval(() => {}, LONGEST_DELAY_MS);
    await this.#stopped();
    clearInterval(alive);
  }

  /**
   * Waits for a future, a promise, or a task made of a coroutine.
   *
   * It keeps no process alive: where nothing is left to do, nothing can end what is waited for.
   *
   * @param main an awaitable or a promise, or a coroutine if the task package is loaded
   * @returns settles as `main` does
   * @throws RuntimeError (`LOOP_STOPPED`) if `stop()` came first; otherwise as `runForever`
   * @ordering the promise settles one iteration after `main`
   * @cancellation cancel `main`
   * @complexity O(1)
   * @source LOOP-9 · CPython `BaseEventLoop.run_until_complete`
   */
  async runUntilComplete<T>(main: Main<T>): Promise<T> {
    this.#checkIdle();
    const future = isHostPromise(main) ? undefined : toAwaitable<T>(this, main);
    let over = false;
    const stop = () => {
      over = true;
      this.stop();
    };
    if (future) future.addDoneCallback(stop);
    else (main as PromiseLike<T>).then(stop, stop);
    await this.#stopped();
    future?.removeDoneCallback(stop);
    if (!(future ? future.done() : over)) throw stoppedEarly();
    return future ? future.result() : (main as PromiseLike<T>);
  }

  /**
   * `runUntilComplete`, under the name that it has on every loop.
   *
   * @param main an awaitable or a promise, or a coroutine if the task package is loaded
   * @returns settles as `main` does
   * @ordering as `runUntilComplete`
   * @cancellation as `runUntilComplete`
   * @complexity O(1)
   * @source LOOP-9 · CPython `BaseEventLoop.run_until_complete`
   */
  runUntilCompleteAsync<T>(main: Main<T>): Promise<T> {
    return this.runUntilComplete(main);
  }

  /**
   * Ends the run method that is at work, or the next one after one iteration. The iteration at hand is completed.
   *
   * @source LOOP-9 · CPython `BaseEventLoop.stop`
   */
  stop(): void {
    this.stopping = true;
    if (!this.armed && !this.isClosed()) this.arm();
  }

  protected override tired(): boolean {
    const before = this.#now;
    const now = this.time();
    // What began after a rest has a slice of its own.
    if (this.#rested && now - before > this.#sliceMs) this.#began = now;
    this.#rested = false;
    this.#now = now;
    this.#quantum = now - before > this.#sliceMs / 16 ? 1 : Math.min(this.#quantum * 2, STEPS_PER_LOOK);
    this.fuel = this.#quantum;
    if (now - this.#began < this.#sliceMs) return false;
    this.#began = now;
    return true;
  }

  protected override ended(): boolean {
    this.#end?.();
    return this.#end !== null;
  }

  protected override rest(): void {
    super.rest();
    this.#rested = true;
    const next = this.timers.next();
    realm.hooks?.idle?.(this, next);
    const at = this.#alarmAt;
    // An alarm that comes too early does no harm, and setting another is dear.
    if (next === at || (next > at && next < Infinity)) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = next;
    if (next === Infinity) return;
    const delay = Math.min(Math.max(Math.ceil(next - this.time()), 0), LONGEST_DELAY_MS);
    this.#alarm = setTimeout(this.#ring, delay);
  }

  readonly #ring = (): void => {
    this.#alarmAt = Infinity;
    if (!this.armed) this.arm();
  };

  async #stopped(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      if (this.stopping) this.stop();
    });
    this.#end = null;
    this.stopping = false;
  }

  #checkIdle(): void {
    this.checkOpen();
    if (this.#end) throw rule('This event loop is already running', 'LOOP_RUNNING');
  }
}
