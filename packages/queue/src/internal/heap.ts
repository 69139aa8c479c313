/**
 * A binary heap that is stable: among equals the lower `order` comes first.
 *
 * Invariant: a comparator that throws leaves the heap as it was, so places are found before anything is moved.
 */

export interface Entry<T> {
  readonly item: T;
  readonly order: number;
}

export class Heap<T> {
  readonly #entries: Entry<T>[] = [];
  readonly #compare: (one: T, other: T) => number;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#entries.length;
  }

  push(entry: Entry<T>): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0 && this.#precedes(entry, entries[(at - 1) >> 1] as Entry<T>)) at = (at - 1) >> 1;
    for (let from = entries.length; from > at; from = (from - 1) >> 1)
      entries[from] = entries[(from - 1) >> 1] as Entry<T>;
    entries[at] = entry;
  }

  /** The first; the heap must have one. */
  pop(): Entry<T> {
    const entries = this.#entries;
    const last = entries.length - 1;
    const moved = entries[last] as Entry<T>;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      const right = child + 1;
      if (right < last && this.#precedes(entries[right] as Entry<T>, entries[child] as Entry<T>))
        child = right;
      if (!this.#precedes(entries[child] as Entry<T>, moved)) break;
      at = child;
    }
    // The path up from where the last one goes moves up by one: what falls out at the top is the first.
    let entry = entries.pop() as Entry<T>;
    if (last > 0) {
      for (; ; at = (at - 1) >> 1) {
        const above = entries[at] as Entry<T>;
        entries[at] = entry;
        entry = above;
        if (at === 0) break;
      }
    }
    return entry;
  }

  #precedes(one: Entry<T>, other: Entry<T>): boolean {
    const order = this.#compare(one.item, other.item);
    return order < 0 || (!(order > 0) && one.order < other.order);
  }
}
