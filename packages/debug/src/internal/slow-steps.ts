/**
 * Steps that take too long. A step of a generator task, or a callback, is run by the loop. An async function runs in the
 * host's microtasks: from its wake, or the end of the one before, to its next wait; only if no macrotask came between.
 */
import { type EventLoop, formatValue, type LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { originOf, waitTextOf } from './origins.js';
import { isTask, pendingSourcesOf, setItem, sourcesOf } from './tasks.js';
import { warn } from '../warnings.js';

declare const performance: { now(): number };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;

/** When the step began that is at work. */
let began: number | undefined;
/** When the async function began to run that runs now, if it is known. */
let resumed: number | undefined;
let clearing = false;

/** A step that debug mode began or ended in is not measured. */
export const forgetStep = (): void => {
  began = resumed = undefined;
};

const limitOf = (loop: EventLoop): number =>
  (loop as { slowCallbackDurationMs?: number }).slowCallbackDurationMs ?? Infinity;

function report(loop: EventLoop, item: unknown, took: number): void {
  if (!isDebugged(loop) || took < limitOf(loop)) return;
  const lines = [`Executing ${formatValue(item)} took ${(took / 1000).toFixed(3)} seconds`];
  const made = originOf(item);
  if (isTask(item)) {
    const [source] = pendingSourcesOf(item).length > 0 ? pendingSourcesOf(item) : sourcesOf(item);
    const stopped = source && waitTextOf(item, source);
    if (stopped) lines.push('It stopped at (most recent call first):', stopped);
  }
  if (made) lines.push(`${isTask(item) ? 'Task' : 'Handle'} created at (most recent call first):`, made);
  warn('slow-step', lines.join('\n'));
}

/** An async function goes on once the loop rests, or the one before it waits again. */
function resume(): void {
  resumed = performance.now();
  if (clearing) return;
  clearing = true;
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  const clear = () => {
    clearing = false;
    resumed = undefined;
  };
  if (setImmediate) setImmediate(clear);
  else setTimeout(clear, 0);
}

/** The async function of a task has stopped running. */
function stopped(task: object): void {
  if (began !== undefined || resumed === undefined || !isTask(task)) return;
  const now = performance.now();
  report(task.getLoop(), task, now - resumed);
  resumed = now;
}

/** Measures. */
export const slowStepHooks: LoopHooks = {
  before(_, item) {
    setItem(item);
    began = performance.now();
  },
  after(loop, item) {
    setItem(undefined);
    // A wait of an async function, or an async function's first step, which is over.
    if ((item as { source?: object } | undefined)?.source !== undefined) resume();
    if (began === undefined) return;
    const took = performance.now() - began;
    began = undefined;
    if (took >= limitOf(loop)) report(loop, item, took);
  },
  waits: stopped,
  ended: stopped,
};
