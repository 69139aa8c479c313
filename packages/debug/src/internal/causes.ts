/**
 * What a task may know of what others did: whether somebody told it to go on, or only time. Steps are counted; a task was told
 * in the step in which it was made, cancelled or woken. A task that naps again and again may be looking whether something has
 * happened: that counts as told.
 */
import type { LoopHooks } from '@aiokit/loop-core';
import { type TaskNotes, taskNotes } from './notes.js';
import { isAsync } from './owners.js';
import { isTask, isWaiter, pendingSourcesOf, type TaskLike } from './tasks.js';

let steps = 1;

/** The number of the step that runs, or ran last. */
export const stepNumber = (): number => steps;

/** What runs now, if it is a task's own step. */
let stepping: unknown;

/** The step in which a task was told something last. What an async function awaits of the host is not seen. */
export const toldAt = (task: TaskLike): number =>
  isAsync(task) && stepping !== task ? steps : taskNotes(task).told;

const isNap = (source: object): boolean =>
  !isWaiter(source) && (source as { timer?: { when?: unknown } }).timer?.when !== undefined;

/** A step begins. */
export function beginStep(item: unknown, notes: TaskNotes | undefined): void {
  steps++;
  stepping = item;
  if (!notes) return;
  const { waitsOn } = notes;
  notes.waitsOn = notes.blocker = undefined;
  if (!notes.begun) notes.begun = true;
  else if (waitsOn !== undefined && !isNap(waitsOn)) notes.told = steps;
  else if (notes.naps++ > 0) notes.told = steps;
}

/** It has ended. */
export const endStep = (): void => {
  stepping = undefined;
};

/** Notes what a task waits for, and who told it something. */
export const causeHooks: LoopHooks = {
  created(future) {
    if (isTask(future)) taskNotes(future).told = steps;
  },
  waits(task) {
    if (isTask(task)) [taskNotes(task).waitsOn] = pendingSourcesOf(task);
  },
  cancels(task) {
    taskNotes(task).told = steps;
  },
};
