/** A ring of items. Its size is a power of two: doubled when it is full, halved when three quarters of it are free. */

const LEAST = 8;

export class Ring<T> {
  length = 0;
  #slots: (T | undefined)[] = [];
  #head = 0;

  push(item: T): void {
    if (this.length === this.#slots.length) this.#resize(this.length * 2 || LEAST);
    this.#slots[(this.#head + this.length++) & (this.#slots.length - 1)] = item;
  }

  /** The first; the ring must have one. */
  shift(): T {
    const slots = this.#slots;
    const head = this.#head;
    const item = slots[head] as T;
    slots[head] = undefined;
    this.#head = (head + 1) & (slots.length - 1);
    if (--this.length < slots.length / 4 && slots.length > LEAST) this.#resize(slots.length / 2);
    return item;
  }

  /** Forgets the last; the ring must have one. */
  drop(): void {
    this.#slots[(this.#head + --this.length) & (this.#slots.length - 1)] = undefined;
  }

  #resize(size: number): void {
    const slots = this.#slots;
    const next: (T | undefined)[] = [];
    for (let at = 0; at < size; at++)
      next.push(at < this.length ? slots[(this.#head + at) & (slots.length - 1)] : undefined);
    this.#slots = next;
    this.#head = 0;
  }
}
