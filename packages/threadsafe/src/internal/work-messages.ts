/** What goes between an executor and its workers. */
import type { ErrorRecord } from './error-record.js';

/** States of a work's word, in memory that both share. Only who moves it away from `QUEUED` has the work. */
export const QUEUED = 0;
export const RUNNING = 1;
/** The executor has taken it back. */
export const TAKEN = 2;
/** It runs, and was asked to end. */
export const CANCELLING = 3;

/** It is over, and its result is told by a message. */
export const TOLD = 4;
/** It is over, and this is its result; a number is in the memory beside. */
export const GAVE_UNDEFINED = 5;
export const GAVE_NUMBER = 6;
export const GAVE_NULL = 7;
export const GAVE_TRUE = 8;
export const GAVE_FALSE = 9;

/** Works of one worker have consecutive numbers; so many may be open at once, each with a word of its own. */
export const WINDOW = 128;

/**
 * The memory of one worker: a word and a number for each work, and a word that says that the executor was told to look.
 *
 * A result that fits there takes no message of its own: of many that come while the executor is busy, the first tells it.
 */
export class WorkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WINDOW * 12 + 8)) {
    this.buffer = buffer;
    this.numbers = new Float64Array(buffer, 0, WINDOW);
    this.words = new Int32Array(buffer, WINDOW * 8);
  }
}

/** The place of the word that says so. */
export const LOOK = 128;

/** A module's address and the name of what it exports. */
export type FunctionName = readonly [module: string, name: string];

/** Sent once, first. */
export interface Boot {
  readonly memory: SharedArrayBuffer | undefined;
  /** A Web Lock that the worker holds as long as it lives. */
  readonly lock: string | undefined;
  readonly initializer: FunctionName | undefined;
  readonly args: readonly unknown[] | undefined;
}

/** A work: its number, its function's number, its arguments, the stores of async context that go with it. */
export type WorkItem = readonly [
  seq: number,
  at: number,
  args: readonly unknown[],
  stores: Readonly<Record<string, unknown>> | undefined,
];
/** Gives a function a number. */
export type Definition = readonly [at: number, module: string, name: string];
export const CANCEL_WORK = -1;
export type Cancellation = readonly [kind: typeof CANCEL_WORK, seq: number, message: string | undefined];

/** To a worker. */
export type FromExecutor = Boot | readonly (WorkItem | Definition | Cancellation)[];

export const DONE = 0;
export const FAILED = 1;
/** The result cannot be cloned. */
export const UNSENDABLE = 2;
/** All up to here were taken back. */
export const SKIPPED = 3;
/** There are results in the memory. */
export const LOOK_THERE = 5;
/** The worker has begun; with `FAILED` and number 0, its initialiser has failed. */
export const READY = 4;

/** From a worker. */
export type Answer =
  | readonly [seq: number, kind: typeof DONE, value: unknown]
  | readonly [seq: number, kind: typeof FAILED | typeof UNSENDABLE, value: ErrorRecord]
  | readonly [seq: number, kind: typeof SKIPPED | typeof READY | typeof LOOK_THERE, value: undefined];
