/** Promises by hand: a lock and a semaphore with a list of those who wait, and one promise for an event. */
import { acquireWorkloads, inBothRows, wakeWorkload } from './async-functions.mjs';

class Places {
  #free;
  #waiting = [];
  #next = 0;

  constructor(places) {
    this.#free = places;
  }

  acquire() {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  release() {
    if (this.#next === this.#waiting.length) {
      this.#free++;
      return;
    }
    const resolve = this.#waiting[this.#next];
    this.#waiting[this.#next++] = undefined;
    if (this.#next * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    resolve();
  }
}

export const lockWorkloads = inBothRows({
  ...acquireWorkloads(
    (places) => new Places(places),
    (lock) => lock.acquire(),
    (lock) => lock.release(),
  ),
  'event-wake': wakeWorkload(() => {
    let set;
    const event = new Promise((resolve) => {
      set = resolve;
    });
    return { wait: () => event, set };
  }),
});
