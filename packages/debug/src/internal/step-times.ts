/**
 * When steps begin and end. A step of an async function is over when it makes the last thing of ours before its next wait, or
 * at its end: the host tells of an `await` only after those that were woken together have run. It is known unless the host's
 * timers and I/O had a turn in between.
 */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { isAsync, ownerHooks, ownerOf } from './owners.js';
import { currentTask, isTask, type TaskLike } from './tasks.js';

/** A step that is over. Its times are those of `performance.now()`. */
export interface StepTime {
  readonly loop: EventLoop;
  /** Undefined for callbacks of no task. */
  readonly task: TaskLike | undefined;
  /** What the loop has run; of an async function that goes on, what has woken it. */
  readonly item: unknown;
  readonly began: number;
  readonly ended: number;
}

declare const performance: { now(): number };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };

/** What tells of steps. */
export interface StepTimes {
  readonly hooks: LoopHooks;
  /** Says that the code that runs now is at work. */
  readonly touch: () => void;
  /** Leaves out the steps that are at work. */
  readonly forget: () => void;
}

/**
 * Tells of each step.
 *
 * @param told called when a step is over
 */
export function stepTimes(told: (step: StepTime) => void): StepTimes {
  let running: unknown;
  let began: number | undefined;
  /** When the async function that ran last stopped, or the first was woken that is to run. */
  let free: number | undefined;
  const woken = new Map<TaskLike, { readonly item: unknown; readonly at: number }>();
  /** What is known of the steps of those that run. */
  const runs = new Map<TaskLike, { readonly began: number; readonly ended: number }>();
  let clearing = false;

  const forgetAsync = () => {
    free = undefined;
    woken.clear();
    runs.clear();
  };
  const forget = () => {
    began = undefined;
    forgetAsync();
  };
  const clear = () => {
    clearing = false;
    forgetAsync();
  };
  const resume = (task: TaskLike, item: unknown, at: number) => {
    free ??= at;
    if (!woken.has(task)) woken.set(task, { item, at });
    if (clearing) return;
    clearing = true;
    if (setImmediate) setImmediate(clear);
    else setTimeout(clear, 0);
  };
  /** The time up to now is that of an async function. */
  const mark = (task: TaskLike): void => {
    if (began !== undefined || free === undefined) return;
    const ended = performance.now();
    const from = runs.get(task)?.began ?? Math.max(free, woken.get(task)?.at ?? 0);
    runs.set(task, { began: from, ended });
    free = ended;
  };
  const stopped = (task: object): void => {
    // Once it has ended, a task does not tell any more of what it was made.
    if (!isTask(task) || !(runs.has(task) || woken.has(task) || isAsync(task))) return;
    if (!runs.has(task)) mark(task);
    const run = runs.get(task);
    if (!run) return;
    runs.delete(task);
    told({ loop: task.getLoop(), task, item: woken.get(task)?.item, ...run });
    woken.delete(task);
  };
  const touch = (): void => {
    if (free === undefined || began !== undefined) return;
    const task = currentTask();
    if (task) mark(task);
  };
  const hooks: LoopHooks = {
    before(_, item) {
      running = item;
      began = performance.now();
    },
    after(loop, item) {
      if (began === undefined || running !== item) return;
      const now = performance.now();
      const task = ownerOf(item);
      if (task && isAsync(task)) resume(task, item, now);
      // What ends the wait of an async function is no step of it.
      if (!task || isTask(item) || !isAsync(task)) told({ loop, task, item, began, ended: now });
      began = undefined;
    },
    waits(task) {
      ownerHooks.waits?.(task);
      stopped(task);
    },
    ended: stopped,
    operation: touch,
    scheduled: touch,
    created: touch,
  };
  return { hooks, touch, forget };
}
