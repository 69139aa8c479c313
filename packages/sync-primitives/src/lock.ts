/**
 * CPython `locks.py` `Lock`. It is free, or promised to the waiter that was granted the turn (`promised`), or held
 * (`holder`); a release wakes the first in line only, and whoever leaves the line without the lock wakes the next.
 */
import { completed, type Operation, realm, RuntimeError } from '@aiokit/loop-core';
import {
  checkWait,
  longestWait,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { giveBack } from './internal/give-back.js';
import { repr } from './internal/repr.js';
import { isStrict, type StrictOptions } from './internal/strict.js';
import { Permit, type PermitOwner } from './permit.js';

/**
 * Lets one in at a time.
 *
 * Use it to protect a section that waits; code without a wait inside needs no lock. Whoever holds it and asks for it again
 * waits for ever.
 *
 * @example
 * const lock = new Lock();
 * await lock.with(async () => {
 *   const text = await load();
 *   await save(text + '!');
 * });
 * @source LOCK · CPython 3.13 `asyncio.Lock`
 */
export class Lock extends Governor {
  /** The permit that is live now. Only the lock and its conditions set it. */
  declare holder: Permit | undefined;
  declare protected readonly queue: WaitQueue<Permit>;
  declare private promised: boolean;
  declare private readonly strict: boolean;

  /**
   * @param options whether only permits release
   * @throws TypeError if `options` is no object
   */
  constructor(options?: StrictOptions) {
    super();
    this.holder = undefined;
    this.queue = new WaitQueue<Permit>(this as unknown as WaitOwner<Permit>);
    this.promised = false;
    this.strict = isStrict(options);
  }

  /** Whether it is held. Between a release and the step of whoever is next it is not, and nobody else can take it. */
  locked(): boolean {
    return this.holder !== undefined;
  }

  /** Holders and waiters now. */
  statistics(): Statistics {
    const { queue } = this;
    return { holders: this.holder ? 1 : 0, waiting: queue.live, longestWaitMs: longestWait(queue) };
  }

  /**
   * Waits until the lock is free, then takes it.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the permit, once this caller holds the lock. Disposing of it releases the lock.
   * @throws CancelledError (`CANCELLED`) if the waiting task is cancelled; the lock is not held.
   * @throws the signal's reason if `signal` aborts; TimeoutError (`TIMEOUT`) after `timeoutMs`. The lock is not held.
   * @throws RuntimeError (`OTHER_LOOP`) while others wait on another loop; TypeError or RangeError at once if the options
   * make no sense. Nothing has changed.
   * @ordering First come, first served among live waiters; a new call never overtakes one.
   * @cancellation Queued: the place is given up. Already chosen: the turn passes to the next live waiter. Nothing leaks.
   * @complexity O(1); one waiter while queued, nothing when free.
   * @source LOCK-1 · CPython 3.13 Lib/asyncio/locks.py `Lock.acquire`
   */
  acquire(options?: WaitOptions): Operation<Permit> {
    if (options !== undefined) {
      checkWait(options);
      if (options.signal?.aborted) return this.queue.join(options);
    }
    const permit = this.tryAcquire();
    if (options && permit) realm.hooks?.limited?.(permit, options, true);
    return permit ? completed(permit, giveBack) : this.queue.join(options);
  }

  /**
   * Takes the lock if it is free and nobody waits.
   *
   * @returns the permit, or null
   * @complexity O(1)
   * @source LOCK-1 · no CPython counterpart
   */
  tryAcquire(): Permit | null {
    return this.holder === undefined && !this.promised && this.queue.live === 0 ? this.take() : null;
  }

  /**
   * Releases the lock, whoever calls: it ends the live permit, and disposing of that later does nothing.
   *
   * @throws RuntimeError (`NOT_ACQUIRED`) if it is not held; (`STRICT`) if it is strict. Nothing has changed.
   * @ordering whoever waits first gets the turn, and is resumed in the next iteration
   * @complexity O(1)
   * @source LOCK-2 · CPython 3.13 `Lock.release`
   */
  release(): void {
    const { holder } = this;
    if (this.strict) throw new RuntimeError('only a permit releases it', { code: 'STRICT' });
    if (holder === undefined) throw new RuntimeError('Lock is not acquired.', { code: 'NOT_ACQUIRED' });
    holder.release();
  }

  /** The lock as `util.inspect` shows it. */
  override toString(): string {
    return repr(this, this.holder ? 'locked' : 'unlocked', this.queue);
  }

  /** A permit has ended. */
  protected ended(): void {
    this.holder = undefined;
    this.left();
  }

  /** Whoever has the turn takes the lock. */
  protected deliver(): Permit {
    this.promised = false;
    return this.take();
  }

  /** Whoever had the turn does not want it. */
  protected passed(): void {
    this.promised = false;
    this.left();
  }

  /** Wakes the first in line, unless it is on its way: then it will wake the next if it does not take the lock. */
  protected left(): void {
    if (this.holder !== undefined) return;
    const { first } = this.queue;
    if (first && !first.before) {
      this.promised = true;
      this.queue.grant();
    }
  }

  private take(): Permit {
    this.holder = new Permit(this as unknown as PermitOwner);
    return this.holder;
  }
}
