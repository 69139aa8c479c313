/** Waits for what others hold, when they last too long: with the name of who holds it. */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { waitPlaceOf } from './origins.js';
import { holdersOf, takerOf } from './permits.js';
import { textOf } from './stack.js';
import { isTask, isWaiter, nameOf, pendingSourcesOf, pendingTasks } from './tasks.js';
import { warn } from '../warnings.js';

const since = /* @__PURE__ */ new WeakMap<object, { readonly when: number; said: boolean }>();

/** Since when a task waits for what it waits for now, in `loop.time()`. */
export const waitsSince = (task: object): number | undefined => since.get(task)?.when;

/** Looks at those who wait. */
export function checkWaits(loop: EventLoop): void {
  const { longWaitMs } = getDebugLimits();
  if (longWaitMs === Infinity) return;
  const now = loop.time();
  for (const task of pendingTasks(loop)) {
    const wait = since.get(task);
    if (!wait || wait.said || now - wait.when < longWaitMs) continue;
    for (const source of pendingSourcesOf(task)) {
      const holders = isWaiter(source) ? holdersOf(source.queue.owner) : [];
      if (holders.length === 0) continue;
      wait.said = true;
      const place = waitPlaceOf(task, source);
      const lines = [
        `${String(task)} has waited ${((now - wait.when) / 1000).toFixed(3)} seconds for ${nameOf(source)}`,
        ...(place ? ['It waits at (most recent call first):', place] : []),
      ];
      for (const holding of holders) {
        const ended = holding.task?.done() ? ', which has ended,' : '';
        lines.push(
          `${takerOf(holding)}${ended} holds it; taken at (most recent call first):`,
          textOf(holding.place),
        );
      }
      warn('long-wait', lines.join('\n'));
    }
  }
}

/** Notes when waits begin. */
export const longWaitHooks: LoopHooks = {
  waits(task) {
    if (isTask(task) && isDebugged(task.getLoop()))
      since.set(task, { when: task.getLoop().time(), said: false });
  },
};
