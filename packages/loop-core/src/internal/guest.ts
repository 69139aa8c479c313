/**
 * What all loops of this package have in common: a guest on the host's loop.
 *
 * What is ready lies in an array; an iteration begins by swapping it for the one that then fills up. Iterations follow
 * one another in one microtask. The host's promises get a turn (a hop) after an iteration that woke host code and at
 * least every 16 iterations; the host's timers and I/O get one when an iteration says so.
 */
import type {
  AsyncContext,
  EventLoop,
  ExceptionContext,
  Handle,
  Runnable,
  TimerHandle,
} from '../event-loop.js';
import { callWithin, nameOf, settled } from './call-within.js';
import { checkCallback, checkTime } from './check.js';
import { realm } from '../realm.js';

declare const performance: { now(): number };
declare const MessageChannel: new () => {
  port1: { onmessage: unknown; close(): void };
  port2: { postMessage(message: unknown): void };
};

/** The longest delay of a host timer: beyond it, it would fire at once. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;
/** Iterations between two turns of the host's promises, at most. */
export const ITERATIONS_PER_HOP: number = 16;

/** Calls `callback` after the host's timers and I/O have had a turn. Not by `setTimeout`, which browsers delay by 4 ms. */
export function macrotask(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
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
  declare private readonly loop: Guest;
  /** The async context in which it was given, if there is one to keep. */
  declare readonly context: AsyncContext | null | undefined;
  /** Undefined for `callSoon`. */
  declare private readonly due: number | undefined;
  /** Undefined if there are none. */
  declare private args: unknown[] | undefined;
  /** Undefined once it is cancelled. */
  declare callback: Callback | undefined;
  /** Where the loop keeps it while it is a pending timer. */
  declare place: unknown;

  constructor(loop: Guest, callback: Callback, args: unknown[], due?: number) {
    checkCallback(callback);
    this.loop = loop;
    this.due = due;
    this.args = args.length > 0 ? args : undefined;
    this.context = realm.context?.capture();
    this.callback = callback;
    this.place = undefined;
  }

  /** @source CPython `TimerHandle.when` */
  when(): number {
    return this.due as number;
  }

  /** @source CPython `Handle.cancelled` */
  cancelled(): boolean {
    return !this.callback;
  }

  /** @source CPython `Handle.cancel` */
  cancel(): void {
    const { callback } = this;
    this.callback = this.args = undefined;
    if (callback) this.loop.forget(this);
  }

  /** Calls the callback, if it is not cancelled. */
  run(): void {
    const { callback, args } = this;
    if (!callback) return;
    if (this.context) this.context.runInAsyncScope(callback, undefined, ...(args ?? []));
    else if (args) callback(...args);
    else callback();
  }
}

/** What a loop needs of the host, whichever callbacks and timers it has. */
export abstract class Guest implements EventLoop {
  /** What runs in the next iteration: the first `count` slots. */
  protected ready: unknown[] = [];
  protected count = 0;
  /** What runs in this iteration. */
  protected batch: unknown[] = [];
  /** Whether an iteration is on its way. */
  protected armed = false;
  #turn = false;

  time(): number {
    return performance.now();
  }

  hostTurn(): void {
    this.#turn = true;
  }

  enqueue(runnable: Runnable, _order?: object): void {
    this.ready[this.count++] = runnable;
    if (!this.armed) this.arm();
  }

  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(delayMs, 'delayMs');
    realm.hooks?.duration?.(delayMs);
    return this.callAt(this.time() + delayMs, callback, ...args);
  }

  abstract callExceptionHandler(context: ExceptionContext): void;
  abstract callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle;
  abstract callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle;

  /** Takes back a timer that is pending, or a callback that has just been cancelled. */
  abstract forget(call: Call): void;

  /** Runs an iteration, or the rest of one. True if the host's timers and I/O must have a turn. */
  protected abstract iterate(): boolean;

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
    if (tired) macrotask(this.#again);
    else if (this.count) this.arm();
    else this.rest();
  };

  /** What runs in a microtask throws and catches in two thirds of the time that a macrotask takes for it. */
  readonly #again = (): void => void settled.then(this.pump);

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
