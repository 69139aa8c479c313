/**
 * Pending timers, by deadline and order of creation.
 *
 * A new timer goes into an unordered nursery, where cancelling it is emptying its slot: most timers are time-outs that
 * are cancelled there. What is left when the loop asks for a deadline moves into a heap of four children a node, whose
 * keys lie apart in an array of doubles. In the heap a cancelled timer is only counted; when most of the heap is
 * cancelled, it is built anew.
 *
 * `place` of a pending timer: its index in the nursery, or in the heap -1 less its number in order of creation.
 */
import type { Call } from '../host-scheduler.js';

export class TimerQueue {
  #nursery: (Call | undefined)[] = [];
  #heap: Call[] = [];
  #keys: number[] = [];
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
    this.size--;
    if (place < 0) {
      if (2 * ++this.#cancelled > this.#heap.length + 50) this.#rebuild();
    } else if (place === nursery.length - 1) nursery.pop();
    else nursery[place] = undefined;
  }

  /** The first deadline, Infinity if there is none. */
  next(): number {
    const nursery = this.#nursery;
    if (nursery.length > 0) {
      this.#nursery = [];
      for (const timer of nursery) {
        if (!timer) continue;
        timer.place = --this.#moved;
        this.#push(timer);
      }
    }
    while (this.#cancelled > 0 && this.#heap.length > 0 && (this.#heap[0] as Call).cancelled()) {
      this.#cancelled--;
      this.#pop();
    }
    return this.#heap.length > 0 ? (this.#keys[0] as number) : Infinity;
  }

  /** Takes out the first timer, which there is: `next()` was finite. */
  shift(): Call {
    const timer = this.#heap[0] as Call;
    this.size--;
    timer.place = undefined;
    this.#pop();
    return timer;
  }

  clear(): void {
    this.#nursery = [];
    this.#heap = [];
    this.#keys = [];
    this.#cancelled = this.size = 0;
  }

  #rebuild(): void {
    const heap = this.#heap;
    this.#heap = [];
    this.#keys = [];
    this.#cancelled = 0;
    for (const timer of heap) if (!timer.cancelled()) this.#push(timer);
  }

  /** Whether the timer at `index` comes after another with this key and place. */
  #after(index: number, key: number, place: unknown): boolean {
    const other = this.#keys[index] as number;
    return other > key || (other === key && ((this.#heap[index] as Call).place as number) < (place as number));
  }

  #set(index: number, timer: Call, key: number): void {
    this.#heap[index] = timer;
    this.#keys[index] = key;
  }

  #push(timer: Call): void {
    const key = timer.when();
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (!this.#after(parent, key, timer.place)) break;
      this.#set(at, this.#heap[parent] as Call, this.#keys[parent] as number);
      at = parent;
    }
    this.#set(at, timer, key);
  }

  #pop(): void {
    const keys = this.#keys;
    const heap = this.#heap;
    const timer = heap.pop() as Call;
    const key = keys.pop() as number;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = at * 4 + 1) {
      for (let other = child + 1, end = Math.min(child + 4, length); other < end; other++) {
        if (this.#after(child, keys[other] as number, (heap[other] as Call).place)) child = other;
      }
      if (this.#after(child, key, timer.place)) break;
      this.#set(at, heap[child] as Call, keys[child] as number);
      at = child;
    }
    this.#set(at, timer, key);
  }
}
