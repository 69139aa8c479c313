/** What shared locks and semaphores have in common. */
import { completed, type Operation, refuse } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { GATE_KIND } from './bury.js';
import { brokenError } from './errors.js';
import { acquire, FREE, GATE_WORDS, PERMITS, release, resetGate, sleepGate, withdrawGate } from './gate.js';
import { BROKEN, COUNT, DONE, FAILED, FULL, GRANTED, HELD, IS_BROKEN, LINE, WAITS } from './layout.js';
import { checkMemory, SharedPrimitive } from './primitive.js';
import { SharedLine } from './shared-line.js';
import type { SharedMemory } from './shared-memory.js';
import { SharedToken } from './shared-token.js';
import { checkSleep } from './check-sleep.js';
import { timedOut } from './timed-out.js';

/** Something of which threads acquire permits. */
export abstract class SharedGate extends SharedPrimitive {
  readonly #line: SharedLine<SharedToken>;

  constructor(memory: SharedMemory, at: number) {
    super(memory, at);
    const { connection } = this;
    this.#line = new SharedLine(connection, {
      deliver: (node) => this.hold(node),
      withdraw: (node) => withdrawGate(connection, at, 0, node, false),
      reason: () => this.reason(),
      toString: () => this.toString(),
    });
  }

  /** The kind, as errors name it. */
  protected abstract readonly what: string;

  /** How many permits there are. */
  get permits(): number {
    return this.connection.m[this.at + PERMITS] as number;
  }

  /** Whether no permit is free now. */
  locked(): boolean {
    return Atomics.load(this.connection.m, this.at + FREE) < 1;
  }

  /** Whether a thread has ended that held it; `reset()` makes it usable again. */
  get broken(): boolean {
    return Atomics.load(this.connection.m, this.at + IS_BROKEN) !== 0;
  }

  /** How many of all threads wait. */
  get waiting(): number {
    return Atomics.load(this.connection.m, this.at + LINE + COUNT);
  }

  /**
   * Waits for a permit without blocking.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the token, once this caller holds a permit. Disposing of it releases.
   * @throws OwnerDiedError (`OWNER_DIED`) naming the thread that has ended while it held one
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); nothing is held
   * @ordering First come, first served among all who wait in all threads.
   * @cancellation Queued: the place is given up. Already chosen: the turn passes to the next. Nothing leaks.
   * @complexity O(1)
   * @source SHARED-2 · CPython 3.13 Lib/asyncio/locks.py `Lock.acquire`
   */
  acquire(options?: WaitOptions): Operation<SharedToken> {
    const { connection, at } = this;
    if (options !== undefined) checkWait(options);
    const node = connection.node();
    if (options?.signal?.aborted) return this.#line.wait(options, node, () => FAILED);
    if (!this.#line.behind && acquire(connection, at, node, false) === DONE)
      return completed(new SharedToken(this, node), giveBack);
    return this.#line.wait(options, node, () => acquire(connection, at, node, true));
  }

  /**
   * Takes a permit if one is free and nobody waits.
   *
   * @returns the token, or null; null too while a thread that has just ended holds the guard and this one may not block
   * @throws OwnerDiedError (`OWNER_DIED`) if it is broken
   * @complexity O(1)
   * @source SHARED-2 · CPython `threading.Lock.acquire(blocking=False)`
   */
  tryAcquire(): SharedToken | null {
    const { connection } = this;
    const node = connection.node();
    const outcome = connection.now(() => acquire(connection, this.at, node, false));
    if (outcome === DONE) return new SharedToken(this, node);
    connection.drop(node);
    if (outcome === FAILED) throw this.reason();
    return null;
  }

  /**
   * Waits for a permit, blocking the thread.
   *
   * @param options as for `acquire`; a signal counts only if it has aborted already: a thread that blocks hears of nothing
   * @returns the token
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `acquire`
   * @ordering as `acquire`, in one line with it
   * @complexity O(1); a thread that blocks uses no processor time
   * @source SHARED-3 · CPython `threading.Lock.acquire`
   */
  acquireSync(options?: WaitOptions): SharedToken {
    const { connection, at } = this;
    const timeoutMs = checkSleep(connection, options);
    const node = connection.node();
    let outcome = acquire(connection, at, node, timeoutMs > 0);
    if (outcome === WAITS) {
      const state = sleepGate(connection, at, 0, node, timeoutMs);
      outcome = state === GRANTED ? DONE : state === BROKEN ? FAILED : FULL;
      if (state === GRANTED) Atomics.store(connection.m, node, HELD);
    }
    if (outcome === DONE) return new SharedToken(this, node);
    connection.drop(node);
    throw outcome === FAILED ? this.reason() : timedOut();
  }

  /**
   * Runs a function while holding a permit, and releases it whatever the function does.
   *
   * @param section may return a promise
   * @param options limits of the wait for the permit
   * @returns what the function returns
   * @throws what `acquire` throws; the function has not been called
   * @ordering as `acquire`
   * @cancellation while waiting, as `acquire`
   * @complexity O(1)
   * @source SHARED-2 · CPython `async with`
   */
  async with<T>(section: (token: SharedToken) => T, options?: WaitOptions): Promise<Awaited<T>> {
    if (typeof section !== 'function') refuse('section', 'a function', section);
    const token = await this.acquire(options);
    try {
      return await section(token);
    } finally {
      token.release();
    }
  }

  /**
   * Makes it usable again after a thread has ended that held it, once what it protects is in order.
   *
   * @complexity O(1)
   * @source SHARED-6 · POSIX `pthread_mutex_consistent`
   */
  reset(): void {
    this.soon(() => resetGate(this.connection, this.at));
  }

  /** Takes a permit back. Called by tokens. */
  give(node: number): void {
    const { connection, at } = this;
    if (connection.closed) return;
    this.soon(() => {
      const outcome = release(connection, at, node);
      if (outcome === DONE) connection.drop(node);
      return outcome;
    });
  }

  /** Why it is broken. Called by conditions. */
  reason(): Error {
    return brokenError(this.connection.m, this.at, this.what);
  }

  /** Its unit. Called by conditions. */
  get unit(): number {
    return this.at;
  }

  /** As `util.inspect` shows it. */
  override toString(): string {
    const { waiting } = this;
    const state = this.broken ? 'broken' : this.locked() ? 'locked' : 'unlocked';
    return `<${this.constructor.name} ${state}${waiting > 0 ? ` waiters=${waiting}` : ''}>`;
  }

  private hold(node: number): SharedToken {
    Atomics.store(this.connection.m, node, HELD);
    return new SharedToken(this, node);
  }
}

/** Releases what was acquired at once and is not wanted. */
const giveBack = { abandoned: (token: SharedToken): void => token.release() };

/** Makes a gate's unit. */
export function makeGate(memory: SharedMemory, permits: number): number {
  checkMemory(memory);
  const { m } = memory.connection;
  return memory.make([GATE_KIND], [GATE_WORDS], (unit) => {
    m[unit + PERMITS] = m[unit + FREE] = permits;
  });
}
