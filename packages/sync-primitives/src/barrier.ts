/**
 * CPython 3.13 `locks.py` `Barrier`: a condition, a state, and the number of those inside. Who comes while the barrier is
 * let empty, draining or resetting, waits outside until the last has left.
 */
import { type Operation, refuse } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { BrokenBarrierError } from './broken-barrier-error.js';
import { Condition } from './condition.js';
import type { Statistics } from './governor.js';
import { checkCount } from './internal/check-count.js';
import { deadline } from './internal/deadline.js';
import { INSPECT } from './internal/repr.js';
import { begin, type Steps } from './internal/stepped.js';

/** Those who leave an abandoned wait do not hold the lock, and wake the others all the same. */
class State extends Condition {
  now: 'filling' | 'draining' | 'resetting' | 'broken' = 'filling';

  enter(next: State['now']): void {
    this.now = next;
    this.wake(Infinity);
  }
}

/**
 * Lets nobody on until so many have come.
 *
 * Use it for work in rounds, where each must wait for all.
 *
 * @example
 * const barrier = new Barrier(2);
 * await Promise.all([barrier.wait(), barrier.wait()]); // [0, 1]
 * @source BARRIER · CPython 3.13 `asyncio.Barrier`
 */
export class Barrier {
  /** How many it waits for. */
  readonly parties: number;
  readonly #state = new State();
  #inside = 0;

  /**
   * @param parties how many it waits for; a whole number, 1 or more
   * @throws TypeError if it is no number, RangeError if it is less than 1 a fraction or Infinity
   */
  constructor(parties: number) {
    checkCount(parties, 'parties', 1);
    if (parties === Infinity) refuse('parties', 'a finite number', parties, RangeError);
    this.parties = parties;
  }

  /** How many have come and wait for the others. */
  get nWaiting(): number {
    return this.#state.now === 'filling' ? this.#inside : 0;
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#state.now === 'broken';
  }

  /** Those who wait, in it or for it to become empty; a barrier has no holders. */
  statistics(): Statistics {
    return { ...this.#state.statistics(), holders: 0 };
  }

  /**
   * Waits until as many have come as it is for. The last does not wait.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` only the last succeeds
   * @returns the number of the caller, by order of arrival: 0 to `parties` - 1
   * @throws BrokenBarrierError (`BROKEN_BARRIER`) if it is broken, or is aborted or reset while this waits
   * @throws CancelledError (`CANCELLED`) if the waiting task is cancelled; the signal's reason; TimeoutError (`TIMEOUT`)
   * @ordering all are let on in the order in which they came
   * @cancellation the caller leaves, and is not counted any more; the barrier is not broken
   * @complexity O(1), the last O(parties)
   * @source BARRIER-1 · CPython 3.13 Lib/asyncio/locks.py `Barrier.wait`
   */
  wait(options?: WaitOptions): Operation<number> {
    checkWait(options);
    return begin(this.#wait(deadline(options)));
  }

  /**
   * Makes it as new. Whoever waits in it is thrown a `BrokenBarrierError`; whoever comes then waits until they have left.
   *
   * @returns done once those who wait have been told
   * @ordering those who wait are told in the order in which they came
   * @cancellation before it has the barrier's lock, which is nearly always free: nothing is reset
   * @complexity O(waiters)
   * @source BARRIER-2 · CPython 3.13 `Barrier.reset`
   */
  reset(): Operation<void> {
    return begin(this.#become('resetting'));
  }

  /**
   * Breaks it: whoever waits in it, and whoever comes until a reset, is thrown a `BrokenBarrierError`.
   *
   * @returns done once those who wait have been told
   * @ordering those who wait are told in the order in which they came
   * @cancellation before it has the barrier's lock, which is nearly always free: nothing is broken
   * @complexity O(waiters)
   * @source BARRIER-2 · CPython 3.13 `Barrier.abort`
   */
  abort(): Operation<void> {
    return begin(this.#become('broken'));
  }

  /** The barrier as `util.inspect` shows it. */
  toString(): string {
    const waiters = this.broken ? '' : ` waiters=${this.nWaiting}/${this.parties}`;
    return `<${this.constructor.name} ${this.#state.now}${waiters}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  *#wait(limits: () => WaitOptions | undefined): Steps<number> {
    const state = this.#state;
    const permit = yield* state.acquire(limits());
    try {
      yield* state.waitFor(() => state.now === 'filling' || this.broken, limits());
      if (this.broken) throw new BrokenBarrierError('Barrier aborted');
      const index = this.#inside++;
      try {
        if (index + 1 === this.parties) state.enter('draining');
        else {
          yield* state.waitFor(() => state.now !== 'filling', limits());
          if (state.now !== 'draining') throw new BrokenBarrierError('Abort or reset of barrier');
        }
        return index;
      } finally {
        this.#inside--;
        if (this.#inside === 0) state.enter(this.broken ? 'broken' : 'filling');
      }
    } finally {
      permit.release();
    }
  }

  *#become(next: 'resetting' | 'broken'): Steps<void> {
    const permit = yield* this.#state.acquire();
    this.#state.enter(next === 'resetting' && this.#inside === 0 ? 'filling' : next);
    permit.release();
  }
}
