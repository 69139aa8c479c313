/**
 * The scheduler that primitives pull in: a guest on the host's loop.
 *
 * What is ready lies in an array; an iteration begins by swapping it for the one that then fills up. Iterations follow
 * one another in one microtask. The host's promises get a turn (a hop) after an iteration that woke host code and at
 * least every 16 iterations; the host's timers and I/O get one after a slice of 4 ms, though an iteration is not
 * interrupted.
 */
import type {
  AsyncContext,
  EventLoop,
  ExceptionContext,
  Handle,
  Runnable,
  TimerHandle,
} from './event-loop.js';
import { checkCallback, checkTime } from './internal/check.js';
import { realm } from './realm.js';

interface Host {
  readonly console: { error(...text: unknown[]): void };
  readonly performance: { now(): number };
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(callback: () => void, delayMs: number): unknown;
  clearInterval(timer: unknown): void;
  setImmediate?(callback: () => void): unknown;
  MessageChannel: new () => {
    port1: { onmessage: unknown; close(): void };
    port2: { postMessage(message: unknown): void };
  };
}
/** The host's globals. */
export const host: Host = globalThis as never;

/** The longest delay of a host timer: beyond it, it would fire at once. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;
/** Iterations between two turns of the host's promises, at most. */
export const ITERATIONS_PER_HOP: number = 16;
const SLICE_MS = 4;

const settled = /* @__PURE__ */ Promise.resolve();

/** Calls `callback` after the host's timers and I/O have had a turn. Not by `setTimeout`, which browsers delay by 4 ms. */
export function macrotask(callback: () => void): void {
  if (host.setImmediate) host.setImmediate(callback);
  else {
    const { port1, port2 } = new host.MessageChannel();
    port1.onmessage = () => {
      port1.close();
      callback();
    };
    port2.postMessage(0);
  }
}

const runOf = (runnable: Runnable): Runnable => ({ run: () => runnable.run() });

/** A callback of `callSoon`, `callLater` or `callAt`. */
export type Callback = (...args: unknown[]) => void;

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;
/** The arguments of a callback that has none. */
const NO_ARGUMENTS: unknown[] = [];

/** A scheduled callback as an object, in all loops of this package. */
export class Call implements TimerHandle, Runnable {
  readonly #loop: HostScheduler;
  /** The async context in which it was given, if there is one to keep. */
  readonly context: AsyncContext | null | undefined;
  /** Undefined for `callSoon`. */
  readonly #when: number | undefined;
  #args: unknown[];
  /** Undefined once it is cancelled. */
  callback: Callback | undefined;
  /** Where the loop keeps it while it is a pending timer. */
  place: unknown;

  constructor(loop: HostScheduler, callback: Callback, args: unknown[], when?: number) {
    checkCallback(callback);
    this.#loop = loop;
    this.#when = when;
    this.#args = args.length > 0 ? args : NO_ARGUMENTS;
    this.context = realm.context?.capture();
    this.callback = callback;
  }

  /** @source CPython `TimerHandle.when` */
  when(): number {
    return this.#when as number;
  }

  /** @source CPython `Handle.cancelled` */
  cancelled(): boolean {
    return !this.callback;
  }

  /** @source CPython `Handle.cancel` */
  cancel(): void {
    const pending = this.callback && this.place !== undefined;
    this.callback = undefined;
    this.#args = NO_ARGUMENTS;
    if (pending) this.#loop.forget(this);
  }

  /** The handle as asyncio's `repr` shows it. */
  toString(): string {
    const when = this.#when === undefined ? '' : ` when=${this.#when}`;
    const { callback } = this;
    return `<${when && 'Timer'}Handle${callback ? '' : ' cancelled'}${when}${callback ? ` ${callback.name || 'anonymous'}()` : ''}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** Calls the callback, if it is not cancelled. */
  run(): void {
    const { callback } = this;
    const args = this.#args;
    if (!callback) return;
    if (this.context) this.context.runInAsyncScope(callback, undefined, ...args);
    else if (args === NO_ARGUMENTS) callback();
    else callback(...args);
  }
}

/**
 * The loop that is there when nobody made one: enough for primitives and futures.
 *
 * Its timers are the host's, which may order those of one instant differently.
 *
 * @source CPython `BaseEventLoop._run_once`, without its selector
 */
export class HostScheduler implements EventLoop {
  /** What runs in the next iteration: the first `count` slots. */
  protected ready: unknown[] = [];
  protected count = 0;
  /** What runs in this iteration: slots `at` to `size`. */
  protected batch: unknown[] = [];
  protected at = 0;
  protected size = 0;
  /** Whether an iteration is on its way. */
  protected armed = false;
  #turn = false;
  /** Iterations before the next look at the clock: after slow ones one. */
  #fuel = ITERATIONS_PER_HOP;
  #looked = 0;
  #began = 0;

  time(): number {
    return host.performance.now();
  }

  hostTurn(): void {
    this.#turn = true;
  }

  callExceptionHandler(context: ExceptionContext): void {
    try {
      (realm.logger ?? host.console).error(context.message, context.exception);
    } catch (error) {
      // The host reports what the logger throws.
      void Promise.reject(error);
    }
  }

  enqueue(runnable: Runnable, _order?: object): void {
    // A function in the queue would be taken for a callback of `callSoon`.
    if (typeof runnable === 'function') runnable = runOf(runnable);
    this.ready[this.count++] = runnable;
    if (!this.armed) this.arm();
  }

  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    const call = new Call(this, callback as Callback, args);
    this.enqueue(call);
    return call;
  }

  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(delayMs, 'delayMs');
    return this.callAt(this.time() + delayMs, callback, ...args);
  }

  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(when, 'when');
    const timer = new Call(this, callback as Callback, args, when);
    this.keep(timer);
    return timer;
  }

  /** Takes back a pending timer. */
  forget(timer: Call): void {
    host.clearTimeout(timer.place);
  }

  /** Keeps a timer until it is due. */
  protected keep(timer: Call): void {
    const left = timer.when() - this.time();
    if (left > 0) {
      timer.place = host.setTimeout(() => this.keep(timer), Math.min(Math.ceil(left), LONGEST_DELAY_MS));
    } else this.enqueue(timer);
  }

  /** Makes sure that an iteration comes. */
  protected arm(): void {
    this.armed = true;
    void settled.then(realm.context ? realm.context.bare(this.pump) : this.pump);
  }

  /** Called when nothing is ready any more. */
  protected rest(): void {
    this.armed = false;
  }

  /** Runs iterations until the host must have a turn, or nothing is ready. Entered from the host. */
  protected readonly pump = (): void => {
    const { running } = realm;
    let left = ITERATIONS_PER_HOP;
    let tired: boolean;
    realm.running = this;
    do tired = this.iterate();
    while (!tired && this.count && !this.#turn && --left);
    realm.running = running;
    this.#turn = false;
    if (this.at === this.size && !this.count) this.rest();
    else if (tired) macrotask(this.pump);
    else this.arm();
  };

  /** Runs an iteration, or the rest of one. True if the host's timers and I/O must have a turn. */
  protected iterate(): boolean {
    const batch = this.ready;
    this.ready = this.batch;
    this.batch = batch;
    this.size = this.count;
    this.at = this.count = 0;
    while (this.at < this.size) {
      const item = batch[this.at] as Runnable;
      batch[this.at++] = undefined;
      try {
        item.run();
      } catch (error) {
        this.failed(error, item);
      }
    }
    if (--this.#fuel > 0) return false;
    const now = this.time();
    this.#fuel = now - this.#looked >= SLICE_MS / 8 ? 1 : ITERATIONS_PER_HOP;
    this.#looked = now;
    if (now - this.#began < SLICE_MS) return false;
    this.#began = now;
    return true;
  }

  /** Reports what a callback threw. What reporting throws is the host's to report. */
  protected failed(exception: unknown, handle: Partial<Call> | undefined): void {
    const report = () => {
      const { name } = handle?.callback ?? (handle?.constructor as { name?: string } | undefined) ?? {};
      this.callExceptionHandler({
        message: `Exception in callback ${name || 'anonymous'}()`,
        exception,
        handle,
      });
    };
    try {
      // The handler sees the stores of whoever gave the callback.
      if (handle?.context) handle.context.runInAsyncScope(report);
      else report();
    } catch (error) {
      void Promise.reject(error);
    }
  }

  /** Gives up what is ready, to a loop that takes this one's place. */
  yield(): unknown[] {
    const { ready, count } = this;
    this.ready = [];
    this.count = 0;
    return ready.slice(0, count);
  }
}
