/** What is looked at now and then: after a step, if the loop's time has gone on, and while the loop rests. */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { debuggedLoops, isDebugged } from './debugged.js';
import { allowDeepStacks } from './stack.js';

/** How often, in milliseconds of the loop's time. */
const PERIOD_MS = 250;
/** A loop of the host is asked for its time after so many steps. */
const STEPS_PER_LOOK = 64;

type Check = (loop: EventLoop) => void;

declare const setInterval: (callback: () => void, delayMs: number) => unknown;
declare const clearInterval: (timer: unknown) => void;

const looked = /* @__PURE__ */ new WeakMap<EventLoop, number>();
const checks: Check[] = [];
let timer: unknown;
let steps = 0;

/** Has every loop in debug mode looked at. */
export function everyRound(...given: readonly Check[]): void {
  checks.push(...given);
}

function look(loop: EventLoop): void {
  looked.set(loop, loop.time());
  allowDeepStacks();
  for (const check of checks) check(loop);
}

/** Begins to look, or ends it. The timer keeps no process alive. */
export function setRounds(on: boolean): void {
  if (on && timer === undefined) {
    timer = setInterval(() => {
      allowDeepStacks();
      for (const loop of debuggedLoops) look(loop);
    }, PERIOD_MS);
    (timer as { unref?(): void }).unref?.();
  } else if (!on) {
    clearInterval(timer);
    timer = undefined;
  }
}

/** Looks after a step of virtual time, which goes on by any amount, and after some of a loop that is never at rest. */
export const roundHooks: LoopHooks = {
  after(loop) {
    if (!loop.hold || !isDebugged(loop)) {
      if (++steps < STEPS_PER_LOOK) return;
      steps = 0;
      if (!isDebugged(loop)) return;
    }
    if (loop.time() - (looked.get(loop) ?? -Infinity) >= PERIOD_MS) look(loop);
  },
};
