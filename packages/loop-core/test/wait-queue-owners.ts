/** The smallest primitives over a wait queue: permits that are counted, and items that are handed over. */
import type { Awaitable } from '@aiokit/loop-core';
import {
  checkWait,
  type Waiter,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';

/** A permit of a semaphore; releasing it twice does nothing. */
export class Permit {
  #give: (() => void) | undefined;

  constructor(give: () => void) {
    this.#give = give;
  }

  release(): void {
    const give = this.#give;
    this.#give = undefined;
    give?.();
  }
}

/** A counting semaphore. Who asks for more than there is keeps those behind waiting too. */
export class TinySemaphore implements WaitOwner<Permit> {
  readonly queue: WaitQueue<Permit>;
  value: number;

  constructor(value: number) {
    this.value = value;
    this.queue = this.makeQueue();
  }

  acquire(options?: WaitOptions, weight = 1): Waiter<Permit> {
    checkWait(options);
    const free = this.isFree(weight);
    const waiter = this.queue.join(free ? undefined : options, weight);
    if (free) this.serve(waiter);
    return waiter;
  }

  deliver({ weight }: Waiter<Permit>): Permit {
    return new Permit(() => this.release(weight));
  }

  passed({ weight }: Waiter<Permit>): void {
    this.release(weight);
  }

  left(): void {
    this.wake();
  }

  release(weight: number): void {
    this.value += weight;
    this.wake();
  }

  toString(): string {
    return '<TinySemaphore>';
  }

  protected makeQueue(): WaitQueue<Permit> {
    return new WaitQueue<Permit>(this);
  }

  protected isFree(weight: number): boolean {
    return this.queue.live === 0 && this.value >= weight;
  }

  protected wake(): void {
    for (let next = this.queue.first; next && next.weight <= this.value; next = this.queue.first)
      this.serve(next);
  }

  protected serve({ weight }: Waiter<Permit>): void {
    this.value -= weight;
    this.queue.grant();
  }
}

/** An unbounded queue of items. */
export class TinyQueue<T> implements WaitOwner<T> {
  readonly queue: WaitQueue<T> = new WaitQueue<T>(this);
  readonly items: T[] = [];
  /** How many items are granted and not taken yet. */
  reserved = 0;

  put(item: T): void {
    this.items.push(item);
    this.wake();
  }

  get(options?: WaitOptions): Waiter<T> {
    checkWait(options);
    const free = this.queue.live === 0 && this.reserved < this.items.length;
    const waiter = this.queue.join(free ? undefined : options);
    this.wake();
    return waiter;
  }

  /** Ends every wait. */
  close(reason: unknown): void {
    for (let next = this.queue.first; next; next = this.queue.first) next.abort(reason);
  }

  deliver(_waiter: Waiter<T>): T {
    this.reserved--;
    return this.items.shift() as T;
  }

  passed(_waiter: Waiter<T>): void {
    this.reserved--;
    this.wake();
  }

  protected wake(): void {
    while (this.reserved < this.items.length && this.queue.grant()) this.reserved++;
  }
}

/** A condition over a semaphore of one, as asyncio's is over a lock. */
export class TinyCondition implements WaitOwner<true> {
  readonly queue: WaitQueue<true> = new WaitQueue<true>(this);
  readonly lock = new TinySemaphore(1);

  /** Gives the permit up, waits to be notified, and returns a new permit; passes the notification on if it fails. */
  *wait(permit: Permit): Generator<Awaitable<unknown>, Permit> {
    permit.release();
    let failure: { error: unknown } | undefined;
    try {
      yield* this.queue.join();
    } catch (error) {
      failure = { error };
    }
    let again: Permit | undefined;
    while (!again) {
      try {
        again = yield* this.lock.acquire();
      } catch (error) {
        failure = { error };
      }
    }
    if (!failure) return again;
    this.notify();
    again.release();
    throw failure.error;
  }

  notify(): void {
    this.queue.grant();
  }

  deliver(): true {
    return true;
  }

  passed(): void {
    this.notify();
  }
}
