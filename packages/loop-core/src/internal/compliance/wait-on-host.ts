/** How the suite waits for a loop that the host drives. */
import type { EventLoop } from '../../event-loop.js';

const host = globalThis as unknown as {
  readonly performance: { now(): number };
  setTimeout(callback: () => void, delayMs: number): unknown;
};

/** A lost callback is given up after this real time and this many turns, so that a machine that stalls loses none. */
const LIMIT_MS = 1000;
const LIMIT_TURNS = 200;
/** Turns after the end, in which a callback that ought not to run would run. */
const TURNS_AFTER = 2;

/** Real time, in milliseconds. */
export const now = (): number => host.performance.now();

/**
 * Calls `callback` from the host's timers, after `delayMs` milliseconds or somewhat later.
 *
 * @param callback called without arguments
 * @param delayMs the least delay
 * @source no CPython counterpart
 */
export function hostTimer(callback: () => void, delayMs = 0): void {
  host.setTimeout(callback, delayMs);
}

/**
 * The `run` of a loop that the host drives: lets the host go on until `done()`, and gives up if that does not come.
 *
 * @param _loop the loop, which runs of itself
 * @param done whether what is waited for has happened
 * @returns settles when it has, or after a second
 * @ordering `done` is asked once a turn of the host's timers
 * @cancellation none
 * @complexity one host timer a turn
 * @source no CPython counterpart
 */
export async function waitOnHost(_loop: EventLoop | undefined, done: () => boolean): Promise<void> {
  const turn = () => new Promise<void>((resolve) => hostTimer(resolve));
  const end = now() + LIMIT_MS;
  for (let turns = 0; !done() && (turns < LIMIT_TURNS || now() < end); turns++) await turn();
  for (let turns = 0; turns < TURNS_AFTER; turns++) await turn();
}
