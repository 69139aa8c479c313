/** A semaphore of which the size can change, and which knows who uses it. No CPython counterpart; the idea is trio's. */
import { completed, formatValue, type Operation, RuntimeError } from '@aiokit/loop-core';
import { checkWait, type Waiter, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { checkCount } from './internal/check-count.js';
import { giveBack } from './internal/give-back.js';
import { repr } from './internal/repr.js';
import type { Permit } from './permit.js';
import { Semaphore } from './semaphore.js';

/** What `CapacityLimiter.acquire` may be given. */
export interface BorrowOptions extends WaitOptions {
  /** In whose name; each borrower has one token at most. Without, the permit is the borrower. */
  readonly borrower?: unknown;
}

/** The tokens, and in whose name they are held or waited for. */
class Tokens extends Semaphore {
  /** Whose permits are live, in the order in which they were taken. */
  readonly borrowers = new Map<Permit, unknown>();
  /** Who was named, and holds a token or waits for one. */
  readonly names = new Set<unknown>();
  readonly #waiting = new Map<Waiter<Permit>, unknown>();

  constructor(total: number) {
    super(total, { strict: true });
    this.most = Infinity;
  }

  /** How many are held, or set aside for whoever has the turn. */
  get borrowed(): number {
    return this.borrowers.size + this.granted;
  }

  resize(total: number): void {
    this.value = total - this.borrowed;
    super.left();
  }

  borrow(permit: Permit, borrower: unknown): Permit {
    this.borrowers.set(permit, borrower ?? permit);
    if (borrower !== undefined) this.names.add(borrower);
    return permit;
  }

  wait(options: WaitOptions | undefined, borrower: unknown): Operation<Permit> {
    const waiter = this.queue.join(options);
    if (borrower !== undefined && waiter.live()) {
      this.names.add(borrower);
      this.#waiting.set(waiter, borrower);
    }
    return waiter;
  }

  /** How many are in line. */
  get size(): number {
    return this.queue.size;
  }

  protected override ended(permit: Parameters<Semaphore['ended']>[0]): void {
    this.names.delete(this.borrowers.get(permit));
    this.borrowers.delete(permit);
    super.ended(permit);
  }

  protected override deliver(waiter: Waiter<Permit>): Permit {
    const borrower = this.#waiting.get(waiter);
    this.#waiting.delete(waiter);
    return this.borrow(super.deliver(waiter), borrower);
  }

  protected override passed(waiter: Waiter<Permit>): void {
    this.#forget(waiter);
    super.passed(waiter);
  }

  protected override left(waiter?: Waiter<Permit>): void {
    if (waiter) this.#forget(waiter);
    super.left();
  }

  #forget(waiter: Waiter<Permit>): void {
    this.names.delete(this.#waiting.get(waiter));
    this.#waiting.delete(waiter);
  }
}

/**
 * Limits how much goes on at once, by a limit that can be changed at any time.
 *
 * Use it where the limit follows the load, or where it matters who holds what. For a fixed limit a `Semaphore` is simpler.
 *
 * @example
 * const limiter = new CapacityLimiter(10);
 * limiter.total = 5; // those who are in stay; others wait until fewer than 5 are
 * await limiter.with(async () => work());
 * @source LIMIT · no CPython counterpart
 */
export class CapacityLimiter extends Governor<Permit, BorrowOptions> {
  readonly #tokens: Tokens;
  #total: number;

  /**
   * @param total how many may be in at a time; a whole number, 0 or more, or Infinity
   * @throws TypeError if `total` is no number, RangeError if it is negative or a fraction
   */
  constructor(total: number) {
    super();
    checkCount(total, 'total', 0);
    this.#total = total;
    this.#tokens = new Tokens(total);
  }

  /**
   * How many may be in at a time. Setting it lets in who waits, if there is more; those who are in stay.
   *
   * @throws TypeError if it is set to what is no number, RangeError to a negative one or a fraction; nothing has changed
   */
  get total(): number {
    return this.#total;
  }

  set total(total: number) {
    checkCount(total, 'total', 0);
    this.#total = total;
    this.#tokens.resize(total);
  }

  /** How many are in, or have the turn to be; more than `total` after that was lowered. */
  get borrowed(): number {
    return this.#tokens.borrowed;
  }

  /** How many could come in now. */
  get available(): number {
    return Math.max(0, this.#total - this.borrowed);
  }

  /** Who is in, in the order of coming: the borrowers that were named, else the permits. */
  get borrowers(): unknown[] {
    return [...this.#tokens.borrowers.values()];
  }

  /** Whether a call of `acquire` would wait. */
  locked(): boolean {
    return this.#tokens.locked();
  }

  /** Holders and waiters now. */
  statistics(): Statistics {
    return this.#tokens.statistics();
  }

  /**
   * Waits until there is a token, then takes it.
   *
   * @param options in whose name; `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the permit. Disposing of it gives the token back.
   * @throws RuntimeError (`ALREADY_BORROWING`) at once if the borrower that was named has a token, or waits for one
   * @throws as `Semaphore.acquire`
   * @ordering first come, first served among live waiters
   * @cancellation as `Semaphore.acquire`
   * @complexity O(1) amortised
   * @source LIMIT-2 · no CPython counterpart
   */
  acquire(options?: BorrowOptions): Operation<Permit> {
    checkWait(options);
    const permit = options?.signal?.aborted ? null : this.tryAcquire(options);
    if (permit) return completed(permit, giveBack);
    return this.#tokens.wait(options, options?.borrower);
  }

  /**
   * Takes a token if there is one and nobody waits.
   *
   * @param options in whose name
   * @returns the permit, or null
   * @throws RuntimeError (`ALREADY_BORROWING`) as `acquire`
   * @complexity O(1)
   * @source LIMIT-2 · no CPython counterpart
   */
  tryAcquire(options?: Pick<BorrowOptions, 'borrower'>): Permit | null {
    const borrower = options?.borrower;
    if (borrower !== undefined && this.#tokens.names.has(borrower))
      throw new RuntimeError(`${formatValue(borrower)} has a token, or waits for one`, {
        code: 'ALREADY_BORROWING',
      });
    const permit = this.#tokens.tryAcquire();
    return permit && this.#tokens.borrow(permit, borrower);
  }

  /** The limiter as `util.inspect` shows it. */
  override toString(): string {
    return repr(this, `borrowed=${this.borrowed}/${this.#total}`, { size: this.#tokens.size });
  }
}
