/** CPython `queues.py`, `LifoQueue`. Invariant: `#order` numbers the items of `#items`, in ascending order. */
import { Queue } from './queue.js';

/**
 * A queue that delivers what was put last.
 *
 * Use it where the newest matters most. An old item may never be delivered while new ones come.
 *
 * @source QUEUE-10 · CPython `asyncio.LifoQueue`
 */
export class LifoQueue<T> extends Queue<T> {
  readonly #items: T[] = [];
  readonly #order: number[] = [];
  #put = 0;

  protected override init(): void {}

  protected override putItem(item: T): void {
    this.#insert(item, this.#put++);
  }

  protected override getItem(): T {
    this.place = this.#order.pop() as number;
    return this.#items.pop() as T;
  }

  protected override dropLast(count: number): void {
    this.#items.length = this.#order.length -= count;
  }

  protected override itemCount(): number {
    return this.#items.length;
  }

  protected override returnItem(item: T, place: number): void {
    this.#insert(item, place);
  }

  #insert(item: T, place: number): void {
    const order = this.#order;
    let at = order.length;
    while (at > 0 && (order[at - 1] as number) > place) at--;
    if (at === order.length) {
      order.push(place);
      this.#items.push(item);
    } else {
      order.splice(at, 0, place);
      this.#items.splice(at, 0, item);
    }
  }
}
