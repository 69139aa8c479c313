/**
 * CPython `queues.py`, in strict order.
 *
 * Invariant: at rest nobody waits for an item that nobody has a turn for, nor for such a place. A turn is a claim to
 * whatever is first when it is taken; until then the item stays in the queue, and the place stays free.
 */
import {
  completed,
  type CompletedOwner,
  completedVoid,
  type Operation,
  realm,
  refuse,
} from '@aiokit/loop-core';
import { checkWait, type WaitOptions, WaitQueue } from '@aiokit/loop-core/wait-queue';
import { QueueEmpty, QueueFull, QueueShutDown } from './errors.js';
import { Ring } from './internal/ring.js';
import { Side } from './internal/side.js';
import { hearLate } from './internal/hear-late.js';

/** How many items `getMany` waits for and takes. */
export interface GetManyOptions extends WaitOptions {
  /** How many it takes at most; `Infinity`, or absent, means all that nobody else has a turn for. */
  readonly max?: number | undefined;
  /** How many it waits for, 1 if absent; it makes do with fewer if no more can come. */
  readonly min?: number | undefined;
}

/** How a queue is shut down. */
export interface ShutdownOptions {
  /** Whether to drop the items that are there, instead of letting them be got. */
  readonly immediate?: boolean | undefined;
}

/** What a queue is doing. */
export interface QueueStatistics {
  /** How many items are there, those included that somebody has a turn for. */
  readonly items: number;
  /** How many of them are reserved for getters whose turn has come. */
  readonly reservedItems: number;
  /** How many places are reserved for putters whose turn has come. */
  readonly reservedPlaces: number;
  /** How many wait for their turn to get. */
  readonly getters: number;
  /** How many wait for their turn to put. */
  readonly putters: number;
  /** How many wait in `join()`. */
  readonly joiners: number;
  /** How many items were put for which `taskDone()` was not called. */
  readonly unfinished: number;
}

/** An item that came back, and which one it was. */
interface Returned<T> {
  readonly item: T;
  readonly place: number;
}

/** What a getter asks for: an item, an item or the end as an iterator gives it, or a number of items. */
type Wanted = typeof ITEM | typeof NEXT | Many;
const ITEM = 0;
const NEXT = 1;
/** The most that a `getMany` takes. */
interface Many {
  readonly max: number;
}

/** What a putter brings, if it is more than an item. */
class Batch<T> {
  readonly items: readonly T[];
  constructor(items: readonly T[]) {
    this.items = items;
  }
}

const END = { done: true, value: undefined } as const;

const OPEN = 0;
const DRAINING = 1;
const CLOSED = 2;

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

const shutDown = (): QueueShutDown => new QueueShutDown('the queue is shut down');

/** @throws TypeError unless it is a number, RangeError unless it is whole, or Infinity, and in the range */
function checkCount(name: string, value: number, least: number, most: number = Infinity): void {
  const isNumber = typeof value === 'number';
  if (isNumber && value >= least && value <= most && (value % 1 === 0 || value === Infinity)) return;
  const range = most < Infinity ? `of ${least} to ${most}` : `of ${least} or more`;
  refuse(name, `an integer ${range}`, value, isNumber ? RangeError : TypeError);
}

/** A newcomer goes behind those whose turn has come, unless it may not wait. */
const mayPass = (side: Side | undefined, options: WaitOptions | undefined): boolean =>
  !options?.signal?.aborted && (!side?.turns || (options?.timeoutMs as number) <= 0);

/**
 * Passes items from those who put to those who get, first in, first out.
 *
 * Use it between producers and consumers; with a `maxsize` a fast producer waits for a slow consumer.
 *
 * @source QUEUE-1 · CPython `asyncio.Queue`
 */
export class Queue<T> {
  /** How many items it takes; 0 means any number. */
  readonly maxsize: number;
  /** Where the item that `getItem` gave was; `returnItem` is told if it comes back. */
  protected place = 0;
  #taken = 0;
  #unfinished = 0;
  #state = OPEN;
  #made = false;
  #ring: Ring<T> | undefined;
  /** Items that came back: the last is the first to go. */
  #returned: Returned<T>[] | undefined;
  #getters: Side | undefined;
  #putters: Side | undefined;
  #joiners: WaitQueue<void> | undefined;
  #owner: CompletedOwner<T> | undefined;
  #nextOwner: CompletedOwner<IteratorYieldResult<T>> | undefined;

  /**
   * @param maxsize how many items it takes; 0, `Infinity` or absent means any number
   * @throws TypeError if it is not a number, RangeError if it is negative or not whole
   */
  constructor(maxsize: number = 0) {
    checkCount('maxsize', maxsize, 0);
    this.maxsize = maxsize;
    realm.hooks?.resource?.(this, true);
  }

  /**
   * How many items are there, those included that somebody has a turn for.
   *
   * @complexity O(1)
   * @source QUEUE-2 · CPython `Queue.qsize`
   */
  qsize(): number {
    return this.#length();
  }

  /**
   * Whether `getNowait()` would find nothing: no item is there that nobody has a turn for.
   *
   * @complexity O(1)
   * @source QUEUE-2 · CPython `Queue.empty`
   */
  empty(): boolean {
    return this.#items() < 1;
  }

  /**
   * Whether `putNowait()` would find no place: none is free that nobody has a turn for.
   *
   * @complexity O(1)
   * @source QUEUE-2 · CPython `Queue.full`
   */
  full(): boolean {
    return this.#places() < 1;
  }

  /**
   * What it is doing: how many items and who waits.
   *
   * @complexity O(1)
   * @source QUEUE-9 · no CPython counterpart
   */
  statistics(): QueueStatistics {
    return {
      items: this.#length(),
      reservedItems: this.#getters?.turns ?? 0,
      reservedPlaces: this.#putters?.turns ?? 0,
      getters: this.#getters?.waiters.live ?? 0,
      putters: this.#putters?.waiters.live ?? 0,
      joiners: this.#joiners?.live ?? 0,
      unfinished: this.#unfinished,
    };
  }

  /**
   * Waits until there is a place, then puts an item.
   *
   * It begins when it is called: an item is put also if nobody awaits that.
   *
   * @param item the item; `undefined` and `null` are items
   * @param options a signal and a time limit
   * @returns nothing, once the item is in the queue
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) if the queue is shut down, also while this waits; the item is not put
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); the item is not put
   * @ordering First come, first served; no item overtakes that of a `put` that waits or has its turn.
   * @cancellation Queued: the place in line is given up. Already chosen: the turn passes to the next. Once it is put the
   * item stays: it is the queue's, and may have been got.
   * @complexity O(1) amortised; nothing is allocated where there is a place
   * @source QUEUE-3 · CPython 3.13 Lib/asyncio/queues.py `Queue.put`
   * @example await queue.put(job)
   */
  put(item: T, options?: WaitOptions): Operation<void> {
    checkWait(options);
    if (!this.#mayPut(1, options)) return this.#offer(1, item, options);
    this.#accept(item);
    return completedVoid();
  }

  /**
   * Waits until there is a place for all of the items, then puts them, in one go.
   *
   * @param items the items; no more than the queue takes
   * @param options a signal and a time limit
   * @returns nothing, once all items are in the queue
   * @throws RangeError if they are more than `maxsize`; TypeError if they cannot be iterated
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) if the queue is shut down, also while this waits; none is put
   * @throws what the comparator of a `PriorityQueue` throws for one of them; none is put
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); none is put
   * @ordering As `put`: who comes later waits behind it, also if there were a place for fewer.
   * @cancellation As `put`: all are put, or none.
   * @complexity O(items)
   * @source QUEUE-8 · no CPython counterpart
   */
  putMany(items: Iterable<T>, options?: WaitOptions): Operation<void> {
    checkWait(options);
    const batch = [...items];
    const { length } = batch;
    if (this.maxsize && length > this.maxsize) checkCount('items.length', length, 0, this.maxsize);
    if (!this.#mayPut(length, options)) return this.#offer(length, new Batch(batch), options);
    this.#acceptAll(batch);
    return completedVoid();
  }

  /**
   * Puts an item at once.
   *
   * @param item the item
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) if the queue is shut down; QueueFull (`QUEUE_FULL`) if every free place is
   * reserved. The queue is as it was.
   * @ordering It takes no place from somebody who waits, or whose turn has come.
   * @complexity O(1) amortised
   * @source QUEUE-2 · CPython `Queue.put_nowait`
   */
  putNowait(item: T): void {
    if (this.#state) throw shutDown();
    if (this.full()) throw new QueueFull('every place is taken, or reserved for those who wait');
    this.#accept(item);
  }

  /**
   * Waits until there is an item, then takes it.
   *
   * @param options a signal and a time limit
   * @returns the item that is first when it is delivered
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) if the queue is shut down and has been drained
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); no item is taken
   * @ordering First come, first served; a new call never overtakes one. Items come in the order in which they were put.
   * @cancellation Queued: the place in line is given up. Already chosen: the turn passes to the next. No item has moved.
   * @complexity O(1) amortised; one waiter while queued
   * @source QUEUE-4 · CPython 3.13 Lib/asyncio/queues.py `Queue.get`
   * @example const job = await queue.get()
   */
  get(options?: WaitOptions): Operation<T> {
    checkWait(options);
    if (this.#items() > 0 && mayPass(this.#getters, options))
      return completed(this.#take(), this.#itemOwner(), this.place);
    return this.#wait(ITEM, 1, options) as Operation<T>;
  }

  /**
   * Waits for the next item, or the end, and gives it as an iterator does.
   *
   * `for await (const item of queue)` calls it; in a generator: `while (!(next = yield* queue.next()).done) …`.
   *
   * @param options a signal and a time limit
   * @returns the item as `{ done: false, value }`, or `{ done: true }` once the queue is shut down and drained
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); no item is taken
   * @ordering As `get`.
   * @cancellation As `get`.
   * @complexity O(1) amortised
   * @source QUEUE-7 · no CPython counterpart
   */
  next(options?: WaitOptions): Operation<IteratorResult<T, undefined>> {
    checkWait(options);
    if (this.#items() > 0 && mayPass(this.#getters, options)) {
      this.#nextOwner ??= { abandoned: ({ value }, place) => this.#takeBack(value, place as number) };
      return completed({ done: false, value: this.#take() }, this.#nextOwner, this.place);
    }
    return this.#wait(NEXT, 1, options) as Operation<IteratorResult<T, undefined>>;
  }

  /**
   * Waits until there are items, then takes many in one go.
   *
   * With a `min` it waits for so many, unless no more can come: the queue is shut down, or so full that somebody waits
   * for a place.
   *
   * @param options how many at least and at most; a signal and a time limit
   * @returns the items in order; one at least
   * @throws TypeError or RangeError for a `min` or `max` that makes no sense, or a `min` above `maxsize`
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) if the queue is shut down and has been drained
   * @throws what the comparator of a `PriorityQueue` throws; none is taken
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); no item is taken
   * @ordering As `get`: who comes later waits behind it, also if there were items enough for fewer.
   * @cancellation As `get`: all are taken, or none.
   * @complexity O(items)
   * @source QUEUE-8 · no CPython counterpart
   */
  getMany(options: GetManyOptions = {}): Operation<T[]> {
    checkWait(options);
    const { min = 1, max = Infinity } = options;
    checkCount('min', min, 1, this.maxsize || Number.MAX_SAFE_INTEGER);
    checkCount('max', max, min);
    const there = this.#items();
    const enough = there >= min || (there > 0 && this.#isScarce(there));
    if (!enough || !mayPass(this.#getters, options))
      return this.#wait({ max }, min, options) as Operation<T[]>;
    const places: number[] = [];
    return completed(this.#takeMany(max, places), {
      abandoned: (items) => {
        for (const [at, item] of items.entries()) this.#takeBack(item, places[at] as number);
      },
    });
  }

  /**
   * Takes the first item at once.
   *
   * @returns the item
   * @throws QueueEmpty (`QUEUE_EMPTY`) if every item is reserved; QueueShutDown (`QUEUE_SHUT_DOWN`) if there is none and
   * the queue is shut down. The queue is as it was.
   * @ordering It takes no turn from somebody who waits, or whose turn has come.
   * @complexity O(1) amortised
   * @source QUEUE-2 · CPython `Queue.get_nowait`
   */
  getNowait(): T {
    if (this.empty()) {
      if (this.#isDrained()) throw shutDown();
      throw new QueueEmpty('every item is taken, or reserved for those who wait');
    }
    return this.#take();
  }

  /**
   * Says that the work for an item that was got is done.
   *
   * @throws RangeError if it was called for every item that was put; nothing has changed
   * @complexity O(1), and those who wait in `join()` with the last
   * @source QUEUE-5 · CPython `Queue.task_done`
   */
  taskDone(): void {
    if (this.#unfinished < 1) throw new RangeError('taskDone() called too many times');
    this.#finish(1);
  }

  /**
   * Waits until `taskDone()` was called for every item that was put.
   *
   * @param options a signal and a time limit
   * @returns nothing, once no item is unfinished; at once if none is
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); the queue is as it was
   * @ordering All who wait are woken in the order in which they came.
   * @cancellation The wait ends; nothing else changes.
   * @complexity O(1)
   * @source QUEUE-5 · CPython `Queue.join`
   */
  join(options?: WaitOptions): Operation<void> {
    checkWait(options);
    if (this.#unfinished < 1 && !options?.signal?.aborted) return completedVoid();
    const owner = { primitive: this, deliver() {}, passed() {}, toString: () => String(this) };
    this.#joiners ??= new WaitQueue<void>(owner);
    return this.#joiners.join(options);
  }

  /**
   * Ends it: nothing can be put any more, and once it is drained nothing can be got.
   *
   * Those who wait to put, and those for whom no item is left, get a QueueShutDown.
   *
   * @param options `immediate`: drop the items that are there; each counts as done
   * @throws TypeError if `options` is not an object
   * @ordering Those who wait are told in the next iteration, getters first; who has a turn for an item gets it.
   * @complexity O(those who wait), and with `immediate` O(items)
   * @source QUEUE-6 · CPython 3.13 `Queue.shutdown`
   */
  shutdown(options: ShutdownOptions = {}): void {
    if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
    if (options.immediate) {
      this.#state = CLOSED;
      let dropped = 0;
      for (; this.#length() > 0; dropped++) this.#takeItem();
      this.#finish(dropped);
    } else this.#state ||= DRAINING;
    realm.hooks?.resource?.(this, false);
    // They find out themselves what is left.
    this.#getters?.wake(true);
    this.#putters?.wake(true);
  }

  /** Its items until it is shut down and drained; leaving the loop leaves the others in the queue. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    // A promise of the host's own is what `for await` is fastest with; it always looks at what it gets.
    const next = (): unknown =>
      this.#items() > 0 && mayPass(this.#getters, undefined)
        ? Promise.resolve({ done: false, value: this.#take() })
        : this.next();
    const iterator = {
      next: next as () => Promise<IteratorResult<T, undefined>>,
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** The queue as asyncio's `repr` shows it. */
  toString(): string {
    const { items, getters, putters, unfinished } = this.statistics();
    const counts = { maxsize: this.maxsize, items, getters, putters, tasks: unfinished };
    const shown = Object.entries(counts).filter(([name, count]) => count || name === 'maxsize');
    const parts = shown.map(([name, count]) => ` ${name}=${count}`);
    return `<${this.constructor.name}${parts.join('')}${this.#state ? ' shutdown' : ''}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** Called before the first item is put, for a subclass that keeps its items itself: CPython's `_init`. */
  protected init(_maxsize: number): void {
    this.#ring = new Ring();
  }

  /** Keeps an item: CPython's `_put`. */
  protected putItem(item: T): void {
    (this.#ring as Ring<T>).push(item);
  }

  /** Gives up the item that is next, of which there is one: CPython's `_get`. */
  protected getItem(): T {
    return (this.#ring as Ring<T>).shift();
  }

  /**
   * Takes the items out again that were put last, as `putItem` threw for one of the same batch. A subclass that keeps its
   * items itself and refuses some has this too; without it what was put stays.
   */
  protected dropLast(count: number): void {
    for (; this.#ring !== undefined && count > 0; count--) this.#ring.drop();
  }

  /** How many items are kept; called after `init`. */
  protected itemCount(): number {
    return (this.#ring as Ring<T>).length;
  }

  /** Takes an item back that nobody has seen, to where it was: here before all others that were got later or not yet. */
  protected returnItem(item: T, place: number): void {
    const returned = (this.#returned ??= []);
    let at = returned.length;
    while (at > 0 && (returned[at - 1] as Returned<T>).place < place) at--;
    returned.splice(at, 0, { item, place });
  }

  #length(): number {
    return this.#made ? this.itemCount() + (this.#returned === undefined ? 0 : this.#returned.length) : 0;
  }

  #room(): number {
    return this.maxsize === 0 ? Infinity : this.maxsize - this.#length();
  }

  /** How many items a newcomer may have. */
  #items(): number {
    return this.#getters === undefined ? this.#length() : this.#getters.spare;
  }

  /** How many places a newcomer may have. */
  #places(): number {
    return this.#putters === undefined ? this.#room() : this.#putters.spare;
  }

  #mayPut(count: number, options: WaitOptions | undefined): boolean {
    return this.#state === OPEN && this.#places() >= count && mayPass(this.#putters, options);
  }

  #isDrained(): boolean {
    return this.#state !== OPEN && this.#length() === 0;
  }

  /** Whether a getter must do with fewer than it asks for. */
  #isScarce(there: number): boolean {
    return this.#state !== OPEN || (there > 0 && (this.#putters?.waiters.live ?? 0) > 0);
  }

  #wait(want: Wanted, count: number, options: WaitOptions | undefined): Operation<unknown> {
    const drained = this.#isDrained();
    if (drained && want === NEXT && !options?.signal?.aborted) return completed(END);
    this.#getters ??= new Side(
      () => this.#length(),
      (wanted) => this.#move(wanted as Wanted),
      this,
      (there) => this.#isScarce(there),
      (waiter) => hearLate(waiter, false),
    );
    return this.#getters.join(options, count, want, drained ? shutDown() : undefined);
  }

  #offer(count: number, what: unknown, options: WaitOptions | undefined): Operation<void> {
    this.#putters ??= new Side(
      () => this.#room(),
      (brought) => {
        if (this.#state !== OPEN) throw shutDown();
        if (brought instanceof Batch) this.#acceptAll(brought.items as readonly T[]);
        else this.#accept(brought as T);
      },
      this,
      () => false,
      (waiter) => hearLate(waiter, true),
    );
    const waiter = this.#putters.join(options, count, what, this.#state === OPEN ? undefined : shutDown());
    // Who waits for more items than there are must do with them.
    this.#getters?.wake();
    return waiter as Operation<void>;
  }

  #accept(item: T): void {
    this.#keep(item);
    this.#getters?.wake();
  }

  #acceptAll(items: readonly T[]): void {
    const unfinished = this.#unfinished;
    const before = this.#length();
    try {
      for (const item of items) this.#keep(item);
    } catch (error) {
      const put = this.#length() - before;
      if (put > 0) this.dropLast(put);
      this.#unfinished = unfinished + Math.max(0, this.#length() - before);
      throw error;
    } finally {
      this.#getters?.wake();
    }
  }

  #keep(item: T): void {
    if (!this.#made) {
      this.init(this.maxsize);
      this.#made = true;
    }
    this.putItem(item);
    this.#unfinished++;
  }

  /** Takes what is wanted, or what of it is there. */
  #move(want: Wanted): unknown {
    if (this.#isDrained()) {
      if (want === NEXT) return END;
      throw shutDown();
    }
    if (want === ITEM) return this.#take();
    return want === NEXT ? { done: false, value: this.#take() } : this.#takeMany(want.max, []);
  }

  /** Takes items that nobody else has a turn for, and notes where they were. */
  #takeMany(max: number, places: number[]): T[] {
    const there = this.#length() - (this.#state === OPEN ? (this.#getters?.turns ?? 0) : 0);
    const items: T[] = [];
    for (let left = Math.min(max, there); left > 0; left--) {
      try {
        items.push(this.#takeItem());
      } catch (error) {
        for (const [at, item] of items.entries()) this.returnItem(item, places[at] as number);
        throw error;
      }
      places.push(this.place);
    }
    // Nobody has a turn for a place before it is sure that it stays free.
    this.#putters?.wake();
    return items;
  }

  #take(): T {
    const item = this.#takeItem();
    this.#putters?.wake();
    return item;
  }

  #takeItem(): T {
    const returned = this.#returned;
    if (returned !== undefined && returned.length > 0) {
      const { item, place } = returned.pop() as Returned<T>;
      this.place = place;
      return item;
    }
    this.place = this.#taken++;
    return this.getItem();
  }

  /** Who takes back what an operation gave and nobody has seen. */
  #itemOwner(): CompletedOwner<T> {
    return (this.#owner ??= {
      primitive: this,
      abandoned: (item, place) => this.#takeBack(item, place as number),
    } as CompletedOwner<T>);
  }

  #takeBack(item: T, place: number): void {
    if (this.#state === CLOSED) return this.#finish(1);
    this.returnItem(item, place);
    this.#getters?.wake();
  }

  #finish(count: number): void {
    this.#unfinished = Math.max(0, this.#unfinished - count);
    if (this.#unfinished === 0) this.#joiners?.grantAll();
  }
}
