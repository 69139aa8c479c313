/** What all that lies in a shared memory has in common. */
import { refuse } from '@aiokit/loop-core';
import type { Connection } from './connection.js';
import { BUSY, KIND, NEXT_UNIT, SIZE, unitsAt } from './layout.js';
import { SharedMemory, type SharedMemoryHandle } from './shared-memory.js';

/** What `util.inspect` asks for. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** What another thread finds a primitive with: to be sent by `postMessage` or as `workerData`. */
export interface SharedHandle<K extends string = string> {
  readonly kind: K;
  readonly memory: SharedMemoryHandle;
  /** Where it lies. */
  readonly at: number;
}

/** Something that lies in a shared memory. */
export abstract class SharedPrimitive {
  /** Where it lies. */
  readonly memory: SharedMemory;
  /** The unit, or the first of them. */
  protected readonly at: number;
  protected readonly connection: Connection;

  constructor(memory: SharedMemory, at: number) {
    this.memory = memory;
    this.connection = memory.connection;
    this.at = at;
  }

  /** What another thread finds it with: to be sent by `postMessage` or as `workerData`. */
  abstract readonly handle: SharedHandle;

  /** Does something that waits for nothing, now, or as soon as the guard is free; in the order of the calls. */
  protected soon(work: () => number): void {
    const { connection } = this;
    if (connection.behind || work() === BUSY) connection.later(() => work() !== BUSY);
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** @throws TypeError unless it is a memory */
export function checkMemory(memory: SharedMemory): void {
  if (typeof memory?.make !== 'function') refuse('memory', 'a SharedMemory', memory);
}

/** The memory of a handle, in which there is such a unit. */
export function memoryOf(
  handle: SharedHandle,
  kind: string,
  unitKind: number,
  name: string | undefined,
): SharedMemory {
  if (typeof handle !== 'object' || handle?.kind !== kind) refuse('handle', `that of a ${kind}`, handle);
  const { at } = handle;
  const memory = SharedMemory.connect(handle.memory, { name });
  const { m } = memory.connection;
  const end = Atomics.load(m, NEXT_UNIT);
  let unit = unitsAt(m);
  while (unit < end && unit !== at) unit += m[unit + SIZE] as number;
  if (unit >= end || m[unit + KIND] !== unitKind) refuse('handle.at', `where a ${kind} lies`, at);
  return memory;
}

/** Options of connecting to a primitive of another thread. */
export interface FromOptions {
  /** What this thread is called in errors, if it is not connected to the memory yet. */
  readonly name?: string | undefined;
}
