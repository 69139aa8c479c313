/** The smallest primitive over a wait queue: items that are handed over, and that must not be lost. */
import { completed, type Operation } from '@aiokit/loop-core';
import { WaitQueue, type WaitOwner } from '@aiokit/loop-core/wait-queue';

/** An unbounded queue of items. */
export class TinyQueue<T> implements WaitOwner<T> {
  readonly queue: WaitQueue<T> = new WaitQueue<T>(this);
  readonly items: T[] = [];
  /** How many items are granted and not taken yet. */
  reserved = 0;

  put(item: T): void {
    this.items.push(item);
    this.#wake();
  }

  get(): Operation<T> {
    if (this.items.length <= this.reserved) return this.queue.join();
    return completed(this.items.shift() as T, {
      abandoned: (item) => {
        this.items.unshift(item);
        this.#wake();
      },
    });
  }

  deliver(): T {
    this.reserved--;
    return this.items.shift() as T;
  }

  passed(): void {
    this.reserved--;
    this.#wake();
  }

  #wake(): void {
    while (this.reserved < this.items.length && this.queue.grant()) this.reserved++;
  }
}
