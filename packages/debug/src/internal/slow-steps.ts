/** Steps that take too long: of the loop, and of the async functions that it wakes. */
import { type EventLoop, formatValue, type LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { originOf, waitTextOf } from './origins.js';
import { isAsync } from './owners.js';
import { stepTimes } from './step-times.js';
import { isTask, pendingSourcesOf, setItem, sourcesOf } from './tasks.js';
import { warn } from '../warnings.js';

const limitOf = (loop: EventLoop): number =>
  (loop as { slowCallbackDurationMs?: number }).slowCallbackDurationMs ?? Infinity;

function report(loop: EventLoop, item: unknown, took: number): void {
  if (!isDebugged(loop)) return;
  const lines = [`Executing ${formatValue(item)} took ${(took / 1000).toFixed(3)} seconds`];
  const made = originOf(item);
  if (isTask(item)) {
    const [source = sourcesOf(item)[0]] = pendingSourcesOf(item);
    const stopped = source && waitTextOf(item, source);
    if (stopped) lines.push('It stopped at (most recent call first):', stopped);
  }
  if (made) lines.push(`${isTask(item) ? 'Task' : 'Handle'} created at (most recent call first):`, made);
  warn('slow-step', lines.join('\n'));
}

const { hooks, forget } = /* @__PURE__ */ stepTimes(({ loop, task, item, began, ended }) => {
  const took = ended - began;
  if (took >= limitOf(loop)) report(loop, task && isAsync(task) ? task : item, took);
});

/** A step that debug mode began or ended in is not measured. */
export const forgetStep = forget;

/** Measures. */
export const slowStepHooks: LoopHooks = {
  ...hooks,
  before(loop, item) {
    setItem(item);
    hooks.before?.(loop, item);
  },
  after(loop, item) {
    setItem(undefined);
    hooks.after?.(loop, item);
  },
};
