/** A memory that threads share: who is connected, what is in it, and who has died. */
import { refuse, RuntimeError } from '@aiokit/loop-core';
import { readName, writeName } from './broken.js';
import { bury, declareDead } from './bury.js';
import { Connection } from './connection.js';
import { enter, leave, ring } from './guard.js';
import {
  HEADER_WORDS,
  HOME,
  ID,
  KIND,
  LIMIT,
  LOCKED,
  MAGIC,
  MAKING,
  NEXT_UNIT,
  NODE_WORDS,
  NODES,
  SIZE,
  slotAt,
  SLOT_NAME,
  SLOT_WORDS,
  TENURE,
  THREADS,
  unitsAt,
} from './layout.js';
import { slotsThat } from './line.js';

/** How large a memory is. */
export interface SharedMemoryOptions {
  /** What this thread is called in errors. */
  readonly name?: string | undefined;
  /** How many threads may be connected at a time; 16 unless given. */
  readonly threads?: number | undefined;
  /** How many waits and permits each may have at a time; 256 unless given. */
  readonly waits?: number | undefined;
  /** For how many primitives there is room, at least; 256 unless given. */
  readonly primitives?: number | undefined;
}

/** What another thread connects with: to be sent by `postMessage` or as `workerData`. */
export interface SharedMemoryHandle {
  readonly kind: 'SharedMemory';
  readonly buffer: ArrayBufferLike;
}

/** A worker, as far as its end can be heard of. */
export interface WatchedWorker {
  readonly threadId?: number;
  once?(event: 'exit', listener: () => void): unknown;
}

interface Host {
  readonly document?: unknown;
  readonly SharedArrayBuffer?: new (bytes: number) => ArrayBufferLike;
  readonly process?: { getBuiltinModule?(id: string): unknown };
  readonly navigator?: { readonly locks?: { request(name: string, held: () => unknown): Promise<unknown> } };
}

const host = globalThis as Host;
const UNIT_WORDS = 64;

const workerThreads = (): { isMainThread: boolean; threadId: number } | undefined =>
  host.process?.getBuiltinModule?.('worker_threads') as never;

/** The memories that this thread is connected to, by their name. */
const connected = new Map<string, SharedMemory>();

/** @returns a positive number of what is asked for */
function count(
  options: SharedMemoryOptions,
  name: 'threads' | 'waits' | 'primitives',
  otherwise: number,
): number {
  const value = options[name] ?? otherwise;
  if (!Number.isInteger(value)) refuse(name, 'a whole number, 1 or more', value);
  if (value < 1 || value > 65_536) refuse(name, 'from 1 to 65536', value, RangeError);
  return value;
}

/**
 * Memory in which threads share locks, queues and so on.
 *
 * The thread that makes it, or makes workers, tells of their end by `watch(worker)`; in browsers, where no event does, the
 * thread that makes the memory finds out by itself.
 *
 * @source SHARED-1 · no CPython counterpart: threads of Python share all memory
 * @example
 * const memory = new SharedMemory();
 * const lock = new SharedLock(memory);
 * const worker = new Worker(url, { workerData: lock.handle });
 * memory.watch(worker);
 */
export class SharedMemory {
  /** What other threads connect with. */
  readonly handle: SharedMemoryHandle;
  /** What primitives use. */
  readonly connection: Connection;

  /**
   * @param options how large it is
   * @throws RuntimeError (`NO_SHARED_MEMORY`) if the host has none; TypeError or RangeError if a number makes no sense
   */
  constructor(options: SharedMemoryOptions | SharedMemoryHandle = {}, name?: string) {
    if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
    if ('kind' in options) this.handle = options;
    else this.handle = { kind: 'SharedMemory', buffer: make(options) };
    const m = new Int32Array(this.handle.buffer);
    if (m[0] !== MAGIC) refuse('handle', 'that of a memory of this version', m[0], RangeError);
    const threads = workerThreads();
    const isMain = threads?.isMainThread ?? host.document !== undefined;
    const number = threads ? threads.threadId : 2 ** 24 + Math.trunc(Math.random() * 2 ** 24);
    const given = name ?? ('kind' in options ? undefined : options.name);
    if (given !== undefined && typeof given !== 'string') refuse('name', 'a string', given);
    const slot = claim(m, number + 2);
    this.connection = new Connection(m, slot, !isMain && host.document === undefined);
    writeName(m, slotAt(slot) + SLOT_NAME, given ?? (isMain ? 'the main thread' : `worker ${number}`));
    Atomics.add(m, slotAt(slot) + TENURE, 1);
    connected.set(nameOf(m), this);
    if (host.navigator?.locks && !threads) this.#lock(host.navigator.locks, !('kind' in options));
  }

  /**
   * Connects this thread to a memory; once, however often it is called.
   *
   * @param handle what the other thread sent
   * @param options what this thread is called in errors
   * @throws TypeError if it is no handle; RuntimeError (`TOO_MANY_THREADS`) if no slot is free
   * @source SHARED-1 · no CPython counterpart
   */
  static connect(
    handle: SharedMemoryHandle,
    options: { readonly name?: string | undefined } = {},
  ): SharedMemory {
    if (handle?.kind !== 'SharedMemory') refuse('handle', 'that of a SharedMemory', handle);
    return connected.get(nameOf(new Int32Array(handle.buffer))) ?? new SharedMemory(handle, options.name);
  }

  /** The names of the threads that are connected. */
  get threads(): string[] {
    const { m } = this.connection;
    return slotsThat(m, (state) => state > 0).map((slot) => readName(m, slotAt(slot) + SLOT_NAME));
  }

  /**
   * Tells the others when a worker has ended: what it held is broken, and nobody waits for it in vain.
   *
   * To be called by the thread that has made the worker, which must not block from then on.
   *
   * @param worker a worker of `node:worker_threads`, as Node, Deno and Bun have it
   * @throws TypeError if it does not tell of its end, as in browsers, where this is not needed; RangeError if it has ended
   * @complexity O(waits of all threads × primitives) when it has ended
   * @source SHARED-6 · no CPython counterpart
   */
  watch(worker: WatchedWorker): void {
    const threadId = worker?.threadId;
    if (typeof worker?.once !== 'function' || threadId === undefined) {
      return refuse('worker', 'a worker of node:worker_threads', worker);
    }
    if (threadId < 0) refuse('worker', 'one that has not ended', threadId, RangeError);
    const { connection } = this;
    connection.canBlock = false;
    worker.once('exit', () => {
      const gone = slotsThat(connection.m, (state) => state === threadId + 2);
      this.#bury(gone.filter((slot) => declareDead(connection, slot, threadId + 2)));
    });
  }

  /**
   * Ends this thread's connection: what it holds is broken, as if it had ended. Its waits end, and nothing more can be done
   * with what is in the memory, by a `RuntimeError` (`DISCONNECTED`); to release what was held does nothing.
   */
  disconnect(): void {
    const { connection } = this;
    if (connection.closed) return;
    connection.close();
    const { m, slot } = connection;
    connected.delete(nameOf(m));
    if (declareDead(connection, slot, Atomics.load(m, slotAt(slot)))) this.#bury([slot]);
  }

  /**
   * Makes a unit: the part of a primitive that has a guard. Called by primitives.
   *
   * @param kinds what the units are, which lie behind one another
   * @param words how large each is
   * @param fill fills the units before anybody sees them
   * @returns where the first is
   * @throws RangeError if there is no room
   */
  make(kinds: readonly number[], words: readonly number[], fill: (unit: number) => void): number {
    const { connection } = this;
    const { m } = connection;
    connection.check();
    if (!enter(connection, MAKING)) throw new RuntimeError('try again', { code: 'HELD_UP' });
    try {
      const unit = m[NEXT_UNIT] as number;
      const end = unit + words.reduce((sum, size) => sum + size, 0);
      if (end > (m[LIMIT] as number)) {
        throw new RangeError(
          'this memory has no room for another primitive: new SharedMemory({ primitives }) of more has',
        );
      }
      m.fill(0, unit, end);
      fill(unit);
      let at = unit;
      for (const [index, kind] of kinds.entries()) {
        m[at + KIND] = kind;
        m[at + SIZE] = words[index] as number;
        at += m[at + SIZE] as number;
      }
      Atomics.store(m, NEXT_UNIT, end);
      return unit;
    } finally {
      leave(connection, MAKING);
    }
  }

  #bury(slots: readonly number[]): void {
    const { connection } = this;
    if (slots.length > 0 && !bury(connection)) connection.first(() => bury(connection));
  }

  /** Holds a lock whose being free tells of this thread's end; who made the memory asks for those of the others. */
  #lock(locks: NonNullable<NonNullable<Host['navigator']>['locks']>, isHome: boolean): void {
    const { connection } = this;
    const { m, slot } = connection;
    const lockName = (of: number) => `aiokit:${nameOf(m)}:${of}:${Atomics.load(m, slotAt(of) + TENURE)}`;
    void locks.request(lockName(slot), () => {
      Atomics.store(m, slotAt(slot) + LOCKED, 1);
      for (const home of slotsThat(m, (state) => state > 0)) {
        if (m[slotAt(home) + HOME]) ring(connection, home);
      }
      return new Promise(() => {});
    });
    if (!isHome) return;
    Atomics.store(m, slotAt(slot) + HOME, 1);
    const watched = new Set<string>();
    connection.listen({
      poll: () => {
        for (const other of slotsThat(m, (state) => state > 0)) {
          const name = lockName(other);
          if (other === slot || !m[slotAt(other) + LOCKED] || watched.has(name)) continue;
          const state = Atomics.load(m, slotAt(other));
          watched.add(name);
          void locks.request(name, () => {
            watched.delete(name);
            if (declareDead(connection, other, state)) this.#bury([other]);
          });
        }
        return true;
      },
    });
  }
}

const nameOf = (m: Int32Array): string => `${m[ID]}:${m[ID + 1]}`;

function make(options: SharedMemoryOptions): ArrayBufferLike {
  const threads = count(options, 'threads', 16);
  const waits = count(options, 'waits', 256);
  const primitives = count(options, 'primitives', 256);
  if (!host.SharedArrayBuffer) {
    throw new RuntimeError(
      'there is no SharedArrayBuffer; a page has it if it is served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
      { code: 'NO_SHARED_MEMORY' },
    );
  }
  const units = HEADER_WORDS + threads * SLOT_WORDS + threads * waits * NODE_WORDS;
  const words = units + primitives * (UNIT_WORDS + threads);
  const buffer = new host.SharedArrayBuffer(4 * words);
  const m = new Int32Array(buffer);
  m[THREADS] = threads;
  m[NODES] = waits;
  m[LIMIT] = words;
  m[ID] = Math.trunc(Math.random() * 2 ** 31);
  m[ID + 1] = Math.trunc(Math.random() * 2 ** 31);
  m[NEXT_UNIT] = unitsAt(m);
  m[0] = MAGIC;
  return buffer;
}

/** Takes a slot for a thread. What says whose it is takes it, so that the dead are found at once. */
function claim(m: Int32Array, state: number): number {
  for (let slot = 0; slot < (m[THREADS] as number); slot++) {
    const at = slotAt(slot);
    if (Atomics.compareExchange(m, at, 0, state) !== 0) continue;
    m[at + LOCKED] = m[at + HOME] = 0;
    return slot;
  }
  throw new RuntimeError(`the memory has slots for ${m[THREADS]} threads, and all are taken`, {
    code: 'TOO_MANY_THREADS',
  });
}
