/** CPython `locks.py` `Event`. Invariant: nobody waits while it is set, but for those who were woken and have not run. */
import { completed, type Operation } from '@aiokit/loop-core';
import {
  checkWait,
  longestWait,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';
import type { Statistics } from './governor.js';
import { INSPECT, repr } from './internal/repr.js';

/**
 * A flag that can be waited for.
 *
 * Use it to tell any number of tasks that something has happened. For a value that comes once, a future is simpler.
 *
 * @example
 * const ready = new Event();
 * setTimeout(() => ready.set(), 10);
 * await ready.wait();
 * @source EVENT · CPython 3.13 `asyncio.Event`
 */
export class Event {
  #set = false;
  readonly #queue = new WaitQueue<true>(this as unknown as WaitOwner<true>);

  /** Whether it is set. */
  isSet(): boolean {
    return this.#set;
  }

  /** Waiters now; an event has no holders. */
  statistics(): Statistics {
    return { holders: 0, waiting: this.#queue.live, longestWaitMs: longestWait(this.#queue) };
  }

  /**
   * Waits until the event is set.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns true, once it has been set, though it may have been cleared since
   * @throws CancelledError (`CANCELLED`) if the waiting task is cancelled
   * @throws the signal's reason if `signal` aborts; TimeoutError (`TIMEOUT`) after `timeoutMs`
   * @throws RuntimeError (`OTHER_LOOP`) while others wait on another loop; TypeError or RangeError at once if the options
   * make no sense
   * @ordering those who wait are woken in the order in which they came
   * @cancellation the place is given up; nobody else is affected
   * @complexity O(1); one waiter, nothing when it is set
   * @source EVENT-2 · CPython 3.13 `Event.wait`
   */
  wait(options?: WaitOptions): Operation<true> {
    checkWait(options);
    return this.#set && !options?.signal?.aborted ? completed(true) : this.#queue.join(options);
  }

  /**
   * Sets it, and wakes everybody who waits, also if it is cleared right after. Nothing if it is set.
   *
   * @ordering those who wait are resumed in the next iteration, in the order in which they came
   * @complexity O(waiters)
   * @source EVENT-1 · CPython 3.13 `Event.set`
   */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#queue.grantAll();
  }

  /**
   * Clears it: who comes from now on waits.
   *
   * @complexity O(1)
   * @source EVENT-1 · CPython 3.13 `Event.clear`
   */
  clear(): void {
    this.#set = false;
  }

  /** The event as `util.inspect` shows it. */
  toString(): string {
    return repr(this, this.#set ? 'set' : 'unset', this.#queue);
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** Whoever was woken has run. */
  protected deliver(): true {
    return true;
  }

  /** Whoever was woken has given up: nothing to pass on. */
  protected passed(): void {}
}
