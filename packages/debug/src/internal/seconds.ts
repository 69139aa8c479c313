/** Durations that look like seconds: a thousandth of a millisecond exactly is written by hand, not measured. */
import type { LoopHooks } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { captureBelow, frameOf, textOf } from './stack.js';
import { warn } from '../warnings.js';

function duration(ms: number): void {
  const { secondsBelowMs } = getDebugLimits();
  if (!(ms > 0 && ms < secondsBelowMs) || secondsBelowMs === Infinity) return;
  if (Math.round(ms * 1000) / 1000 !== ms) return;
  const place = textOf(captureBelow(duration));
  warn(
    'seconds',
    `a duration of ${ms} milliseconds; durations are in milliseconds, did you port seconds?\nGiven at (most recent call first):\n${place}`,
    frameOf(place),
  );
}

/** Looks at durations. */
export const secondsHooks: LoopHooks = { duration };
