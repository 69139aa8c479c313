/** Several at once, results in the order of the arguments. */
import { Future, isFuture } from '@aiokit/future';
import { currentLoop, type EventLoop, makeCancelledError, realm } from '@aiokit/loop-core';
import { checkWaitable, ensureFutures, type Waitable } from './create-task.js';
import { Task } from './task.js';

/** What `gather` may be given after what it waits for. */
export interface GatherOptions {
  /** Whether errors are results: an error, or a cancellation, then stands in the list in place of a value. */
  readonly returnExceptions?: boolean | undefined;
}

/** The values of what is waited for. */
export type Gathered<W extends readonly unknown[]> = {
  -readonly [K in keyof W]: W[K] extends Waitable<infer T> ? T : never;
};

type Sources = readonly Waitable<unknown>[];

/** A future of many: cancelling it cancels them. */
class Gathering extends Future<unknown[]> {
  readonly #children: readonly Future<unknown>[];
  readonly #returnExceptions: boolean;
  #left: number;
  #cancelled = false;
  #message: string | undefined;

  constructor(children: readonly Future<unknown>[], options: GatherOptions, loop: EventLoop) {
    super({ loop });
    this.#children = children;
    this.#left = children.length;
    this.#returnExceptions = options.returnExceptions === true;
  }

  override cancel(message?: string): boolean {
    if (this.done()) return false;
    let any = false;
    for (const child of this.#children) any = child.cancel(message) || any;
    if (any) {
      this.#cancelled = true;
      this.#message = message;
    }
    return any;
  }

  /** One of them is done. */
  settled(child: Future<unknown>): void {
    this.#left--;
    const error = errorOf(child);
    if (this.done()) return;
    if (error !== undefined && !this.#returnExceptions) this.setException(error);
    else if (this.#left > 0) return;
    // A cancellation that was asked for is not forgotten for the sake of results.
    else if (this.#cancelled) this.setException(makeCancelledError(this.#message));
    else this.setResult(this.#children.map((one) => errorOf(one) ?? one.result()));
  }
}

/** What a future has failed with; undefined if it has a result. Somebody has looked at it then. */
function errorOf(child: Future<unknown>): unknown {
  if (!child.cancelled()) return child.exception() ?? undefined;
  try {
    return child.result();
  } catch (error) {
    return error;
  }
}

const isOptions = (value: unknown): value is GatherOptions =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !('then' in value);

/** The results, if all are futures that have one. */
function resultsOf(sources: Sources): unknown[] | null {
  // One that grows by `push` takes twice the time.
  const results: unknown[] = [];
  results.length = sources.length;
  try {
    for (let i = 0; i < results.length; i++) {
      const source = sources[i];
      if (!isFuture(source) || !source.done() || source.cancelled()) return null;
      results[i] = source.result();
    }
  } catch {
    return null;
  }
  return results;
}

/** Futures of the sources: one that is no future and stands there twice becomes one task. */
function futuresOf(sources: Sources): Future<unknown>[] {
  let loop: EventLoop | undefined;
  for (const source of sources) {
    if (!isFuture(source)) continue;
    loop ??= source.getLoop();
    if (source.getLoop() !== loop) {
      throw new RangeError(
        'The future belongs to a different loop than the one specified as the loop argument',
      );
    }
  }
  for (const source of sources) if (!isFuture(source)) checkWaitable(source);
  const futures = ensureFutures(sources, loop && { loop });
  for (const [source, future] of futures) {
    if (future !== source && future instanceof Task) future.quiet = true;
  }
  return sources.map((source) => futures.get(source) as Future<unknown>);
}

/**
 * Waits for all, and gives their results in the order of the arguments.
 *
 * Use a `TaskGroup` where the others should be cancelled when one fails: here they go on, and what they fail with later
 * is dropped.
 *
 * @param sources what to wait for, one by one or as an array: coroutines, functions and operations become tasks; one that
 * is given twice runs once. Options may follow
 * @returns the results; it fails with the first error, and with a `CancelledError` if one of them was cancelled
 * @throws TypeError if one cannot be waited for, RangeError if there are futures of two loops, RuntimeError (`REUSED`) if
 * a coroutine is used already; nothing has begun then, and the others are cancelled
 * @ordering tasks begin in the order of the arguments; what is done already counts at once
 * @cancellation all that are not done are cancelled; once they have ended, the future fails with a `CancelledError`, and
 * its `cancelled()` stays false
 * @complexity O(n)
 * @example const [one, two] = await gather(sleep(10, 'one'), sleep(20, 'two'));
 * @source GATHER-1 · CPython `asyncio.gather`
 */
export function gather<const W extends Sources>(sources: W): Future<Gathered<W>>;
export function gather<const W extends Sources>(
  sources: W,
  options: GatherOptions & { readonly returnExceptions: true },
): Future<unknown[]>;
export function gather<const W extends Sources>(sources: W, options: GatherOptions): Future<Gathered<W>>;
export function gather<const W extends Sources>(...sources: W): Future<Gathered<W>>;
export function gather(...sources: [...Sources, GatherOptions]): Future<unknown[]>;
export function gather(...given: unknown[]): Future<unknown[]> {
  const options = given.length > 0 && isOptions(given.at(-1)) ? (given.pop() as GatherOptions) : {};
  const sources = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given) as Sources;
  const results = resultsOf(sources);
  if (results) {
    const done = new Future<unknown[]>();
    done.setResult(results);
    return done;
  }
  const children = futuresOf(sources);
  const outer = new Gathering(children, options, children[0]?.getLoop() ?? currentLoop());
  const settled = (child: Future<unknown>) => outer.settled(child);
  if (realm.hooks) for (const child of children) realm.hooks.joins?.(outer, child);
  // Those that are done count once all are known.
  for (const child of children) if (!child.done()) child.addDoneCallback(settled);
  for (const child of children) if (child.done()) outer.settled(child);
  return outer;
}
