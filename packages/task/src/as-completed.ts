/** Results in the order in which they come. */
import type { Future } from '@aiokit/future';
import { type Awaitable, completed, currentLoop, TimeoutError, type TimerHandle } from '@aiokit/loop-core';
import { WaitQueue } from '@aiokit/loop-core/wait-queue';
import { CoroutineObject } from './coroutine.js';
import type { Coroutine } from './is-coroutine.js';
import { checkWaitable, ensureFutures, type Waitable } from './create-task.js';
import { checkTimeout } from './wait.js';

/** What `asCompleted` may be given. */
export interface AsCompletedOptions {
  /** How long it may take until all are done, in milliseconds; null, undefined and Infinity mean for ever. */
  readonly timeoutMs?: number | null | undefined;
}

/** A future that is done; null for one that was not in time. */
interface Box<T> {
  readonly future: Future<T> | null;
}

/** A future that is done. It is typed without `then`, which would make TypeScript believe that `for await` unwraps it. */
export type Settled<T> = Omit<Future<T>, 'then'>;

/** What `asCompleted` returns: an iterable of coroutines, each of the next result, and an async iterable of futures. */
class Completions<T> implements Iterable<CoroutineObject<T>>, AsyncIterable<Settled<T>> {
  readonly #pending: Set<Future<T>>;
  /** Futures that are done and were not taken, in boxes, since `await` would unwrap them. */
  readonly #done: Box<T>[] = [];
  readonly #takers = new WaitQueue<Box<T>>({
    deliver: () => {
      this.#promised--;
      return this.#done.shift() as Box<T>;
    },
    passed: () => {
      this.#promised--;
      this.#grant();
    },
  });
  /** Turns that were granted and not taken. */
  #promised = 0;
  /** How many were not asked for. */
  #left: number;
  #timer: TimerHandle | undefined;

  constructor(futures: Set<Future<T>>, timeoutMs: number) {
    this.#pending = futures;
    this.#left = futures.size;
    for (const future of futures) future.addDoneCallback(this.#settled);
    if (timeoutMs < Infinity) this.#timer = currentLoop().callLater(timeoutMs, () => this.#timedOut());
  }

  *[Symbol.iterator](): Iterator<CoroutineObject<T>> {
    while (this.#left > 0) {
      this.#left--;
      yield new CoroutineObject('asCompleted', () => this.#one());
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Settled<T>> {
    return {
      next: async () => {
        if (this.#left === 0) return { done: true, value: undefined };
        this.#left--;
        return { done: false, value: inTime(await this.#take()) };
      },
    };
  }

  *#one(): Coroutine<T> {
    return inTime(yield* this.#take()).result();
  }

  #take(): Awaitable<Box<T>> {
    if (this.#done.length <= this.#promised) return this.#takers.join();
    return completed(this.#done.shift() as Box<T>);
  }

  #grant(): void {
    if (this.#done.length > this.#promised && this.#takers.grant()) this.#promised++;
  }

  readonly #settled = (future: Future<T>): void => {
    this.#pending.delete(future);
    if (this.#pending.size === 0) this.#timer?.cancel();
    this.#add(future);
  };

  #add(future: Future<T> | null): void {
    this.#done.push({ future });
    this.#grant();
  }

  #timedOut(): void {
    for (const future of this.#pending) {
      future.removeDoneCallback(this.#settled);
      this.#add(null);
    }
    this.#pending.clear();
  }
}

function inTime<T>({ future }: Box<T>): Future<T> {
  if (future === null) throw new TimeoutError();
  return future;
}

/** What `asCompleted` returns. */
export type { Completions };

/**
 * Gives what is done first first.
 *
 * In a coroutine: `for (const next of asCompleted(sources)) use(yield* next)`. In an async function the same with `await`,
 * or `for await (const future of asCompleted(sources))`, which gives the futures and tasks themselves.
 *
 * @param sources what to wait for: coroutines, functions and operations become tasks; one that is given twice counts once
 * @param options a time limit for all
 * @returns an iterable of coroutines of the next result, and an async iterable of the futures that are done
 * @throws TypeError if one cannot be waited for, RuntimeError (`REUSED`) if a coroutine is used already; nothing has begun
 * then, and the others are cancelled
 * @throws TimeoutError (`TIMEOUT`) for each that was not done in time, when its turn comes; the others go on
 * @ordering as they end
 * @cancellation ends one wait; the others, and what is waited for, go on
 * @complexity O(1) each
 * @source COMPLETED-1 · CPython 3.13 `asyncio.as_completed`
 */
export function asCompleted<W extends Waitable<unknown>>(
  sources: Iterable<W>,
  options?: AsCompletedOptions,
): Completions<W extends Waitable<infer T> ? T : never>;
export function asCompleted<T>(
  sources: Iterable<Waitable<T>>,
  { timeoutMs }: AsCompletedOptions = {},
): Completions<T> {
  const iterable = (sources as { subscribe?: unknown } | null)?.subscribe === undefined;
  if (!iterable || typeof sources?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`sources must be a list of what can be waited for, got ${String(sources)}`);
  }
  checkTimeout(timeoutMs, 'timeoutMs');
  const unique = new Set(sources);
  for (const source of unique) checkWaitable(source);
  return new Completions(new Set(ensureFutures(unique).values()), timeoutMs ?? Infinity);
}
