/** One lock per key. No CPython counterpart. Invariant: a key has a lock only while somebody holds it or waits for it. */
import type { Coroutine, Operation } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { INSPECT } from './internal/repr.js';
import { Lock } from './lock.js';
import type { Permit } from './permit.js';

/** A lock that says when nobody uses it any more. */
class Entry extends Lock {
  readonly #unused: () => unknown;

  constructor(unused: () => unknown) {
    super({ strict: true });
    this.#unused = unused;
  }

  get used(): boolean {
    return this.holder !== undefined || this.queue.size > 0;
  }

  /** Called whenever somebody has left. */
  protected override left(): void {
    super.left();
    if (!this.used) this.#unused();
  }
}

/** What is acquired of one key. */
class Key<K> extends Governor {
  readonly #locks: KeyedLock<K>;
  readonly #key: K;

  constructor(locks: KeyedLock<K>, key: K) {
    super();
    this.#locks = locks;
    this.#key = key;
  }

  acquire(options?: WaitOptions): Operation<Permit> {
    return this.#locks.acquire(this.#key, options);
  }

  tryAcquire(): Permit | null {
    return this.#locks.tryAcquire(this.#key);
  }

  override toString(): string {
    return `<Key of ${String(this.#locks)}>`;
  }
}

/**
 * Locks by key: calls with different keys do not wait for each other.
 *
 * Use it for one lock per user, file or row. The memory of a key that nobody uses is given back.
 *
 * @example
 * const users = new KeyedLock<string>();
 * await users.with('ann', async () => update('ann'));
 * @source KEYED · no CPython counterpart
 */
export class KeyedLock<K = unknown> {
  readonly #locks = new Map<K, Lock>();

  /** How many keys are in use. */
  get size(): number {
    return this.#locks.size;
  }

  /** Whether the lock of a key is held. */
  locked(key: K): boolean {
    return this.#locks.get(key)?.locked() === true;
  }

  /**
   * Holders and waiters of a key, or of all.
   *
   * @param key the key; all keys if absent
   * @complexity O(1), or O(keys in use)
   */
  statistics(...key: [key?: K]): Statistics {
    const one = this.#locks.get(key[0] as K);
    const locks = key.length === 0 ? [...this.#locks.values()] : one ? [one] : [];
    const sum = { holders: 0, waiting: 0, longestWaitMs: 0 as number | undefined };
    for (const lock of locks) {
      const { holders, waiting, longestWaitMs } = lock.statistics();
      sum.holders += holders;
      sum.waiting += waiting;
      if (longestWaitMs === undefined || sum.longestWaitMs === undefined) sum.longestWaitMs = undefined;
      else sum.longestWaitMs = Math.max(sum.longestWaitMs, longestWaitMs);
    }
    return sum;
  }

  /**
   * Waits until the lock of a key is free, then takes it.
   *
   * @param key any value; keys are told apart as those of a `Map` are
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the permit, once this caller holds the lock
   * @throws as `Lock.acquire`
   * @ordering first come, first served among those who wait for the same key
   * @cancellation as `Lock.acquire`
   * @complexity O(1); the memory of a lock while the key is in use
   * @source KEYED-1 · no CPython counterpart
   */
  acquire(key: K, options?: WaitOptions): Operation<Permit> {
    return this.#use(key, (lock) => lock.acquire(options));
  }

  /**
   * Takes the lock of a key if it is free and nobody waits for it.
   *
   * @param key any value
   * @returns the permit, or null
   * @source KEYED-1 · no CPython counterpart
   */
  tryAcquire(key: K): Permit | null {
    return this.#use(key, (lock) => lock.tryAcquire());
  }

  /**
   * Runs a function while holding the lock of a key, as `Lock.with`.
   *
   * @param key any value
   * @param section a generator function, to be run by `yield*`; else a function that may return a promise
   * @param options limits of the wait for the lock
   * @returns for a generator function a coroutine, else a promise
   * @throws TypeError if `section` is no function, or what `acquire` throws
   * @ordering as `acquire`
   * @cancellation as `Lock.with`
   * @complexity O(1)
   * @source KEYED-2 · no CPython counterpart
   */
  with<T>(key: K, section: (permit: Permit) => Coroutine<T>, options?: WaitOptions): Coroutine<T>;
  with<T>(key: K, section: (permit: Permit) => T, options?: WaitOptions): Promise<Awaited<T>>;
  with(key: K, section: (permit: Permit) => unknown, options?: WaitOptions): unknown {
    return this.of(key).with(section, options);
  }

  /**
   * The lock of a key as an object of its own, to be passed on. It costs the key no memory.
   *
   * @param key any value
   * @source KEYED-2 · no CPython counterpart
   */
  of(key: K): Governor {
    return new Key(this, key);
  }

  /** How many keys are in use, as `util.inspect` shows them. */
  toString(): string {
    return `<${this.constructor.name} keys=${this.size}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  #use<R>(key: K, ask: (lock: Lock) => R): R {
    const known = this.#locks.get(key);
    if (known) return ask(known);
    const made = new Entry(() => this.#locks.delete(key));
    const asked = ask(made);
    if (made.used) this.#locks.set(key, made);
    return asked;
  }
}
