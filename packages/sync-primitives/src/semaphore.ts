/**
 * CPython `locks.py` `Semaphore`. What a waiter asks for leaves `value` when it is granted the turn, and comes back if it
 * does not take it. Invariant: `value`, what was granted and what live permits hold is what there was, and what
 * `release()` has added. Live permits are linked in a ring, in the order in which they were taken.
 */
import { completed, type Operation, refuse, RuntimeError } from '@aiokit/loop-core';
import {
  checkWait,
  longestWait,
  type Waiter,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { checkCount } from './internal/check-count.js';
import { giveBack } from './internal/give-back.js';
import { repr } from './internal/repr.js';
import { isStrict, type StrictOptions } from './internal/strict.js';
import { Permit, type PermitOwner } from './permit.js';

/** What `acquire` may be given. */
export interface SemaphoreOptions extends WaitOptions {
  /** How many to take in one; 1 if absent. */
  readonly permits?: number | undefined;
}

/** A permit for several, linked with the others that are live. */
class Share extends Permit {
  declare weight: number;
  declare before: Share;
  declare after: Share;

  constructor(owner: PermitOwner, weight: number) {
    super(owner);
    this.weight = weight;
    this.before = this.after = this;
  }
}

/**
 * Lets so many in at a time.
 *
 * Use it to limit how much goes on at once. To be told of a release too many, use `BoundedSemaphore`, or `strict`.
 *
 * @example
 * const semaphore = new Semaphore(10);
 * const pages = await Promise.all(urls.map((url) => semaphore.with(() => load(url))));
 * @source SEM · CPython 3.13 `asyncio.Semaphore`
 */
export class Semaphore extends Governor<Permit, SemaphoreOptions> {
  /** How many are free. */
  declare protected value: number;
  /** The most that one may ask for. */
  declare protected most: number;
  declare protected readonly queue: WaitQueue<Permit>;
  /** How many have the turn and have not taken it. */
  declare protected granted: number;
  declare private readonly strict: boolean;
  declare private oldest: Share | undefined;

  /**
   * @param value how many there are; a whole number, 0 or more, or Infinity
   * @param options whether only permits release
   * @throws TypeError if `value` is no number, RangeError if it is negative or a fraction
   */
  constructor(value = 1, options?: StrictOptions) {
    super();
    checkCount(value, 'value', 0);
    this.value = value;
    this.strict = isStrict(options);
    this.most = this.strict ? value : Infinity;
    this.queue = new WaitQueue<Permit>(this as unknown as WaitOwner<Permit>);
    this.granted = 0;
    this.oldest = undefined;
  }

  /** Whether a call of `acquire` would wait: nothing is free, or others are first. */
  locked(): boolean {
    return !this.free(1);
  }

  /** Holders and waiters now; O(holders). */
  statistics(): Statistics {
    const { queue } = this;
    let holders = 0;
    let one = this.oldest;
    while (one) {
      holders++;
      one = one.after === this.oldest ? undefined : one.after;
    }
    return { holders, waiting: queue.live, longestWaitMs: longestWait(queue) };
  }

  /**
   * Waits until enough is free, then takes it.
   *
   * @param options `permits` to take in one; `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the permit. Disposing of it gives back all that it holds.
   * @throws CancelledError (`CANCELLED`) if the waiting task is cancelled; nothing is held.
   * @throws the signal's reason if `signal` aborts; TimeoutError (`TIMEOUT`) after `timeoutMs`. Nothing is held.
   * @throws RuntimeError (`OTHER_LOOP`) while others wait on another loop; TypeError or RangeError at once if the options
   * make no sense, as when more is asked for than there can be. Nothing has changed.
   * @ordering First come, first served among live waiters: a small request never passes a large one that came first.
   * @cancellation Queued: the place is given up, and who waited behind is served if there is enough. Already chosen: what
   * was set aside goes to the next. Nothing leaks.
   * @complexity O(1) amortised; one waiter while queued, nothing when free
   * @source SEM-2 · CPython 3.13 Lib/asyncio/locks.py `Semaphore.acquire`; `permits` is ours
   */
  acquire(options?: SemaphoreOptions): Operation<Permit> {
    let permits = 1;
    if (options !== undefined) {
      checkWait(options);
      permits = this.check(options);
      if (options.signal?.aborted) return this.queue.join(options, permits);
    }
    return this.free(permits) ? completed(this.take(permits), giveBack) : this.queue.join(options, permits);
  }

  /**
   * Takes what is free, if that is enough and nobody waits.
   *
   * @param options `permits` to take in one
   * @returns the permit, or null
   * @throws TypeError or RangeError if `permits` makes no sense
   * @complexity O(1)
   * @source SEM-2 · no CPython counterpart
   */
  tryAcquire(options?: Pick<SemaphoreOptions, 'permits'>): Permit | null {
    const permits = options === undefined ? 1 : this.check(options);
    return this.free(permits) ? this.take(permits) : null;
  }

  /**
   * Gives one back, whoever calls: of the oldest live permit, which then ends. If there is none, there is one more.
   *
   * @throws RuntimeError (`STRICT`) if it is strict; nothing has changed
   * @ordering whoever waits first gets the turn, and is resumed in the next iteration
   * @complexity O(1)
   * @source SEM-3 · CPython 3.13 `Semaphore.release`
   */
  release(): void {
    const { oldest } = this;
    if (this.strict) throw new RuntimeError('only a permit releases it', { code: 'STRICT' });
    if (oldest?.weight === 1) oldest.release();
    else {
      if (oldest) oldest.weight--;
      this.give(1);
    }
  }

  /** The semaphore as `util.inspect` shows it. */
  override toString(): string {
    return repr(this, this.locked() ? 'locked' : `unlocked value=${this.value}`, this.queue);
  }

  /** A permit has ended. */
  protected ended(share: Share): void {
    const { before, after } = share;
    before.after = after;
    after.before = before;
    if (this.oldest === share) this.oldest = after === share ? undefined : after;
    this.give(share.weight);
  }

  /** Whoever has the turn takes what was set aside, and lets those in who had to wait for that only. */
  protected deliver({ weight }: Waiter<Permit>): Permit {
    this.granted--;
    this.left();
    return this.hold(weight);
  }

  /** Whoever had the turn does not want it. */
  protected passed({ weight }: Waiter<Permit>): void {
    this.granted--;
    this.value += weight;
    this.left();
  }

  /** Wakes as many as there is enough for. */
  protected left(): void {
    while (this.wake());
  }

  /** Adds to what is free. As many are woken as could need it: the others are woken by them. */
  protected give(count: number): void {
    this.value += count;
    if (this.queue.live === 0) return;
    for (let left = count; left > 0 && this.wake(); ) left--;
  }

  private wake(): boolean {
    const { first } = this.queue;
    if (!first || first.weight > this.value) return false;
    this.value -= first.weight;
    this.granted++;
    this.queue.grant();
    return true;
  }

  private free(permits: number): boolean {
    return this.value >= permits && this.granted === 0 && this.queue.live === 0;
  }

  private take(permits: number): Permit {
    this.value -= permits;
    return this.hold(permits);
  }

  private hold(permits: number): Permit {
    const share = new Share(this as unknown as PermitOwner, permits);
    const { oldest } = this;
    if (oldest === undefined) this.oldest = share;
    else {
      share.after = oldest;
      share.before = oldest.before;
      oldest.before = oldest.before.after = share;
    }
    return share;
  }

  private check({ permits = 1 }: SemaphoreOptions): number {
    checkCount(permits, 'permits', 1);
    if (permits > this.most || permits === Infinity)
      refuse('permits', `at most ${this.most}`, permits, RangeError);
    return permits;
  }
}
