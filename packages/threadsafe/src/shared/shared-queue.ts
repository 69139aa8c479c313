/** A queue between threads: awaited on a loop, blocking in workers, the same one. */
import { completed, completedVoid, type Operation, refuse } from '@aiokit/loop-core';
import { checkWait, type WaitOptions } from '@aiokit/loop-core/wait-queue';
import { GET_KIND, PUT_KIND } from './bury.js';
import { ByteCells, cellBytes } from './byte-cells.js';
import { type Codec, codecOf } from './codec.js';
import { brokenError, busy, QueueEmpty, QueueFull, QueueShutDown } from './errors.js';
import {
  BUSY,
  COUNT,
  DONE,
  ENDED,
  FAILED,
  FULL,
  GRANTED,
  IDLE,
  LINE,
  SHUT,
  THREADS,
  WAITING,
  WAITS,
} from './layout.js';
import { checkMemory, type FromOptions, memoryOf, type SharedHandle, SharedPrimitive } from './primitive.js';
import {
  CAPACITY,
  finish,
  GET,
  get,
  getWords,
  HEAD,
  join,
  joinGet,
  joinPut,
  put,
  shutDown,
  SHUTDOWN,
  sleepRing,
  TAIL,
  withdrawRing,
} from './ring.js';
import { SharedLine } from './shared-line.js';
import type { SharedMemory } from './shared-memory.js';
import { checkSleep } from './check-sleep.js';
import { timedOut } from './timed-out.js';

/** How a shared queue is made. */
export interface SharedQueueOptions<T> {
  /** How many items it holds at most. */
  readonly maxsize: number;
  /** How many bytes an item takes at most. */
  readonly itemBytes: number;
  /** How items become bytes: `'bytes'` unless given; `'clone'` clones values, as JSON in browsers; or a codec. */
  readonly codec?: 'bytes' | 'clone' | Codec<T> | undefined;
}

/** As `SharedHandle`. */
export interface SharedQueueHandle extends SharedHandle<'SharedQueue'> {
  readonly buffer: ArrayBufferLike;
  readonly maxsize: number;
  readonly itemBytes: number;
  /** Undefined if it has a codec of its own, which every thread has to give. */
  readonly codec: 'bytes' | 'clone' | undefined;
}

/** How many items are wanted at most, and what limits the wait. */
export interface SharedGetManyOptions extends WaitOptions {
  readonly max?: number | undefined;
}

/**
 * A bounded queue that threads share: many may put, many may get.
 *
 * The methods that end in `Sync` block, and are for workers; the others are awaited. Items are copied.
 *
 * @source SHARED-7 · CPython `queue.Queue`, `asyncio.Queue`; janus, whose two faces are one here
 * @example
 * const queue = new SharedQueue(new SharedMemory(), { maxsize: 64, itemBytes: 100, codec: 'clone' });
 * await queue.put({ text: 'hello' });
 * await queue.get(); // { text: 'hello' }
 */
export class SharedQueue<T = Uint8Array> extends SharedPrimitive {
  readonly handle: SharedQueueHandle;
  readonly #codec: Codec<T>;
  readonly #cells: ByteCells;
  readonly #getters: SharedLine<unknown>;
  readonly #putters: SharedLine<void>;
  readonly #joiners: SharedLine<void>;
  /** What was got at once and given back unseen: this thread's next. */
  readonly #returned: Uint8Array[] = [];
  /** Whose turn is to have some of it, by their nodes. */
  readonly #served = new Map<number, Uint8Array[]>();

  /**
   * @param memory where it is made
   * @param options its size, and how items become bytes
   * @param handle the one that is there already; undefined makes one
   * @throws TypeError or RangeError if an argument makes no sense, or the memory is full
   */
  constructor(memory: SharedMemory, options: SharedQueueOptions<T>, handle?: SharedQueueHandle) {
    checkMemory(memory);
    if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
    const { maxsize, itemBytes, codec = 'bytes' } = options;
    for (const [name, value] of Object.entries({ maxsize, itemBytes })) {
      if (!Number.isInteger(value)) refuse(name, 'a whole number, 1 or more', value);
      if (value < 1 || value > 2 ** 30) refuse(name, 'from 1 to 2³⁰', value, RangeError);
    }
    const coder = codecOf(codec);
    // It may be more than there is, so that it comes first: nothing is taken then.
    const buffer = handle?.buffer ?? new SharedArrayBuffer(cellBytes(maxsize, itemBytes));
    super(memory, handle?.at ?? makeRing(memory, maxsize));
    this.#codec = coder;
    this.#cells = new ByteCells(buffer, itemBytes);
    this.handle = {
      kind: 'SharedQueue',
      memory: memory.handle,
      at: this.at,
      buffer,
      maxsize,
      itemBytes,
      codec: typeof codec === 'string' ? codec : undefined,
    };
    const { connection, at } = this;
    const reason = (state: number): Error => this.#reason(state);
    const toString = (): string => this.toString();
    this.#getters = new SharedLine<unknown>(connection, {
      deliver: (node, max) => this.#taken(node, max as number | undefined),
      withdraw: (node) => {
        this.#giveBack(this.#unserved(node));
        return withdrawRing(connection, at, GET, node, false);
      },
      reason,
      toString,
    });
    this.#putters = new SharedLine<void>(connection, {
      deliver: (node, items) => this.#placed(node, items as Uint8Array[]),
      withdraw: (node) => withdrawRing(connection, at, 0, node, false),
      reason,
      toString,
    });
    this.#joiners = new SharedLine<void>(connection, {
      deliver: (node) => {
        Atomics.store(connection.m, node, IDLE);
        connection.drop(node);
      },
      withdraw: (node) => withdrawRing(connection, at, GET, node, false),
      reason,
      toString,
    });
  }

  /**
   * The queue that another thread made.
   *
   * @param handle its handle
   * @param options this thread's name; the codec, if it has one of its own
   * @throws TypeError if it is no handle of a queue, or the codec is missing
   * @source SHARED-1 · no CPython counterpart
   */
  static from<T = Uint8Array>(
    handle: SharedQueueHandle,
    options: FromOptions & { readonly codec?: Codec<T> | undefined } = {},
  ): SharedQueue<T> {
    const memory = memoryOf(handle, 'SharedQueue', PUT_KIND, options.name);
    const { maxsize, itemBytes } = handle;
    const codec = handle.codec ?? options.codec;
    if (codec === undefined) refuse('options.codec', 'given, as the queue has a codec of its own', codec);
    return new SharedQueue<T>(memory, { maxsize, itemBytes, codec }, handle);
  }

  /** How many items it holds at most. */
  get maxsize(): number {
    return this.connection.m[this.at + CAPACITY] as number;
  }

  /** How many items are in it. */
  qsize(): number {
    const { m } = this.connection;
    const head = Atomics.load(m, this.at + GET + HEAD);
    let kept = this.#returned.length;
    for (const { length } of this.#served.values()) kept += length;
    return Math.max(0, (Atomics.load(m, this.at + TAIL) - head) | 0) + kept;
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /** Whether it holds as many items as it can. */
  full(): boolean {
    return this.qsize() >= this.maxsize;
  }

  /** How many of all threads wait: to get, and to put. */
  get waiting(): { readonly getters: number; readonly putters: number } {
    const { m } = this.connection;
    return {
      getters: Atomics.load(m, this.at + GET + LINE + COUNT),
      putters: Atomics.load(m, this.at + LINE + COUNT),
    };
  }

  /**
   * Puts an item, once there is room, without blocking.
   *
   * @param item what is copied into the queue
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @throws RangeError if its bytes are more than `itemBytes`; QueueShutDown (`QUEUE_SHUT_DOWN`) once it is shut down
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); nothing was put
   * @ordering First come, first served among all who wait in all threads; the items of each thread stay in order.
   * @cancellation The place in line is given up, or the turn passed on.
   * @complexity O(bytes)
   * @source SHARED-7 · CPython 3.13 `asyncio.Queue.put`
   */
  put(item: T, options?: WaitOptions): Operation<void> {
    return this.putMany([item], options);
  }

  /**
   * Puts several items, once there is room for all, without blocking.
   *
   * @param items what is copied into the queue; no more than `maxsize`
   * @param options as for `put`
   * @throws as `put`; all were put, or none
   * @ordering as `put`; they lie together
   * @cancellation as `put`
   * @complexity O(bytes)
   * @source SHARED-7 · no CPython counterpart
   */
  putMany(items: Iterable<T>, options?: WaitOptions): Operation<void> {
    checkWait(options);
    const encoded = this.#encode(items);
    if (!options?.signal?.aborted && !this.#putters.behind && this.#put(encoded, 0) === DONE) {
      return completedVoid();
    }
    const { connection, at } = this;
    const node = connection.node();
    return this.#putters.wait(options, node, () => joinPut(connection, at, node, encoded.length), encoded);
  }

  /**
   * Puts an item at once.
   *
   * @param item what is copied into the queue
   * @throws QueueFull (`QUEUE_FULL`) if there is no room, or somebody waits; as `put`. Nothing was put.
   * @complexity O(bytes)
   * @source SHARED-7 · CPython `queue.Queue.put_nowait`
   */
  putNowait(item: T): void {
    const encoded = this.#encode([item]);
    const outcome = this.connection.now(() => this.#put(encoded, 0));
    if (outcome === DONE) return;
    if (outcome === BUSY) throw busy('queue');
    throw outcome === ENDED ? this.#reason(SHUT) : new QueueFull('every place is taken, or promised');
  }

  /**
   * Puts an item, once there is room, blocking the thread.
   *
   * @param item what is copied into the queue
   * @param options as for `put`; a signal counts only if it has aborted already
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `put`
   * @ordering as `put`, in one line with it
   * @complexity O(bytes)
   * @source SHARED-7 · CPython `queue.Queue.put`
   */
  putSync(item: T, options?: WaitOptions): void {
    const timeoutMs = checkSleep(this.connection, options);
    this.#putSync([this.#bytesOf(item)], timeoutMs);
  }

  /**
   * Puts several items, once there is room for all, blocking the thread.
   *
   * @param items as for `putMany`
   * @param options as for `putSync`
   * @throws as `putSync`; all were put, or none
   * @ordering as `putMany`
   * @complexity O(bytes)
   * @source SHARED-7 · no CPython counterpart
   */
  putManySync(items: Iterable<T>, options?: WaitOptions): void {
    const timeoutMs = checkSleep(this.connection, options);
    this.#putSync(this.#encode(items), timeoutMs);
  }

  #putSync(encoded: Uint8Array[], timeoutMs: number): void {
    const { connection, at } = this;
    if (this.#put(encoded, 0) === DONE) return;
    const node = this.#sleep(0, timeoutMs, (own) => joinPut(connection, at, own, encoded.length));
    this.#placed(node, encoded);
  }

  /**
   * Gets the next item, once there is one, without blocking.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns the item
   * @throws QueueShutDown (`QUEUE_SHUT_DOWN`) once it is shut down and drained
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`); nothing was taken
   * @ordering First come, first served among all who wait in all threads; items in the order in which they were put.
   * @cancellation The place in line is given up, or the turn passed on. An item that was got at once and never seen is the
   * next that this thread gets.
   * @complexity O(bytes)
   * @source SHARED-7 · CPython 3.13 `asyncio.Queue.get`
   */
  get(options?: WaitOptions): Operation<T> {
    checkWait(options);
    if (!options?.signal?.aborted && !this.#getters.behind) {
      const [bytes] = this.#take(1);
      if (bytes) return completed(this.#codec.decode(bytes), this.#owner([bytes]));
    }
    return this.#await(options, undefined) as Operation<T>;
  }

  /**
   * Gets all items that are there, once there is one, without blocking.
   *
   * @param options how many at most; the limits as for `get`
   * @returns the items in order, one at least
   * @throws as `get`; RangeError or TypeError if `max` makes no sense
   * @ordering as `get`
   * @cancellation as `get`
   * @complexity O(bytes)
   * @source SHARED-7 · no CPython counterpart
   */
  getMany(options: SharedGetManyOptions = {}): Operation<T[]> {
    checkWait(options);
    const max = checkMax(options);
    if (!options.signal?.aborted && !this.#getters.behind) {
      const taken = this.#take(max);
      if (taken.length > 0) return completed(this.#decode(taken), this.#owner(taken));
    }
    return this.#await(options, max) as Operation<T[]>;
  }

  /**
   * Gets the next item at once.
   *
   * @returns the item
   * @throws QueueEmpty (`QUEUE_EMPTY`) if there is none, or somebody waits; QueueShutDown (`QUEUE_SHUT_DOWN`) once it is
   * shut down and drained
   * @complexity O(bytes)
   * @source SHARED-7 · CPython `queue.Queue.get_nowait`
   */
  getNowait(): T {
    const into: Uint8Array[] = [];
    const outcome = this.connection.now(() => this.#get(into, 1));
    if (outcome === DONE) return this.#codec.decode(into[0] as Uint8Array);
    if (outcome === BUSY) throw busy('queue');
    throw outcome === ENDED ? this.#reason(SHUT) : new QueueEmpty('every item is taken, or promised');
  }

  /**
   * Gets the next item, once there is one, blocking the thread.
   *
   * @param options as for `get`; a signal counts only if it has aborted already
   * @returns the item
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `get`
   * @ordering as `get`, in one line with it
   * @complexity O(bytes)
   * @source SHARED-7 · CPython `queue.Queue.get`
   */
  getSync(options?: WaitOptions): T {
    return this.#getSync(1, options)[0] as T;
  }

  /**
   * Gets all items that are there, once there is one, blocking the thread.
   *
   * @param options as for `getMany` and `getSync`
   * @returns the items in order, one at least
   * @throws as `getSync`
   * @ordering as `getMany`
   * @complexity O(bytes)
   * @source SHARED-7 · no CPython counterpart
   */
  getManySync(options: SharedGetManyOptions = {}): T[] {
    return this.#getSync(checkMax(options), options);
  }

  /**
   * Says that the work for an item is done that this thread has got.
   *
   * @throws RangeError if it was called for every item that this thread has got; nothing has changed
   * @complexity O(threads) with the last
   * @source SHARED-8 · CPython `queue.Queue.task_done`
   */
  taskDone(): void {
    const { connection, at } = this;
    const outcome = connection.behind ? BUSY : finish(connection, at);
    if (outcome === FULL) throw new RangeError('taskDone() called too many times');
    if (outcome === BUSY) connection.later(() => finish(connection, at) !== BUSY);
  }

  /**
   * Waits until `taskDone()` was called for every item that was put, without blocking.
   *
   * @param options `signal` and `timeoutMs` end the wait
   * @throws OwnerDiedError (`OWNER_DIED`) naming a thread that has ended with items that were not done
   * @throws CancelledError (`CANCELLED`), the signal's reason or TimeoutError (`TIMEOUT`)
   * @ordering all who wait are woken
   * @cancellation the wait ends; nothing else changes
   * @complexity O(threads)
   * @source SHARED-8 · CPython 3.13 `asyncio.Queue.join`
   */
  join(options?: WaitOptions): Operation<void> {
    checkWait(options);
    const { connection, at } = this;
    const node = connection.node();
    return this.#joiners.wait(options, node, () => join(connection, at, node));
  }

  /**
   * As `join`, blocking the thread.
   *
   * @param options as for `join`; a signal counts only if it has aborted already
   * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) where blocking would stop what has to go on
   * @throws as `join`
   * @complexity O(threads)
   * @source SHARED-8 · CPython `queue.Queue.join`
   */
  joinSync(options?: WaitOptions): void {
    const { connection, at } = this;
    const timeoutMs = checkSleep(connection, options);
    let done = false;
    const node = this.#sleep(GET, timeoutMs, (own) => {
      const outcome = join(connection, at, own);
      done = outcome === DONE;
      return outcome;
    });
    if (!done) Atomics.store(connection.m, node, IDLE);
    connection.drop(node);
  }

  /**
   * Ends it: nothing can be put any more, and once it is drained nothing can be got.
   *
   * @param options `immediate`: drop the items that are there
   * @throws TypeError if `options` is not an object
   * @complexity O(those who wait)
   * @source SHARED-8 · CPython 3.13 `queue.Queue.shutdown`
   */
  shutdown(options: { readonly immediate?: boolean | undefined } = {}): void {
    if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
    if (options.immediate) this.#returned.length = 0;
    this.soon(() => shutDown(this.connection, this.at, options.immediate ? 2 : 1));
  }

  /** Its items until it is shut down and drained. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let items: T[];
      try {
        items = [await this.get()];
      } catch (error) {
        if ((error as { code?: unknown }).code === 'QUEUE_SHUT_DOWN') return;
        throw error;
      }
      yield* items;
    }
  }

  /** As `util.inspect` shows it. */
  override toString(): string {
    const { getters, putters } = this.waiting;
    const waits = `${getters > 0 ? ` getters=${getters}` : ''}${putters > 0 ? ` putters=${putters}` : ''}`;
    const shut = this.connection.m[this.at + SHUTDOWN] ? ' shutdown' : '';
    return `<SharedQueue maxsize=${this.maxsize} items=${this.qsize()}${waits}${shut}>`;
  }

  #encode(items: Iterable<T>): Uint8Array[] {
    const { maxsize } = this.handle;
    const encoded: Uint8Array[] = [];
    for (const item of items) encoded.push(this.#bytesOf(item));
    if (encoded.length > maxsize) refuse('items', `${maxsize} at most`, encoded.length, RangeError);
    return encoded;
  }

  #bytesOf(item: T): Uint8Array {
    const { itemBytes } = this.handle;
    const bytes = this.#codec.encode(item);
    if (bytes.length > itemBytes) refuse('item', `of ${itemBytes} bytes at most`, bytes.length, RangeError);
    return bytes;
  }

  #decode(taken: readonly Uint8Array[]): T[] {
    return taken.map((bytes) => this.#codec.decode(bytes));
  }

  #put(encoded: readonly Uint8Array[], node: number): number {
    this.connection.check();
    return put(this.connection, this.at, this.#cells, encoded, node);
  }

  #get(into: Uint8Array[], max: number): number {
    const { connection, at } = this;
    const returned = this.#returned;
    connection.check();
    while (returned.length > 0 && into.length < max) into.push(returned.shift() as Uint8Array);
    if (into.length === max) return DONE;
    const outcome = get(connection, at, this.#cells, into, max - into.length, 0);
    return into.length > 0 ? DONE : outcome;
  }

  #take(max: number): Uint8Array[] {
    const into: Uint8Array[] = [];
    this.#get(into, max);
    return into;
  }

  #owner(taken: Uint8Array[]): { abandoned(): void } {
    return { abandoned: () => this.#giveBack(taken) };
  }

  #giveBack(taken: readonly Uint8Array[]): void {
    this.#returned.unshift(...taken);
    this.#serve();
  }

  /** Gives what was given back to those of this thread who wait. */
  #serve(): void {
    const returned = this.#returned;
    const give = (node: number, max: unknown): void => {
      this.#served.set(node, returned.splice(0, (max as number | undefined) ?? 1));
    };
    while (returned.length > 0 && this.#getters.serve(give));
  }

  #unserved(node: number): Uint8Array[] {
    const items = this.#served.get(node) ?? [];
    this.#served.delete(node);
    return items;
  }

  #await(options: WaitOptions | undefined, max: number | undefined): Operation<unknown> {
    const { connection, at } = this;
    const node = connection.node();
    const wait = this.#getters.wait(options, node, () => joinGet(connection, at, node), max);
    // Others of this thread who have their turn may have kept it from what was given back.
    this.#serve();
    return wait;
  }

  #getSync(max: number, options: WaitOptions | undefined): T[] {
    const { connection, at } = this;
    const timeoutMs = checkSleep(connection, options);
    let taken = this.#take(max);
    if (taken.length === 0) {
      const node = this.#sleep(GET, timeoutMs, (own) => joinGet(connection, at, own));
      taken = this.#turn(node, max);
    }
    return this.#decode(taken);
  }

  /** Blocks until a node has its turn. */
  #sleep(side: number, timeoutMs: number, begin: (node: number) => number): number {
    const { connection, at } = this;
    const node = connection.node();
    const outcome = timeoutMs > 0 ? begin(node) : FULL;
    let state = outcome === FAILED ? FAILED : WAITING;
    if (outcome === DONE) return node;
    if (outcome === WAITS) {
      state = sleepRing(connection, at, side, node, timeoutMs);
      if (state === GRANTED) return node;
    }
    connection.drop(node);
    throw state === WAITING ? timedOut() : this.#reason(state);
  }

  /** Takes the items of a turn. */
  #turn(node: number, max: number): Uint8Array[] {
    const { connection, at } = this;
    const into: Uint8Array[] = [];
    const turn = () => get(connection, at, this.#cells, into, max, node);
    this.#settled(node, GET, connection.now(turn));
    return into;
  }

  #taken(node: number, max: number | undefined): unknown {
    let taken = this.#unserved(node);
    if (taken.length === 0) taken = this.#turn(node, max ?? 1);
    else this.#leave(node, GET);
    return max === undefined ? this.#codec.decode(taken[0] as Uint8Array) : this.#decode(taken);
  }

  #placed(node: number, encoded: Uint8Array[]): void {
    this.#settled(
      node,
      0,
      this.connection.now(() => this.#put(encoded, node)),
    );
  }

  /** A turn was used, or cannot be: then it is given back. */
  #settled(node: number, side: number, outcome: number): void {
    const { connection } = this;
    if (outcome === BUSY) {
      this.#leave(node, side);
      throw busy('queue');
    }
    connection.drop(node);
    if (outcome !== DONE) throw this.#reason(SHUT);
  }

  /** Gives a place or a turn in the shared line up. */
  #leave(node: number, side: number): void {
    const { connection, at } = this;
    const left = (): boolean => {
      const gone = withdrawRing(connection, at, side, node, false) >= 0;
      if (gone) connection.drop(node);
      return gone;
    };
    if (!left()) connection.later(left);
  }

  #reason(state: number): Error {
    return state === SHUT
      ? new QueueShutDown('the queue is shut down')
      : brokenError(this.connection.m, this.at + GET, 'queue');
  }
}

function checkMax({ max = 2 ** 30 }: SharedGetManyOptions): number {
  if (max === Infinity) return 2 ** 30;
  if (!Number.isInteger(max)) refuse('max', 'a whole number, 1 or more', max);
  if (max < 1) refuse('max', '1 or more', max, RangeError);
  return max;
}

function makeRing(memory: SharedMemory, maxsize: number): number {
  const { m } = memory.connection;
  const threads = m[THREADS] as number;
  return memory.make([PUT_KIND, GET_KIND], [GET, getWords(threads)], (unit) => {
    m[unit + CAPACITY] = maxsize;
  });
}
