/** What programs use: how it is made, and what traces show of it. */
import { Future } from '@aiokit/future';
import type { Operation } from '@aiokit/loop-core';
import { LifoQueue, PriorityQueue, Queue, type QueueStatistics } from '@aiokit/queue';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import type { Coroutine } from '@aiokit/task';
import type { Program, QueueSize } from './program.js';

/** Anything: a step knows what it is about. */
export interface Thing extends Future<unknown> {
  acquire(): Operation<unknown>;
  release(): void;
  locked(): boolean;
  with(section: () => Coroutine<unknown>): Coroutine<unknown>;
  readonly lock: Thing;
  wait(): Operation<unknown>;
  waitFor(predicate: () => boolean): Operation<unknown>;
  notify(n: number): void;
  notifyAll(): void;
  set(): void;
  clear(): void;
  isSet(): boolean;
  reset(): Operation<void>;
  abort(): Operation<void>;
  readonly nWaiting: number;
  readonly broken: boolean;
  put(item: number): Operation<void>;
  get(): Operation<number>;
  join(): Operation<void>;
  putNowait(item: number): void;
  getNowait(): number;
  taskDone(): void;
  shutdown(options: { immediate: boolean }): void;
  qsize(): number;
  empty(): boolean;
  full(): boolean;
  statistics(): QueueStatistics;
}

const QUEUES = { fifo: Queue, lifo: LifoQueue, priority: PriorityQueue };

const sizeOf = (program: Program, name: string): number | QueueSize =>
  program[name[0] as 'S' | 'B' | 'W' | 'Q']?.[Number(name.slice(1))] ?? 1;

function queue(size: number | QueueSize): object {
  if (typeof size === 'number') return new Queue();
  return new QUEUES[size[0] as keyof typeof QUEUES](size[1]);
}

const MAKE: Readonly<Record<string, (size: number, over: Lock | undefined) => object>> = {
  L: () => new Lock(),
  S: (value) => new Semaphore(value),
  B: (value) => new BoundedSemaphore(value),
  E: () => new Event(),
  C: (_, over) => new Condition(over),
  W: (parties) => new Barrier(parties),
  Q: queue,
  F: () => new Future<unknown>(),
};

/**
 * Makes what has a name.
 *
 * @param over what the second condition is over: the first lock
 */
export function makeThing(program: Program, name: string, over: () => Thing): Thing {
  const make = MAKE[name[0] as string] as (size: unknown, over: unknown) => unknown;
  return make(sizeOf(program, name), name === 'C1' ? over() : undefined) as Thing;
}

/** How many are in line, those included who were cancelled and have not noticed: only the inspect output says it. */
const line = (one: object): number => Number(/waiters=(\d+)>/.exec(String(one))?.[1] ?? 0);
/** The same of what does not hide it. */
const size = (one: object): number => (one as { queue: { size: number } }).queue.size;
const value = (one: object): number => (one as { value: number }).value;
const semaphore = (one: Thing): string => `${value(one)}w${size(one)}`;

const STATES: Readonly<Record<string, (one: Thing) => string>> = {
  L: (one) => `${Number(one.locked())}w${size(one)}`,
  S: semaphore,
  B: semaphore,
  E: (one) => `${Number(one.isSet())}w${line(one)}`,
  C: (one) => `${Number(one.locked())}w${line(one)}l${size(one.lock)}`,
  W: (one) => `${one.nWaiting}${one.broken ? 'b' : ''}`,
  Q: (one) => {
    const { items, getters, putters, unfinished, joiners } = one.statistics();
    return `${items}g${getters}p${putters}u${unfinished}j${joiners}`;
  },
  F: (one) => (one.done() ? (one.cancelled() ? 'cancelled' : 'done') : 'pending'),
};

/** The state of a thing, as a trace shows it. */
export const stateOf = (name: string, thing: Thing): string =>
  (STATES[name[0] as string] as (one: Thing) => string)(thing);
