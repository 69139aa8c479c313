/** What is held of a lock or semaphore that threads share. Invariant: it has a node while it holds. */
import type { SharedGate } from './shared-gate.js';
import { INSPECT } from './primitive.js';

/**
 * A hold on a shared lock, or a permit of a shared semaphore.
 *
 * `using token = await lock.acquire()`. It releases once, whoever disposes of it; a second time does nothing. It belongs to
 * the thread that acquired it.
 *
 * @source SHARED-2 · TC39 structs, `Atomics.Mutex.UnlockToken`
 */
export class SharedToken {
  #gate: SharedGate | undefined;
  #node: number;

  constructor(gate: SharedGate, node: number) {
    this.#gate = gate;
    this.#node = node;
  }

  /** Whether it holds something still. */
  get live(): boolean {
    return this.#gate !== undefined;
  }

  /** The node, if it holds something of a gate. Called by conditions. */
  nodeOf(gate: SharedGate): number | undefined {
    const own = this.#gate;
    return own?.memory === gate.memory && own.unit === gate.unit ? this.#node : undefined;
  }

  /** Ends the hold without releasing, or begins it again. Called by conditions. */
  hold(gate: SharedGate | undefined, node: number): void {
    this.#gate = gate;
    this.#node = node;
  }

  /**
   * Ends it: who waits first is next.
   *
   * @complexity O(1)
   * @source SHARED-2 · CPython `threading.Lock.release`
   */
  release(): void {
    const gate = this.#gate;
    this.#gate = undefined;
    gate?.give(this.#node);
  }

  /** `release()`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** The token, and what it is a hold on. */
  toString(): string {
    return `<SharedToken ${this.#gate === undefined ? 'ended' : `of ${String(this.#gate)}`}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
