/** What goes between a loop and those who call into it from other threads: arrays, which clone fastest. */
import { checkSignal, refuse } from '@aiokit/loop-core';
import type { ErrorRecord } from './error-record.js';
import { checkBelonging } from './wrong-place.js';

/** What a call begins with. */
export const CALL_SOON = 0;
export const RUN = 1;
export const CANCEL = 2;
/** The caller blocks, and cannot receive messages: its host has no way to. */
export const BLOCK = 3;
/** The caller has an outcome; it need not be kept. */
export const SEEN = 4;

/** To a loop. */
export type Request =
  | readonly [kind: typeof CALL_SOON, name: string, args: unknown[]]
  | readonly [kind: typeof RUN, name: string, args: unknown[], id: number, kept?: true]
  | readonly [kind: typeof CANCEL, message: string | undefined, id: number]
  | readonly [kind: typeof BLOCK | typeof SEEN, id: number];

export const RESULT = 0;
export const ERROR = 1;
export const CANCELLED = 2;

/** From a loop: the outcome of call `id`; of the call that was the message of number `-id`; of all calls if it is 0. */
export type Reply = readonly [
  id: number,
  kind: typeof RESULT | typeof ERROR | typeof CANCELLED,
  value: unknown,
];

/** Words of the shared memory: the number of replies, whether it is closed, who blocks, and whose outcome is in the bytes. */
export const REPLIES = 0;
export const CLOSED = 1;
export const BLOCKED = 2;
export const WRITTEN = 3;
export const LENGTH = 4;
export const WORDS = 5;

/** What a thread needs to call into a loop of another. */
export interface LoopTicket {
  /** Goes with the ticket: `postMessage(ticket, [ticket.port])`. */
  readonly port: object;
  /** What a blocked worker is woken by; undefined where memory cannot be shared. */
  readonly words: Int32Array | undefined;
  /** What can be called: 1 says that it must be run as a coroutine. */
  readonly functions: Readonly<Record<string, 0 | 1>>;
  /** The thread of the loop. */
  readonly thread: string;
}

/** What limits a call, and what goes with it. */
export interface CallOptions {
  /** Cancels what is called when it aborts; the future then fails with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What moves to the other thread instead of being copied. */
  readonly transfer?: readonly object[] | undefined;
}

/**
 * Refuses options and arguments that cannot be meant.
 *
 * @throws TypeError naming the option
 */
export function checkCall({ signal, transfer }: CallOptions, args: readonly unknown[]): void {
  checkSignal(signal);
  if (transfer !== undefined && !Array.isArray(transfer)) refuse('transfer', 'an array', transfer);
  checkBelonging(args);
}

/** @throws TypeError naming what cannot be cloned */
export function uncloneable(what: string, cause: unknown): TypeError {
  const why = (cause as Error | null)?.message ?? String(cause);
  return new TypeError(`${what} must be what structured cloning can copy: ${why}`, { cause });
}

/** Why a call has failed, for those that have no error of their own. */
export const failure = (message: string, { code }: { readonly code: string }): ErrorRecord => ({
  type: 'RuntimeError',
  name: 'RuntimeError',
  message,
  fields: { code },
  kinds: ['RuntimeError'],
});
