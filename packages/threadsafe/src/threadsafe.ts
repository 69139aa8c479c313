/** No CPython counterpart. Invariant: the count is the sum of what was added. */

/** Counts what is added to it. */
export class Threadsafe {
  #count = 0;

  /** The sum of what was added. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds to the count.
   *
   * @param amount how much; a safe integer
   * @returns the new count
   * @throws RangeError if `amount` is not a safe integer; the count is as it was
   * @complexity O(1)
   * @source no CPython counterpart
   * @example new Threadsafe().add(2) // 2
   */
  add(amount: number): number {
    if (!Number.isSafeInteger(amount)) {
      throw new RangeError(`amount must be a safe integer, got ${String(amount)}`);
    }
    this.#count += amount;
    return this.#count;
  }
}
