/** The least that brings items of 32 bytes from one thread that blocks to one that awaits: no order among many, no ends. */
const ITEMS = 4096;
const BYTES = 32;

/** Words: how many were put, how many were got. */
const TAIL = 0;
const HEAD = 1;

export class BareRing {
  constructor(buffer = new SharedArrayBuffer(64 + ITEMS * BYTES)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, 16);
    this.bytes = new Uint8Array(buffer, 64);
  }

  put(item) {
    const tail = Atomics.load(this.words, TAIL);
    for (;;) {
      const head = Atomics.load(this.words, HEAD);
      if (tail - head < ITEMS) break;
      Atomics.wait(this.words, HEAD, head);
    }
    this.bytes.set(item, (tail % ITEMS) * BYTES);
    Atomics.store(this.words, TAIL, tail + 1);
    Atomics.notify(this.words, TAIL);
  }

  /** What is there, up to `max` items; undefined or a promise if nothing is. */
  take(max) {
    const head = Atomics.load(this.words, HEAD);
    const count = Math.min(max, Atomics.load(this.words, TAIL) - head);
    const items = [];
    for (let at = head; at < head + count; at++) {
      const from = (at % ITEMS) * BYTES;
      items.push(this.bytes.slice(from, from + BYTES));
    }
    if (count === 0) return Atomics.waitAsync(this.words, TAIL, head).value;
    Atomics.store(this.words, HEAD, head + count);
    Atomics.notify(this.words, HEAD);
    return items;
  }

  async get(max) {
    for (;;) {
      const taken = this.take(max);
      if (Array.isArray(taken)) return taken;
      await taken;
    }
  }
}
