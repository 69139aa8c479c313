/** Lets one thread in at a time. */
import { GATE_KIND } from './bury.js';
import { type FromOptions, memoryOf, type SharedHandle } from './primitive.js';
import { makeGate, SharedGate } from './shared-gate.js';
import type { SharedMemory } from './shared-memory.js';

/**
 * A lock that threads share: `await` it on a loop, block for it in a worker.
 *
 * @source SHARED-2 · TC39 structs `Atomics.Mutex`; CPython `threading.Lock`
 * @example
 * const lock = new SharedLock(new SharedMemory());
 * const token = await lock.acquire();
 * token.release();
 */
export class SharedLock extends SharedGate {
  protected readonly what = 'lock';

  /**
   * @param memory where it is made
   * @param at where it lies already; undefined makes it
   * @throws TypeError if `memory` is none; RangeError if it is full
   */
  constructor(memory: SharedMemory, at?: number) {
    super(memory, at ?? makeGate(memory, 1));
  }

  /**
   * The lock that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name
   * @throws TypeError if it is no handle of a lock
   * @source SHARED-1 · no CPython counterpart
   */
  static from(handle: SharedHandle<'SharedLock'>, options: FromOptions = {}): SharedLock {
    return new SharedLock(memoryOf(handle, 'SharedLock', GATE_KIND, options.name), handle.at);
  }

  get handle(): SharedHandle<'SharedLock'> {
    return { kind: 'SharedLock', memory: this.memory.handle, at: this.at };
  }
}
