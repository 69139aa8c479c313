/**
 * A binary heap that is stable: among equals the lower `order` comes first.
 *
 * Invariant: a comparator that throws leaves the heap as it was, so places are found before anything is moved. What comes
 * back must not be refused: it is compared when the heap is used next.
 */

export interface Entry<T> {
  readonly item: T;
  readonly order: number;
}

export class Heap<T> {
  readonly #entries: Entry<T>[] = [];
  readonly #returned: Entry<T>[] = [];
  readonly #compare: (one: T, other: T) => number;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#entries.length + this.#returned.length;
  }

  push(entry: Entry<T>): void {
    this.#settle();
    this.#insert(entry);
  }

  /** The first; the heap must have one. */
  pop(): Entry<T> {
    this.#settle();
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
    return this.#pullOut((entries[0] as Entry<T>).order, at);
  }

  /** Undoes the last `push`, of an entry of that order. */
  unpush(order: number): void {
    this.#pullOut(order, (this.#entries.length - 2) >> 1);
  }

  /** Takes an entry back; it calls no comparator. */
  giveBack(entry: Entry<T>): void {
    this.#returned.push(entry);
  }

  #settle(): void {
    const returned = this.#returned;
    for (; returned.length > 0; returned.pop()) this.#insert(returned[returned.length - 1] as Entry<T>);
  }

  #insert(entry: Entry<T>): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0 && this.#precedes(entry, entries[(at - 1) >> 1] as Entry<T>)) at = (at - 1) >> 1;
    for (let from = entries.length; from > at; from = (from - 1) >> 1)
      entries[from] = entries[(from - 1) >> 1] as Entry<T>;
    entries[at] = entry;
  }

  /** The last one goes to a place, and the path up from there moves up by one, until the wanted one falls out. */
  #pullOut(order: number, at: number): Entry<T> {
    const entries = this.#entries;
    let entry = entries.pop() as Entry<T>;
    for (; entry.order !== order; at = (at - 1) >> 1) {
      const above = entries[at] as Entry<T>;
      entries[at] = entry;
      entry = above;
    }
    return entry;
  }

  #precedes(one: Entry<T>, other: Entry<T>): boolean {
    const order = this.#compare(one.item, other.item);
    return order < 0 || (!(order > 0) && one.order < other.order);
  }
}
