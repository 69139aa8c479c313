/** How much is too much: the limits of the detectors. */
import { refuse } from '@aiokit/loop-core';

/** What the detectors go by. `Infinity` turns the detector off that a limit is of. */
export interface DebugLimits {
  /** A wait for what others hold is long after so many milliseconds. */
  longWaitMs: number;
  /** A task ignores its cancellation after so many milliseconds. */
  ignoredCancelMs: number;
  /** A cancelled task that waits for a host promise is reported after so many milliseconds. */
  hostWaitMs: number;
  /** A callback is starved that was ready for so many milliseconds. */
  starvedMs: number;
  /** A task is looked at after so many steps: whether most of its wakes were its own. */
  selfWakeSteps: number;
  /** A step that completes so many operations without a wait is said never to yield. */
  operationsPerStep: number;
  /** So many frames of a stack are kept, fewer in a flood; 0 for none, which makes debug mode a good deal cheaper. */
  frames: number;
  /** A loop is blocked, and a thread of its own says so while it lasts, after so many milliseconds; `Infinity` for no thread. */
  blockedMs: number;
  /** A duration below so many milliseconds may be in seconds. */
  secondsBelowMs: number;
  /**
   * When a pending task that nobody can wake is reported: when its loop is closed or the process ends, or when it is
   * collected too. It is of tasks that are made from now on.
   */
  leaks: 'end' | 'gc';
}

const limits: DebugLimits = {
  longWaitMs: 10_000,
  ignoredCancelMs: 5000,
  hostWaitMs: 1000,
  starvedMs: 1000,
  selfWakeSteps: 1000,
  operationsPerStep: 10_000,
  frames: 10,
  blockedMs: Infinity,
  secondsBelowMs: 1,
  leaks: 'end',
};

const listeners: (() => void)[] = [];

/** Has a function called when limits have changed. */
export const atLimits = (listener: () => void): void => void listeners.push(listener);

/** The limits in force. */
export const getDebugLimits = (): Readonly<DebugLimits> => limits;

/**
 * Sets limits of the detectors.
 *
 * How long a step may take is set on the loop: `loop.slowCallbackDurationMs`.
 *
 * @param changes those that change
 * @throws TypeError or RangeError naming a limit that there is not, or that is no number above 0; nothing has changed
 * @source DEBUG-3 · CPython `loop.slow_callback_duration`, the only one that asyncio has
 */
export function setDebugLimits(changes: Partial<DebugLimits>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (!(name in limits)) refuse('limit', `one of ${Object.keys(limits).join(', ')}`, name, RangeError);
    if (name === 'leaks') {
      if (value !== 'end' && value !== 'gc') refuse(name, "'end' or 'gc'", value, RangeError);
      continue;
    }
    if (typeof value !== 'number') refuse(name, 'a number', value);
    if (!(value > 0 || (value === 0 && name === 'frames'))) {
      refuse(name, 'a number above 0', value, RangeError);
    }
  }
  Object.assign(limits, changes);
  for (const listener of listeners) listener();
}
