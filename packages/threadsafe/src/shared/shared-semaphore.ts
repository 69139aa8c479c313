/** Lets so many in at a time, of all threads together. */
import { refuse } from '@aiokit/loop-core';
import { GATE_KIND } from './bury.js';
import { type FromOptions, memoryOf, type SharedHandle } from './primitive.js';
import { makeGate, SharedGate } from './shared-gate.js';
import type { SharedMemory } from './shared-memory.js';

/**
 * A semaphore that threads share. What is acquired is released by its token only.
 *
 * @source SHARED-2 · CPython `threading.BoundedSemaphore`
 * @example
 * const connections = new SharedSemaphore(new SharedMemory(), 4);
 * const token = await connections.acquire();
 * token.release();
 */
export class SharedSemaphore extends SharedGate {
  protected readonly what = 'semaphore';

  /**
   * @param memory where it is made
   * @param permits how many there are; 1 or more
   * @param at where it lies already; undefined makes it
   * @throws TypeError or RangeError if an argument makes no sense, or the memory is full
   */
  constructor(memory: SharedMemory, permits: number, at?: number) {
    if (!Number.isInteger(permits)) refuse('permits', 'a whole number, 1 or more', permits);
    if (permits < 1 || permits >= 2 ** 31)
      refuse('permits', '1 or more, and less than 2³¹', permits, RangeError);
    super(memory, at ?? makeGate(memory, permits));
  }

  /**
   * The semaphore that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name
   * @throws TypeError if it is no handle of a semaphore
   * @source SHARED-1 · no CPython counterpart
   */
  static from(handle: SharedHandle<'SharedSemaphore'>, options: FromOptions = {}): SharedSemaphore {
    return new SharedSemaphore(memoryOf(handle, 'SharedSemaphore', GATE_KIND, options.name), 1, handle.at);
  }

  get handle(): SharedHandle<'SharedSemaphore'> {
    return { kind: 'SharedSemaphore', memory: this.memory.handle, at: this.at };
  }
}
