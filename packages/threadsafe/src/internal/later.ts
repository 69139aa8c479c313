/** Timers that keep no process alive. */

declare const setTimeout: (callback: () => void, delayMs: number) => { unref?(): void };

const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Calls back later, unless that is never; keeps no process alive. */
export function later(delayMs: number, callback: () => void): unknown {
  if (delayMs > LONGEST_DELAY_MS) return undefined;
  const timer = setTimeout(callback, delayMs);
  timer.unref?.();
  return timer;
}
