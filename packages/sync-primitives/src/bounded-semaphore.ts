/** CPython `locks.py` `BoundedSemaphore`. Invariant: never more is free than at the beginning. */
import type { StrictOptions } from './internal/strict.js';
import { Semaphore } from './semaphore.js';

/**
 * A semaphore that refuses a release too many.
 *
 * @source SEM-4 · CPython 3.13 `asyncio.BoundedSemaphore`
 */
export class BoundedSemaphore extends Semaphore {
  /**
   * @param value how many there are; a whole number, 0 or more, or Infinity
   * @param options whether only permits release
   * @throws TypeError if `value` is no number, RangeError if it is negative or a fraction
   */
  constructor(value = 1, options?: StrictOptions) {
    super(value, options);
    this.most = value;
  }

  /**
   * As of a `Semaphore`, but it refuses to make more free than there were.
   *
   * @throws RangeError if nothing was taken; RuntimeError (`STRICT`) if it is strict; nothing has changed
   * @ordering whoever waits first gets the turn, and is resumed in the next iteration
   * @complexity O(1)
   * @source SEM-4 · CPython 3.13 `BoundedSemaphore.release`
   */
  override release(): void {
    if (this.value >= this.most) throw new RangeError('BoundedSemaphore released too many times');
    super.release();
  }

  protected override give(count: number): void {
    // Of infinitely many, nothing is ever missing.
    super.give(Math.min(count, this.most - this.value || 0));
  }
}
