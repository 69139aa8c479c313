/** Waiting for some of many, without owning them. */
import { Future, isFuture } from '@aiokit/future';
import { type EventLoop, realm, refuse, type TimerHandle } from '@aiokit/loop-core';
import { isCoroutine } from './is-coroutine.js';

/** Returns when one is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';
/** Returns when one has failed, else when all are done; one that was cancelled has not failed. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
/** Returns when all are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** What `wait` may be given. */
export interface WaitForSomeOptions {
  /** Returns after so many milliseconds with what is done by then; undefined and Infinity mean never. */
  readonly timeoutMs?: number | undefined;
  /** When to return; `ALL_COMPLETED` if absent. */
  readonly returnWhen?: ReturnWhen | undefined;
}

/** Those that are done, and those that are not. */
export type DoneAndPending<F extends Future<unknown>> = [done: Set<F>, pending: Set<F>];

/** Sorts the futures when somebody asks: more may be done by then. */
class Waiting<F extends Future<unknown>> extends Future<DoneAndPending<F>> {
  readonly #futures: Set<F>;
  #sorted: DoneAndPending<F> | undefined;

  constructor(futures: Set<F>, loop: EventLoop) {
    super({ loop });
    this.#futures = futures;
  }

  override result(): DoneAndPending<F> {
    super.result();
    if (!this.#sorted) {
      this.#sorted = [new Set(), new Set()];
      for (const future of this.#futures) this.#sorted[future.done() ? 0 : 1].add(future);
    }
    return this.#sorted;
  }
}

/**
 * Refuses what is no duration that may be waited; null, undefined and Infinity are.
 *
 * @throws TypeError if it is no number, RangeError if it is NaN
 */
export function checkTimeout(value: unknown, name: string): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number') refuse(name, 'a number of milliseconds', value);
  if (value !== value) refuse(name, 'a number of milliseconds', value, RangeError);
}

/**
 * Waits until some of many futures are done, and tells which. It cancels none, and no time-out throws.
 *
 * @param futures futures and tasks, at least one; what stands there twice counts once
 * @param options how long to wait, and for what
 * @returns the set of those that are done, and the set of those that are not, both in the order of `futures`
 * @throws TypeError if there is something else among them, such as a coroutine; RangeError if there are none, or an option
 * is not one of those that there are
 * @ordering an iteration after the last that it waits for
 * @cancellation the wait ends; the futures go on
 * @complexity O(n)
 * @example const [done, pending] = await wait([one, two], { returnWhen: FIRST_COMPLETED });
 * @source WAITSOME-1 · CPython `asyncio.wait`
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  { timeoutMs, returnWhen = ALL_COMPLETED }: WaitForSomeOptions = {},
): Future<DoneAndPending<F>> {
  if (isFuture(futures) || isCoroutine(futures) || typeof futures?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`futures must be a list of futures, got ${String(futures)}`);
  }
  const all = new Set(futures);
  if (all.size === 0) throw new RangeError('Set of Tasks/Futures is empty.');
  for (const one of all) {
    if (isFuture(one)) continue;
    throw new TypeError(
      isCoroutine(one)
        ? 'Passing coroutines is forbidden, use tasks explicitly.'
        : `futures must be futures or tasks, got ${String(one)}; use ensureFuture`,
    );
  }
  if (returnWhen !== FIRST_COMPLETED && returnWhen !== FIRST_EXCEPTION && returnWhen !== ALL_COMPLETED) {
    refuse('returnWhen', 'FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED', returnWhen, RangeError);
  }
  checkTimeout(timeoutMs, 'timeoutMs');
  const loop = ([...all][0] as F).getLoop();
  const waiting = new Waiting(all, loop);
  if (realm.hooks) for (const one of all) realm.hooks.joins?.(waiting, one);
  let left = all.size;
  let timer: TimerHandle | undefined;
  const end = () => {
    if (!waiting.done()) waiting.setResult(undefined as never);
  };
  const settled = (future: Future<unknown>) => {
    left--;
    const enough =
      left === 0 ||
      returnWhen === FIRST_COMPLETED ||
      (returnWhen === FIRST_EXCEPTION && !future.cancelled() && future.exception() !== null);
    if (enough) end();
  };
  for (const future of all) future.addDoneCallback(settled);
  if (typeof timeoutMs === 'number' && timeoutMs < Infinity) timer = loop.callLater(timeoutMs, end);
  waiting.addDoneCallback(() => {
    timer?.cancel();
    for (const future of all) future.removeDoneCallback(settled);
  });
  return waiting;
}
