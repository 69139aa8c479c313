/** CPython `queues.py`, `PriorityQueue`, with an order among equals. */
import { refuse } from '@aiokit/loop-core';
import { Heap } from './internal/heap.js';
import { Queue } from './queue.js';

/** How a `PriorityQueue` orders its items. */
export interface PriorityQueueOptions<T> {
  /** Negative if `one` comes first, positive if `other` does, else 0; by `<` if absent, arrays item by item. */
  readonly compare?: ((one: T, other: T) => number) | undefined;
}

/** Whether `<` puts it in an order. */
const hasOrder = (item: unknown): boolean =>
  !/function|symbol|undefined/.test(typeof item) &&
  (typeof item !== 'object' || typeof item?.valueOf() !== 'object') &&
  !Number.isNaN(item);

/** As Python compares: arrays as tuples, everything else by `<`. */
function compareItems(one: unknown, other: unknown): number {
  if (Array.isArray(one) && Array.isArray(other)) {
    for (let at = 0; at < one.length && at < other.length; at++) {
      const order = compareItems(one[at], other[at]);
      if (order) return order;
    }
    return one.length - other.length;
  }
  for (const item of [one, other]) {
    if (!hasOrder(item))
      refuse('an item', 'a number, string, date or array of such, or there must be a comparator', item);
  }
  return (one as number) < (other as number) ? -1 : (one as number) > (other as number) ? 1 : 0;
}

/**
 * A queue that delivers the smallest item that is there when it is delivered.
 *
 * Items are numbers, strings, dates, or arrays that begin with the priority, unless a comparator is given. Equal ones
 * come in the order in which they were put.
 *
 * @source QUEUE-10 · CPython `asyncio.PriorityQueue`
 */
export class PriorityQueue<T> extends Queue<T> {
  readonly #heap: Heap<T>;
  #put = 0;

  /**
   * @param maxsize how many items it takes; 0, `Infinity` or absent means any number
   * @param options the comparator; if it throws, the `put` or `get` that called it fails and the queue is as it was
   * @throws TypeError if the comparator is not a function; TypeError or RangeError for `maxsize`, as `Queue`
   */
  constructor(maxsize: number = 0, { compare = compareItems }: PriorityQueueOptions<T> = {}) {
    super(maxsize);
    if (typeof compare !== 'function') refuse('compare', 'a function', compare);
    this.#heap = new Heap(compare);
  }

  protected override init(): void {}

  protected override putItem(item: T): void {
    this.#heap.push({ item, order: this.#put });
    this.#put++;
  }

  protected override getItem(): T {
    const { item, order } = this.#heap.pop();
    this.place = order;
    return item;
  }

  protected override dropLast(count: number): void {
    for (; count > 0; count--) this.#heap.unpush(--this.#put);
  }

  protected override itemCount(): number {
    return this.#heap.length;
  }

  protected override returnItem(item: T, place: number): void {
    this.#heap.giveBack({ item, order: place });
  }
}
