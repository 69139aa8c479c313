/** Tasks that take more than their share of the loop, and callbacks that get too little of it. */
import { formatValue, type LoopHooks, realm, sameLoop } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { beginStep, endStep } from './causes.js';
import { isDebugged } from './debugged.js';
import { originOf } from './origins.js';
import { type Notes, notesOf, notesOfTask, type TaskNotes } from './notes.js';
import type { TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

/** How many operations the step at work has completed, without a wait. */
let completed = 0;
let stepping: unknown;

const madeAt = (thing: unknown): string => {
  const place = originOf(thing);
  return place ? `\nCreated at (most recent call first):\n${place}` : '';
};

/** A step after which the task waits for nothing has enqueued the next one itself. */
function countWake(task: TaskLike, share: TaskNotes): void {
  share.steps++;
  if (!task.done() && task.awaits.length === 0) share.own++;
  if (share.steps < getDebugLimits().selfWakeSteps) return;
  if (share.own * 2 > share.steps) {
    warn(
      'self-wake',
      `${String(task)} has woken itself in ${share.own} of ${share.steps} steps: it asks again and again instead of waiting for an event${madeAt(task)}`,
      `self-wake ${task.getName()}`,
    );
  }
  share.steps = share.own = 0;
}

const notesOfItem = (item: unknown): Notes | undefined =>
  typeof item === 'object' && item !== null ? notesOf(item) : undefined;

/** Counts. */
export const schedulingHooks: LoopHooks = {
  scheduled(loop, handle) {
    const { running } = realm;
    if (!running || sameLoop(running, loop) || !isDebugged(loop)) return;
    warn(
      'wrong-thread',
      `Non-thread-safe operation invoked on an event loop other than the current one: ${String(handle)} was given to ${String(loop)} in a step of ${String(running)}; use callSoonThreadsafe()${madeAt(handle)}`,
    );
  },
  operation(operation) {
    if (!realm.stepping || !operation.done()) return;
    completed++;
    if (completed !== getDebugLimits().operationsPerStep) return;
    const task = realm.stepping;
    warn(
      'never-yields',
      `${String(task)} has completed ${completed} operations in one step and nothing else could run: let it wait, yield* sleep(0) will do${madeAt(task)}`,
    );
  },
  before(loop, item) {
    completed = 0;
    stepping = item;
    const task = notesOfTask(item);
    beginStep(item, task);
    const notes = task ?? notesOfItem(item);
    // NaN is no time.
    if (notes === undefined || notes.ready !== notes.ready) return;
    const late = loop.time() - notes.ready;
    notes.ready = Number.NaN;
    if (late < getDebugLimits().starvedMs) return;
    warn(
      'starved',
      `${formatValue(item)} was ready for ${(late / 1000).toFixed(3)} seconds before it ran${madeAt(item)}`,
    );
  },
  after(loop, item) {
    endStep();
    if (item !== stepping) return;
    stepping = undefined;
    const notes = notesOfTask(item);
    if (notes && isDebugged(loop)) countWake(item as TaskLike, notes);
  },
};
