/**
 * CPython 3.13 `locks.py` `Condition`: a wait gives the lock up, and has it again before it ends, however it ends. The permit
 * that is live when a wait begins belongs to the condition until then, and is live again afterwards.
 */
import { isCancelledError, type Operation, realm, refuse, RuntimeError } from '@aiokit/loop-core';
import {
  checkWait,
  longestWait,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { deadline } from './internal/deadline.js';
import { repr } from './internal/repr.js';
import { begin, type Steps } from './internal/stepped.js';
import { Lock } from './lock.js';
import type { Permit, PermitOwner } from './permit.js';

/**
 * Waits, while holding a lock, until somebody says that something has changed.
 *
 * Use it where what is waited for is a state that the lock protects. For a mere signal an `Event` is simpler.
 *
 * @example
 * const changed = new Condition();
 * const items: string[] = [];
 * const consumer = changed.with(async () => {
 *   await changed.waitFor(() => items.length > 0);
 *   return items.pop();
 * });
 * await changed.with(() => {
 *   items.push('first');
 *   changed.notify();
 * });
 * await consumer; // 'first'
 * @source COND · CPython 3.13 `asyncio.Condition`
 */
export class Condition extends Governor {
  /** The lock that is held around `wait` and `notify`. */
  readonly lock: Lock;
  readonly #queue = new WaitQueue<true>(this as unknown as WaitOwner<true>);

  /**
   * @param lock the lock; one of its own if absent
   * @throws TypeError if it is no lock
   */
  constructor(lock: Lock = new Lock()) {
    super();
    if (typeof lock?.locked !== 'function' || !('holder' in lock)) refuse('lock', 'a Lock', lock);
    this.lock = lock;
  }

  /** Whether the lock is held. */
  locked(): boolean {
    return this.lock.locked();
  }

  /** Holders of the lock, and who waits to be notified. */
  statistics(): Statistics {
    const { holders } = this.lock.statistics();
    return { holders, waiting: this.#queue.live, longestWaitMs: longestWait(this.#queue) };
  }

  /**
   * Acquires the lock.
   *
   * @param options as of `Lock.acquire`
   * @returns the permit, once this caller holds the lock
   * @throws as `Lock.acquire`
   * @ordering as `Lock.acquire`
   * @cancellation as `Lock.acquire`
   * @complexity O(1)
   * @source COND-1 · CPython 3.13 `Condition.acquire`
   */
  acquire(options?: WaitOptions): Operation<Permit> {
    return this.lock.acquire(options);
  }

  /**
   * Takes the lock if it is free and nobody waits for it.
   *
   * @returns the permit, or null
   * @source COND-1 · no CPython counterpart
   */
  tryAcquire(): Permit | null {
    return this.lock.tryAcquire();
  }

  /**
   * Releases the lock, as `Lock.release`.
   *
   * @throws RuntimeError (`NOT_ACQUIRED`, `STRICT`) as `Lock.release`
   * @source COND-1 · CPython 3.13 `Condition.release`
   */
  release(): void {
    this.lock.release();
  }

  /**
   * Releases the lock, waits to be notified, and acquires the lock again: it is held when the wait ends, however it ends.
   *
   * It may end without a notification that was meant for it: look at the state again, or use `waitFor`.
   *
   * @param options `signal` and `timeoutMs` limit the wait for the notification, not that for the lock
   * @returns true, once this caller was notified and holds the lock; the permit that it held is live again
   * @throws RuntimeError (`NOT_ACQUIRED`) at once if the lock is not held; nothing has changed
   * @throws CancelledError (`CANCELLED`) if the waiting task is cancelled, once it holds the lock again
   * @throws the signal's reason; TimeoutError (`TIMEOUT`). At once, without having released the lock, if there is no time.
   * @ordering those who wait are notified in the order in which they came, and get the lock in that order
   * @cancellation The lock is acquired again first, then the last cancellation is thrown; the notification goes to the next.
   * Abandoned, it gives the lock up for good.
   * @complexity O(1); one waiter, and one for the lock if it is not free
   * @source COND-2 · CPython 3.13 Lib/asyncio/locks.py `Condition.wait`
   */
  wait(options?: WaitOptions): Operation<true> {
    checkWait(options);
    this.#demandLock('wait on');
    return begin(this.#wait(options));
  }

  /**
   * Waits until a predicate holds, which is asked now and after each notification, with the lock held.
   *
   * @param predicate what is waited for; what it throws ends the wait
   * @param options limits for the whole
   * @returns what the predicate returned, if that is truthy
   * @throws TypeError if `predicate` is no function; for the rest see `wait`
   * @ordering as `wait`
   * @cancellation as `wait`
   * @complexity O(1) a notification
   * @source COND-3 · CPython 3.13 `Condition.wait_for`
   */
  waitFor<T>(predicate: () => T, options?: WaitOptions): Operation<T> {
    checkWait(options);
    if (typeof predicate !== 'function') refuse('predicate', 'a function', predicate);
    return begin(this.#waitFor(predicate, deadline(options)));
  }

  /**
   * Wakes the first who wait. They go on once they have the lock, so release it.
   *
   * @param n how many
   * @throws RuntimeError (`NOT_ACQUIRED`) if the lock is not held; TypeError or RangeError if `n` is no count
   * @ordering those who wait are notified in the order in which they came
   * @complexity O(n)
   * @source COND-4 · CPython 3.13 `Condition.notify`
   */
  notify(n = 1): void {
    const isNumber = typeof n === 'number';
    if (!isNumber || n !== n) refuse('n', 'a number', n, isNumber ? RangeError : TypeError);
    this.#demandLock('notify on');
    this.wake(n);
  }

  /**
   * Wakes everybody who waits. They go on once they have the lock, so release it.
   *
   * @throws RuntimeError (`NOT_ACQUIRED`) if the lock is not held
   * @ordering as `notify`
   * @complexity O(waiters)
   * @source COND-4 · CPython 3.13 `Condition.notify_all`
   */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** The condition as `util.inspect` shows it. */
  override toString(): string {
    return repr(this, this.locked() ? 'locked' : 'unlocked', this.#queue);
  }

  /** Whoever was notified goes on to the lock. */
  protected deliver(): true {
    return true;
  }

  /** Whoever was notified has given up: its wait notifies another when it has the lock, as every wait that fails does. */
  protected passed(): void {}

  /** The permit of somebody who waits has ended: it will not be live again. */
  protected ended(): void {}

  /** Notifies without asking who holds the lock. */
  protected wake(n: number): void {
    for (let left = n; left > 0 && this.#queue.grant(); left--);
  }

  #demandLock(action: string): void {
    if (!this.locked()) throw new RuntimeError(`cannot ${action} un-acquired lock`, { code: 'NOT_ACQUIRED' });
  }

  *#wait(options: WaitOptions | undefined): Steps<true> {
    const waiter = this.#queue.join(options);
    // Out of time before it began: the lock is still held.
    if (waiter.done()) return waiter.result();
    const permit = this.lock.holder as Permit;
    const owner = this as unknown as PermitOwner;
    let failure: { readonly error: unknown } | undefined;
    let succeeded = false;
    permit.release();
    permit.owner = owner;
    try {
      try {
        yield* waiter;
      } catch (error) {
        failure = { error };
      }
      let again: Permit | undefined;
      while (again === undefined) {
        try {
          again = yield* this.lock.acquire();
        } catch (error) {
          if (!isCancelledError(error)) throw error;
          failure = { error };
        }
      }
      if (permit.owner === owner) {
        realm.hooks?.released?.(again);
        permit.owner = again.owner;
        again.owner = undefined;
        this.lock.holder = permit;
        realm.hooks?.acquired?.(permit);
      } else again.release();
      if (failure) throw failure.error;
      succeeded = true;
      return true;
    } finally {
      if (permit.owner === owner) permit.owner = undefined;
      if (!succeeded) this.wake(1);
    }
  }

  *#waitFor<T>(predicate: () => T, limits: () => WaitOptions | undefined): Steps<T> {
    for (;;) {
      const result = predicate();
      if (result) return result;
      this.#demandLock('wait on');
      yield* this.#wait(limits());
    }
  }
}
