/** Waits for what others hold, when they last too long: with the name of who holds it. */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { notesOfTask, taskNotes } from './notes.js';
import { waitTextOf } from './origins.js';
import { holdersOf, takerOf, taskOf } from './permits.js';
import { textOf } from './stack.js';
import { isTask, isWaiter, nameOf, pendingSourcesOf, pendingTasks } from './tasks.js';
import { warn } from '../warnings.js';

/** Since when a task waits for what it waits for now, in `loop.time()`. */
export const waitsSince = (task: object): number | undefined => notesOfTask(task)?.since;

/** Looks at those who wait. */
export function checkWaits(loop: EventLoop): void {
  const { longWaitMs } = getDebugLimits();
  if (longWaitMs === Infinity) return;
  const now = loop.time();
  for (const task of pendingTasks(loop)) {
    const notes = notesOfTask(task);
    const since = notes?.since;
    if (!notes || since === undefined || notes.saidLong || now - since < longWaitMs) continue;
    for (const source of pendingSourcesOf(task)) {
      const holders = isWaiter(source) ? holdersOf(source.queue.owner) : [];
      if (holders.length === 0) continue;
      notes.saidLong = true;
      const place = waitTextOf(task, source);
      const lines = [
        `${String(task)} has waited ${((now - since) / 1000).toFixed(3)} seconds for ${nameOf(source)}`,
        ...(place ? ['It waits at (most recent call first):', place] : []),
      ];
      for (const holding of holders) {
        const ended = taskOf(holding)?.done() ? ', which has ended,' : '';
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
    if (!isTask(task)) return;
    const loop = task.getLoop();
    if (!isDebugged(loop)) return;
    const notes = taskNotes(task);
    notes.since = loop.time();
    notes.saidLong = false;
  },
};
