/**
 * Pending timers, by deadline and order of creation, in three places.
 *
 * A new timer goes into the nursery, unordered, where cancelling it is emptying its slot: most timers are time-outs that
 * are cancelled there. What is left when the loop asks for a deadline moves into a heap. While the heap holds more than
 * it is quick with, timers wait outside it in buckets of a millisecond each, and a bucket is emptied into the heap when
 * its time comes: the heap stays small, and in the cache, however many timers there are.
 *
 * In heap and buckets a cancelled timer is only counted; once half are cancelled, all go through the nursery again.
 * `place` of a pending timer: its index in the nursery, later minus its number in order of creation.
 */
import type { Call } from './guest.js';
import { Heap } from './heap.js';

const HEAP_SIZE = 256;

export class TimerQueue {
  #nursery: (Call | undefined)[] = [];
  #heap = new Heap<Call>();
  #buckets = new Heap<Call[] & { place?: unknown }>();
  #slots = new Map<number, Call[]>();
  #moved = 0;
  #cancelled = 0;
  /** How many timers are pending. */
  size = 0;

  add(timer: Call): void {
    this.size++;
    timer.place = this.#nursery.push(timer) - 1;
  }

  /** Takes out a pending timer that has just been cancelled. */
  remove(timer: Call): void {
    const place = timer.place as number;
    const nursery = this.#nursery;
    // After `clear` there is nothing to take out.
    if (this.size === 0) return;
    this.size--;
    if (place >= 0) {
      if (place < nursery.length - 1) nursery[place] = undefined;
      else nursery.pop();
    } else if (++this.#cancelled > this.size + 50) this.#sweep();
  }

  /** The first deadline, Infinity if there is none. */
  next(): number {
    const heap = this.#heap;
    const buckets = this.#buckets;
    if (this.#nursery.length > 0) this.#sort();
    for (;;) {
      const first = heap.items[0];
      if (buckets.items.length > 0 && !(first && (heap.keys[0] as number) < (buckets.keys[0] as number))) {
        this.#slots.delete(buckets.keys[0] as number);
        for (const timer of buckets.pop()) heap.push(timer.when(), timer);
      } else if (first?.cancelled()) {
        this.#cancelled--;
        heap.pop();
      } else return first ? (heap.keys[0] as number) : Infinity;
    }
  }

  /** Takes out the first timer, which there is: `next()` was finite. */
  shift(): Call {
    const timer = this.#heap.pop();
    this.size--;
    timer.place = undefined;
    return timer;
  }

  clear(): void {
    this.#nursery = [];
    this.#heap = new Heap();
    this.#buckets = new Heap();
    this.#slots = new Map();
    this.#cancelled = this.size = 0;
  }

  /** Moves the timers of the nursery to where they are in order. */
  #sort(): void {
    const nursery = this.#nursery;
    this.#nursery = [];
    for (const timer of nursery) {
      if (timer) {
        timer.place = --this.#moved;
        this.#put(timer);
      }
    }
  }

  #put(timer: Call): void {
    const when = timer.when();
    const slot = Math.floor(when);
    const bucket = this.#slots.get(slot);
    if (bucket) bucket.push(timer);
    else if (this.#heap.items.length < HEAP_SIZE) this.#heap.push(when, timer);
    else {
      const made = [timer];
      this.#slots.set(slot, made);
      this.#buckets.push(slot, made);
    }
  }

  /** Drops the cancelled timers of heap and buckets. */
  #sweep(): void {
    const lists = [this.#heap.items, ...this.#buckets.items];
    this.#heap = new Heap();
    this.#buckets = new Heap();
    this.#slots = new Map();
    this.#cancelled = 0;
    for (const list of lists) for (const timer of list) if (!timer.cancelled()) this.#put(timer);
  }
}
