/**
 * Taking one of several. Whichever operation is granted first is taken; the others are given back, also those that were
 * granted in the same iteration. `Promise.race` would lose them.
 */
import {
  AwaitableBase,
  currentLoop,
  type Awaitable,
  type EventLoop,
  InvalidStateError,
  makeCancelledError,
  type Operation,
  type Runnable,
} from '@aiokit/loop-core';
import { checkWaitable, ensureFutures, type Waitable } from './create-task.js';

/** What `select` takes: which source it was, and its result. */
export type Selected<W extends readonly unknown[]> = {
  [K in keyof W]: W[K] extends Waitable<infer T> ? { readonly index: number; readonly value: T } : never;
}[number];

type Result = { readonly index: number; readonly value: unknown };

/** Tells the selection that a source is done. */
class Arm implements Runnable {
  readonly #selection: Selection;
  readonly index: number;

  constructor(selection: Selection, index: number) {
    this.#selection = selection;
    this.index = index;
  }

  run(): void {
    this.#selection.arrived(this.index);
  }
}

const isAwaitable = (source: Waitable<unknown>): source is Awaitable<unknown> =>
  typeof (source as Awaitable<unknown>).subscribe === 'function';

class Selection extends AwaitableBase<Result> implements Operation<Result> {
  readonly #loop: EventLoop = currentLoop();
  readonly #sources: readonly Awaitable<unknown>[];
  /** The tasks and futures that were made here, which nobody else waits for. */
  readonly #own: ReadonlySet<Awaitable<unknown>>;
  #arms: Arm[] = [];
  /** The source that is taken. */
  #index = -1;
  #over = false;
  #outcome: (() => Result) | undefined;

  constructor(sources: readonly Waitable<unknown>[]) {
    super();
    let made: Map<unknown, Awaitable<unknown>>;
    try {
      made = ensureFutures(sources.filter((source) => !isAwaitable(source)));
    } catch (error) {
      for (const source of sources) if (isAwaitable(source)) source.abandon();
      throw error;
    }
    this.#own = new Set(made.values());
    this.#sources = sources.map((source) => made.get(source) ?? (source as Awaitable<unknown>));
    this.#index = this.#sources.findIndex((source) => source.done());
    if (this.#index >= 0) return;
    this.#arms = this.#sources.map((source, index) => {
      const arm = new Arm(this, index);
      source.subscribe(arm);
      return arm;
    });
  }

  override getLoop(): EventLoop {
    return this.#loop.successor ?? this.#loop;
  }

  override done(): boolean {
    return this.#index >= 0 || this.#outcome !== undefined;
  }

  override cancelled(): boolean {
    return this.#over && this.#index < 0;
  }

  override result(): Result {
    if (!this.done()) throw new InvalidStateError('Result is not ready.');
    this.#outcome ??= this.#take();
    return this.#outcome();
  }

  override cancel(message?: string): boolean {
    if (this.done()) return false;
    this.wake(this.#loop);
    this.#end(() => {
      throw makeCancelledError(message);
    });
    return true;
  }

  override abandon(): void {
    if (this.#over) return;
    if (!this.done()) this.cancel();
    else {
      this.#index = -1;
      this.#end(() => {
        throw makeCancelledError();
      });
    }
  }

  [Symbol.dispose](): void {
    this.abandon();
  }

  /** A source is done; the first is taken. */
  arrived(index: number): void {
    if (this.done()) return;
    this.wake(this.#loop);
    this.#index = index;
  }

  override toString(): string {
    return `<Selection ${this.#sources.map(String).join(' | ')}>`;
  }

  #take(): () => Result {
    const index = this.#index;
    let outcome: () => Result;
    try {
      const value = (this.#sources[index] as Awaitable<unknown>).result();
      outcome = () => ({ index, value });
    } catch (error) {
      outcome = () => {
        throw error;
      };
    }
    this.#end(outcome);
    return outcome;
  }

  /** Gives all back but the one that was taken. */
  #end(outcome: () => Result): void {
    this.#over = true;
    this.#outcome = outcome;
    for (const [index, source] of this.#sources.entries()) {
      if (index === this.#index) continue;
      const arm = this.#arms[index];
      if (arm) source.unsubscribe(arm);
      if (this.#own.has(source)) source.cancel();
      else source.abandon();
    }
  }
}

/**
 * Takes the first of several that is there, and gives the others back: the `Promise.race` that loses nothing.
 *
 * @param sources operations of primitives, which are abandoned unless taken; futures and tasks, which go on; coroutines,
 * functions and promises, which become tasks that are cancelled unless taken
 * @returns which source it was, counted from 0, and its result; it fails if that source does
 * @throws TypeError if `sources` is not an array, or one cannot be waited for; RangeError if there is none; RuntimeError (`REUSED`)
 * if a coroutine is used already: nothing has begun then, and all are given back
 * @ordering the first that is done; the first in the list of those that are done already
 * @cancellation all are given back; nothing is taken
 * @complexity O(n)
 * @example const { index, value } = await select([queue.get(), sleep(1000)]);
 * @source SELECT-1 · no CPython counterpart
 */
export function select<const W extends readonly Waitable<unknown>[]>(sources: W): Operation<Selected<W>> {
  if (!Array.isArray(sources)) throw new TypeError(`sources must be an array, got ${String(sources)}`);
  if (sources.length === 0) throw new RangeError('sources must not be empty');
  for (const source of sources) checkWaitable(source);
  return new Selection(sources) as unknown as Operation<Selected<W>>;
}
