/**
 * The scheduler that primitives pull in. Its host's timers and I/O get a turn after a slice of 4 ms, though an iteration
 * is not interrupted.
 */
import type { ExceptionContext, Handle, Runnable, TimerHandle } from './event-loop.js';
import { checkTime } from './internal/check.js';
import { Call, type Callback, Guest, ITERATIONS_PER_HOP, LONGEST_DELAY_MS } from './internal/guest.js';
import { realm } from './realm.js';

declare const console: { error(...text: unknown[]): void };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

const SLICE_MS = 4;

/**
 * The loop that is there when nobody made one: enough for primitives and futures.
 *
 * Its timers are the host's, which may order those of one instant differently.
 *
 * @source CPython `BaseEventLoop._run_once`, without its selector
 */
export class HostScheduler extends Guest {
  /** Iterations before the next look at the clock: after slow ones one. */
  #fuel = ITERATIONS_PER_HOP;
  #looked = 0;
  #began = 0;

  callExceptionHandler(context: ExceptionContext): void {
    try {
      (realm.logger ?? console).error(context.message, context.exception);
    } catch (error) {
      // The host reports what the logger throws.
      void Promise.reject(error);
    }
  }

  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    const call = new Call(this, callback as Callback, args);
    this.enqueue(call);
    return call;
  }

  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    checkTime(when, 'when');
    const timer = new Call(this, callback as Callback, args, when);
    this.keep(timer);
    return timer;
  }

  forget(timer: Call): void {
    clearTimeout(timer.place);
  }

  /** Keeps a timer until it is due. */
  private keep(timer: Call): void {
    const left = timer.when() - this.time();
    if (left > 0) {
      timer.place = setTimeout(() => this.keep(timer), Math.min(Math.ceil(left), LONGEST_DELAY_MS));
    } else this.enqueue(timer);
  }

  protected override iterate(): boolean {
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
}
