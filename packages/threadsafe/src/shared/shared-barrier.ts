/** Threads that wait for one another. */
import { type Operation, refuse } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { BARRIER_KIND } from './bury.js';
import { brokenError } from './errors.js';
import { arrive, breakBarrier, GATHERING_WORDS, PARTIES, withdrawGathering } from './gathering.js';
import { COUNT, FAILED, IDLE, IS_BROKEN, LINE, WAITING, WAITS, WEIGHT, GRANTED } from './layout.js';
import { checkMemory, type FromOptions, memoryOf, type SharedHandle, SharedPrimitive } from './primitive.js';
import { SharedLine } from './shared-line.js';
import type { SharedMemory } from './shared-memory.js';
import { checkSleep } from './check-sleep.js';
import { sleep } from './sleep.js';
import { timedOut } from './timed-out.js';

/**
 * A barrier that threads share: so many wait until all have come.
 *
 * @source SHARED-4 · CPython `threading.Barrier`
 * @example
 * const barrier = new SharedBarrier(new SharedMemory(), 2);
 * await Promise.all([barrier.wait(), barrier.wait()]); // [0, 1]
 */
export class SharedBarrier extends SharedPrimitive {
  readonly #line: SharedLine<number>;

  /**
   * @param memory where it is made
   * @param parties how many must come
   * @param at where it lies already; undefined makes it
   * @throws TypeError or RangeError if an argument makes no sense, or the memory is full
   */
  constructor(memory: SharedMemory, parties: number, at?: number) {
    checkMemory(memory);
    if (!Number.isInteger(parties)) refuse('parties', 'a whole number, 1 or more', parties);
    if (parties < 1 || parties >= 2 ** 31)
      refuse('parties', '1 or more, and less than 2³¹', parties, RangeError);
    const { m } = memory.connection;
    super(
      memory,
      at ??
        memory.make([BARRIER_KIND], [GATHERING_WORDS], (unit) => {
          m[unit + PARTIES] = parties;
        }),
    );
    const { connection } = this;
    this.#line = new SharedLine<number>(connection, {
      deliver: (node) => {
        const index = m[node + WEIGHT] as number;
        Atomics.store(m, node, IDLE);
        connection.drop(node);
        return index;
      },
      withdraw: (node) => withdrawGathering(connection, this.at, node),
      reason: () => this.#reason(),
      toString: () => this.toString(),
    });
  }

  /**
   * The barrier that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name
   * @throws TypeError if it is no handle of a barrier
   * @source SHARED-1 · no CPython counterpart
   */
  static from(handle: SharedHandle<'SharedBarrier'>, options: FromOptions = {}): SharedBarrier {
    return new SharedBarrier(memoryOf(handle, 'SharedBarrier', BARRIER_KIND, options.name), 1, handle.at);
  }

  get handle(): SharedHandle<'SharedBarrier'> {
    return { kind: 'SharedBarrier', memory: this.memory.handle, at: this.at };
  }

  /** How many must come. */
  get parties(): number {
    return this.connection.m[this.at + PARTIES] as number;
  }

  /** How many have come and wait. */
  get waiting(): number {
    return Atomics.load(this.connection.m, this.at + LINE + COUNT);
  }

  /** Whether it is broken: aborted, or a thread that waited has ended. */
  get broken(): boolean {
    return Atomics.load(this.connection.m, this.at + IS_BROKEN) !== 0;
  }

  /**
   * Waits until all have come, without blocking.
   *
   * @param options `signal` and `timeoutMs` end the wait: the barrier waits for one more then
   * @returns how many came before
   * @throws BrokenBarrierError (`BROKEN_BARRIER`) after `abort()`, or a `reset()` meanwhile; OwnerDiedError (`OWNER_DIED`)
   * naming the thread that waited and has ended
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`)
   * @ordering all are woken in the order in which they came
   * @cancellation the place is given up; once all have come, nothing changes for the others
   * @complexity O(1), for the last O(parties)
   * @source SHARED-4 · CPython 3.13 `asyncio.Barrier.wait`
   */
  wait(options?: WaitOptions): Operation<number> {
    checkWait(options);
    const { connection, at } = this;
    const node = connection.node();
    return this.#line.wait(options, node, () => arrive(connection, at, node));
  }

  /**
   * As `wait`, blocking the thread.
   *
   * @param options as for `wait`; a signal counts only if it has aborted already
   * @returns how many came before
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `wait`. CPython breaks the barrier when the time is up.
   * @complexity O(1), for the last O(parties)
   * @source SHARED-4 · CPython `threading.Barrier.wait`
   */
  waitSync(options?: WaitOptions): number {
    const { connection, at } = this;
    const timeoutMs = checkSleep(connection, options);
    if (!(timeoutMs > 0)) throw timedOut();
    const node = connection.node();
    const outcome = arrive(connection, at, node);
    if (outcome === WAITS) sleep(connection, node, timeoutMs);
    const state = outcome === FAILED ? FAILED : withdrawGathering(connection, at, node);
    const index = connection.m[node + WEIGHT] as number;
    connection.drop(node);
    if (outcome !== FAILED && state === GRANTED) return index;
    throw outcome !== FAILED && state === WAITING ? timedOut() : this.#reason();
  }

  /**
   * Breaks it: who waits, and who comes, is told, until it is reset.
   *
   * @complexity O(waiters)
   * @source SHARED-4 · CPython `threading.Barrier.abort`
   */
  abort(): void {
    this.soon(() => breakBarrier(this.connection, this.at, false));
  }

  /**
   * Makes it as new. Who waits is told that it was broken.
   *
   * @complexity O(waiters)
   * @source SHARED-4 · CPython `threading.Barrier.reset`
   */
  reset(): void {
    this.soon(() => breakBarrier(this.connection, this.at, true));
  }

  /** As `util.inspect` shows it. */
  override toString(): string {
    return `<SharedBarrier ${this.broken ? 'broken' : 'filling'} waiters=${this.waiting}/${this.parties}>`;
  }

  #reason(): Error {
    return brokenError(this.connection.m, this.at, 'barrier');
  }
}
