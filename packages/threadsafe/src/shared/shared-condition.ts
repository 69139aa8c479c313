/** Waits for a notification with a shared lock let go meanwhile. */
import { type Operation, refuse, RuntimeError } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { CONDITION_KIND } from './bury.js';
import { awaitNotice, CONDITION_WORDS, GATE, notify, sleepGate, withdrawGate } from './gate.js';
import { BROKEN, COUNT, GRANTED, HELD, IDLE, LINE, WAITS } from './layout.js';
import { type FromOptions, memoryOf, type SharedHandle, SharedPrimitive } from './primitive.js';
import { SharedLine } from './shared-line.js';
import { SharedLock } from './shared-lock.js';
import type { SharedToken } from './shared-token.js';
import { checkSleep } from './check-sleep.js';
import { timedOut } from './timed-out.js';

/** As `SharedHandle`. */
export interface SharedConditionHandle extends SharedHandle<'SharedCondition'> {
  readonly lock: SharedHandle<'SharedLock'>;
}

/**
 * A condition that threads share, over a `SharedLock`.
 *
 * Whoever waits has acquired the lock, passes the token, and has it again when the wait is over.
 *
 * @source SHARED-5 · TC39 structs `Atomics.Condition`; CPython `threading.Condition`
 * @example
 * const condition = new SharedCondition(new SharedLock(new SharedMemory()));
 * const token = await condition.lock.acquire();
 * const notified = condition.wait(token);
 * condition.notify();
 * await notified;
 * token.release();
 */
export class SharedCondition extends SharedPrimitive {
  /** The lock that it goes with. */
  readonly lock: SharedLock;
  readonly #line: SharedLine<true>;

  /**
   * @param lock the lock that it goes with
   * @param at where it lies already; undefined makes it
   * @throws TypeError if `lock` is none; RangeError if the memory is full
   */
  constructor(lock: SharedLock, at?: number) {
    if (lock?.handle?.kind !== 'SharedLock') refuse('lock', 'a SharedLock', lock);
    const { memory } = lock;
    const { m } = memory.connection;
    super(
      memory,
      at ??
        memory.make([CONDITION_KIND], [CONDITION_WORDS], (unit) => {
          m[unit + GATE] = lock.unit;
        }),
    );
    const { connection } = this;
    this.lock = lock;
    this.#line = new SharedLine<true>(connection, {
      deliver: (node, token) => {
        Atomics.store(m, node, HELD);
        (token as SharedToken).hold(lock, node);
        return true;
      },
      withdraw: (node) => withdrawGate(connection, lock.unit, this.at, node, false),
      reason: () => lock.reason(),
      toString: () => this.toString(),
    });
  }

  /**
   * The condition that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name
   * @throws TypeError if it is no handle of a condition
   * @source SHARED-1 · no CPython counterpart
   */
  static from(handle: SharedConditionHandle, options: FromOptions = {}): SharedCondition {
    memoryOf(handle, 'SharedCondition', CONDITION_KIND, options.name);
    return new SharedCondition(SharedLock.from(handle.lock, options), handle.at);
  }

  get handle(): SharedConditionHandle {
    return { kind: 'SharedCondition', memory: this.memory.handle, at: this.at, lock: this.lock.handle };
  }

  /** How many of all threads wait to be notified. */
  get waiting(): number {
    return Atomics.load(this.connection.m, this.at + LINE + COUNT);
  }

  /**
   * Lets the lock go, waits for a notification without blocking, and acquires the lock again.
   *
   * @param token the hold on the lock; it has ended while this waits, and is live again when it succeeds
   * @param options `signal` and `timeoutMs` end the wait
   * @returns true
   * @throws RuntimeError (`NOT_ACQUIRED`) if the token does not hold the lock; nothing has changed
   * @throws OwnerDiedError (`OWNER_DIED`) if a thread has ended that held the lock
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`): the lock is not held
   * @ordering Those who are notified get the lock in the order in which they came, behind those who wait for it.
   * @cancellation A notification that had come passes to the next.
   * @complexity O(1)
   * @source SHARED-5 · CPython 3.13 `asyncio.Condition.wait`
   */
  wait(token: SharedToken, options?: WaitOptions): Operation<true> {
    checkWait(options);
    const node = this.#node(token);
    const { aborted } = options?.signal ?? {};
    if (aborted || !((options?.timeoutMs ?? Infinity) > 0)) {
      // It fails at once: a wait of a node of its own, and the lock stays held.
      return this.#line.wait(options, this.connection.node(), () => WAITS);
    }
    token.hold(undefined, node);
    return this.#line.wait(options, node, () => awaitNotice(this.connection, this.at, node), token);
  }

  /**
   * As `wait`, blocking the thread.
   *
   * @param token as for `wait`
   * @param options as for `wait`; a signal counts only if it has aborted already
   * @returns true
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `wait`; CPython returns false when the time is up
   * @ordering as `wait`
   * @complexity O(1)
   * @source SHARED-5 · CPython `threading.Condition.wait`
   */
  waitSync(token: SharedToken, options?: WaitOptions): true {
    const { connection, lock } = this;
    const timeoutMs = checkSleep(connection, options);
    const node = this.#node(token);
    if (!(timeoutMs > 0)) throw timedOut();
    let state = BROKEN;
    token.hold(undefined, node);
    if (awaitNotice(connection, this.at, node) === WAITS) {
      state = sleepGate(connection, lock.unit, this.at, node, timeoutMs);
    } else Atomics.store(connection.m, node, IDLE);
    if (state !== GRANTED) {
      connection.drop(node);
      throw state === BROKEN ? lock.reason() : timedOut();
    }
    Atomics.store(connection.m, node, HELD);
    token.hold(lock, node);
    return true;
  }

  /**
   * Wakes some of those who wait, of all threads. The lock need not be held.
   *
   * @param count how many at most
   * @throws TypeError or RangeError if it is no whole number of 0 or more
   * @ordering who came first is first
   * @complexity O(count)
   * @source SHARED-5 · CPython `threading.Condition.notify`
   */
  notify(count = 1): void {
    if (typeof count !== 'number') refuse('count', 'a whole number', count);
    if (!(count >= 0 && (count === Infinity || Number.isInteger(count)))) {
      refuse('count', 'a whole number, 0 or more', count, RangeError);
    }
    this.soon(() => notify(this.connection, this.at, count));
  }

  /**
   * Wakes all who wait, of all threads.
   *
   * @complexity O(waiters)
   * @source SHARED-5 · CPython `threading.Condition.notify_all`
   */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** As `util.inspect` shows it. */
  override toString(): string {
    const { waiting } = this;
    return `<SharedCondition of ${String(this.lock)}${waiting > 0 ? ` waiters=${waiting}` : ''}>`;
  }

  #node(token: SharedToken): number {
    this.connection.check();
    const node = token?.nodeOf?.(this.lock);
    if (node === undefined) {
      throw new RuntimeError('the token does not hold the lock of this condition', { code: 'NOT_ACQUIRED' });
    }
    return node;
  }
}
