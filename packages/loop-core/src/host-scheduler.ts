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
import { callWithin, nameOf, settled } from './internal/call-within.js';
import { checkCallback, checkTime } from './internal/check.js';
import { realm } from './realm.js';

declare const console: { error(...text: unknown[]): void };
declare const performance: { now(): number };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;
declare const MessageChannel: new () => {
  port1: { onmessage: unknown; close(): void };
  port2: { postMessage(message: unknown): void };
};

/** The longest delay of a host timer: beyond it, it would fire at once. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;
/** Iterations between two turns of the host's promises, at most. */
export const ITERATIONS_PER_HOP: number = 16;
const SLICE_MS = 4;

/** Calls `callback` after the host's timers and I/O have had a turn. Not by `setTimeout`, which browsers delay by 4 ms. */
export function macrotask(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?(callback: () => void): unknown };
  if (setImmediate) setImmediate(callback);
  else {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      callback();
    };
    port2.postMessage(0);
  }
}

/** A callback of `callSoon`, `callLater` or `callAt`. */
export type Callback = (...args: unknown[]) => void;

/** A scheduled callback as an object, in all loops of this package. */
export class Call implements TimerHandle, Runnable {
  readonly #loop: HostScheduler;
  /** The async context in which it was given, if there is one to keep. */
  readonly context: AsyncContext | null | undefined;
  /** Undefined for `callSoon`. */
  readonly #when: number | undefined;
  /** Undefined if there are none. */
  #args: unknown[] | undefined;
  /** Undefined once it is cancelled. */
  callback: Callback | undefined;
  /** Where the loop keeps it while it is a pending timer. */
  place: unknown;

  constructor(loop: HostScheduler, callback: Callback, args: unknown[], when?: number) {
    checkCallback(callback);
    this.#loop = loop;
    this.#when = when;
    this.#args = args.length > 0 ? args : undefined;
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
    const { callback } = this;
    this.callback = this.#args = undefined;
    if (callback) this.#loop.forget(this);
  }

  /** Calls the callback, if it is not cancelled. */
  run(): void {
    const { callback } = this;
    const args = this.#args;
    if (!callback) return;
    if (this.context) this.context.runInAsyncScope(callback, undefined, ...(args ?? []));
    else if (args) callback(...args);
    else callback();
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
  /** What runs in this iteration. */
  protected batch: unknown[] = [];
  /** Whether an iteration is on its way. */
  protected armed = false;
  #turn = false;
  /** Iterations before the next look at the clock: after slow ones one. */
  #fuel = ITERATIONS_PER_HOP;
  #looked = 0;
  #began = 0;

  time(): number {
    return performance.now();
  }

  hostTurn(): void {
    this.#turn = true;
  }

  callExceptionHandler(context: ExceptionContext): void {
    try {
      (realm.logger ?? console).error(context.message, context.exception);
    } catch (error) {
      // The host reports what the logger throws.
      void Promise.reject(error);
    }
  }

  enqueue(runnable: Runnable, _order?: object): void {
    this.ready[this.count++] = runnable;
    if (!this.armed) this.arm();
  }

  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    const call = this.handle(callback as Callback, args);
    this.enqueue(call);
    return call;
  }

  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(delayMs, 'delayMs');
    return this.callAt(this.time() + delayMs, callback, ...args);
  }

  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(when, 'when');
    const timer = this.handle(callback as Callback, args, when);
    this.keep(timer);
    return timer;
  }

  /** Takes back a timer that is pending, or a callback that has just been cancelled. */
  forget(timer: Call): void {
    clearTimeout(timer.place);
  }

  /** Makes the handle of a callback. */
  protected handle(callback: Callback, args: unknown[], when?: number): Call {
    return new Call(this, callback, args, when);
  }

  /** Keeps a timer until it is due. */
  protected keep(timer: Call): void {
    const left = timer.when() - this.time();
    if (left > 0) {
      timer.place = setTimeout(() => this.keep(timer), Math.min(Math.ceil(left), LONGEST_DELAY_MS));
    } else this.enqueue(timer);
  }

  /** Makes sure that an iteration comes. */
  protected arm(): void {
    this.armed = true;
    void settled.then(realm.context?.bare(this.pump) ?? this.pump);
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
    if (tired) macrotask(this.pump);
    else if (this.count) this.arm();
    else this.rest();
  };

  /** Runs an iteration, or the rest of one. True if the host's timers and I/O must have a turn. */
  protected iterate(): boolean {
    const { ready, count } = this;
    this.ready = this.batch;
    this.batch = ready;
    this.count = 0;
    for (let at = 0; at < count; at++) {
      const item = ready[at] as Runnable;
      ready[at] = undefined;
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
    const report = () =>
      this.callExceptionHandler({
        message: `Exception in callback ${nameOf(handle?.callback ?? handle?.constructor)}`,
        exception,
        handle,
      });
    try {
      // The handler sees the stores of whoever gave the callback.
      callWithin(handle?.context, report, undefined);
    } catch (error) {
      void Promise.reject(error);
    }
  }

  /** Gives up what is ready, to a loop that takes this one's place. */
  yield(): unknown[] {
    const ready = this.ready.splice(0, this.count);
    this.count = 0;
    return ready;
  }
}
