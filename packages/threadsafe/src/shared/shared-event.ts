/** A flag that threads wait for. */
import { completed, type Operation } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { EVENT_KIND } from './bury.js';
import { awaitFlag, FLAG, GATHERING_WORDS, setFlag, withdrawGathering } from './gathering.js';
import { COUNT, IDLE, LINE, WAITING, WAITS } from './layout.js';
import { checkMemory, type FromOptions, memoryOf, type SharedHandle, SharedPrimitive } from './primitive.js';
import { SharedLine } from './shared-line.js';
import type { SharedMemory } from './shared-memory.js';
import { checkSleep } from './check-sleep.js';
import { sleep } from './sleep.js';
import { timedOut } from './timed-out.js';

/**
 * An event that threads share.
 *
 * @source SHARED-4 · CPython `threading.Event`
 * @example
 * const ready = new SharedEvent(new SharedMemory());
 * ready.set();
 * await ready.wait(); // true
 */
export class SharedEvent extends SharedPrimitive {
  readonly #line: SharedLine<true>;

  /**
   * @param memory where it is made
   * @param at where it lies already; undefined makes it
   * @throws TypeError if `memory` is none; RangeError if it is full
   */
  constructor(memory: SharedMemory, at?: number) {
    checkMemory(memory);
    super(memory, at ?? memory.make([EVENT_KIND], [GATHERING_WORDS], () => {}));
    const { connection } = this;
    this.#line = new SharedLine<true>(connection, {
      deliver: (node) => {
        Atomics.store(connection.m, node, IDLE);
        connection.drop(node);
        return true;
      },
      withdraw: (node) => withdrawGathering(connection, this.at, node),
      reason: timedOut,
      toString: () => this.toString(),
    });
  }

  /**
   * The event that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name
   * @throws TypeError if it is no handle of an event
   * @source SHARED-1 · no CPython counterpart
   */
  static from(handle: SharedHandle<'SharedEvent'>, options: FromOptions = {}): SharedEvent {
    return new SharedEvent(memoryOf(handle, 'SharedEvent', EVENT_KIND, options.name), handle.at);
  }

  get handle(): SharedHandle<'SharedEvent'> {
    return { kind: 'SharedEvent', memory: this.memory.handle, at: this.at };
  }

  /** Whether it is set. */
  isSet(): boolean {
    return Atomics.load(this.connection.m, this.at + FLAG) !== 0;
  }

  /** How many of all threads wait. */
  get waiting(): number {
    return Atomics.load(this.connection.m, this.at + LINE + COUNT);
  }

  /**
   * Sets it, and wakes everybody who waits, also if it is cleared right after.
   *
   * @complexity O(waiters)
   * @source SHARED-4 · CPython `threading.Event.set`
   */
  set(): void {
    this.soon(() => setFlag(this.connection, this.at, 1));
  }

  /**
   * Clears it: who comes from now on waits.
   *
   * @complexity O(1)
   * @source SHARED-4 · CPython `threading.Event.clear`
   */
  clear(): void {
    this.soon(() => setFlag(this.connection, this.at, 0));
  }

  /**
   * Waits until it is set, without blocking.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns true
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`)
   * @ordering all who wait are woken
   * @cancellation the place is given up; nobody else is affected
   * @complexity O(1)
   * @source SHARED-4 · CPython 3.13 `asyncio.Event.wait`
   */
  wait(options?: WaitOptions): Operation<true> {
    checkWait(options);
    if (this.isSet() && !this.#line.behind && !options?.signal?.aborted) return completed<true>(true);
    const { connection, at } = this;
    const node = connection.node();
    return this.#line.wait(options, node, () => awaitFlag(connection, at, node));
  }

  /**
   * Waits until it is set, blocking the thread.
   *
   * @param options as for `wait`; a signal counts only if it has aborted already
   * @returns true
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `wait`; CPython returns false when the time is up
   * @complexity O(1)
   * @source SHARED-4 · CPython `threading.Event.wait`
   */
  waitSync(options?: WaitOptions): true {
    const { connection, at } = this;
    const timeoutMs = checkSleep(connection, options);
    if (this.isSet()) return true;
    if (!(timeoutMs > 0)) throw timedOut();
    const node = connection.node();
    let state = -1;
    if (awaitFlag(connection, at, node) === WAITS) {
      sleep(connection, node, timeoutMs);
      state = withdrawGathering(connection, at, node);
    }
    connection.drop(node);
    if (state === WAITING) throw timedOut();
    return true;
  }

  /** As `util.inspect` shows it. */
  override toString(): string {
    const { waiting } = this;
    return `<SharedEvent ${this.isSet() ? 'set' : 'unset'}${waiting > 0 ? ` waiters=${waiting}` : ''}>`;
  }
}
