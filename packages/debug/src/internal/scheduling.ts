/** Tasks that take more than their share of the loop, and callbacks that get too little of it. */
import { formatValue, type LoopHooks, realm, sameLoop } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { originOf } from './origins.js';
import { isTask, type TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

interface Share {
  steps: number;
  own: number;
}

const shares = /* @__PURE__ */ new WeakMap<object, Share>();
const readySince = /* @__PURE__ */ new WeakMap<object, number>();
/** How many operations the step at work has completed, without a wait. */
let completed = 0;
let stepping: unknown;

const madeAt = (thing: unknown): string => {
  const place = originOf(thing);
  return place ? `\nCreated at (most recent call first):\n${place}` : '';
};

/** A step after which the task waits for nothing has enqueued the next one itself. */
function countWake(task: TaskLike): void {
  let share = shares.get(task);
  if (!share) shares.set(task, (share = { steps: 0, own: 0 }));
  share.steps++;
  if (!task.done() && task.awaits.length === 0) share.own++;
  const { selfWakeSteps } = getDebugLimits();
  if (share.steps < selfWakeSteps) return;
  if (share.own * 2 > share.steps) {
    warn(
      'self-wake',
      `${String(task)} has woken itself in ${share.own} of ${share.steps} steps: it asks again and again instead of waiting for an event${madeAt(task)}`,
      `self-wake ${task.getName()}`,
    );
  }
  share.steps = share.own = 0;
}

/** Counts. */
export const schedulingHooks: LoopHooks = {
  scheduled(loop, handle) {
    if (!isDebugged(loop)) return;
    const { running } = realm;
    if (running && !sameLoop(running, loop)) {
      warn(
        'wrong-thread',
        `Non-thread-safe operation invoked on an event loop other than the current one: ${String(handle)} was given to ${String(loop)} in a step of ${String(running)}; use callSoonThreadsafe()${madeAt(handle)}`,
      );
    }
    const when = (handle as { when?(): number | undefined }).when?.();
    readySince.set(handle, when ?? loop.time());
  },
  created(future) {
    if (isTask(future) && isDebugged(future.getLoop())) readySince.set(future, future.getLoop().time());
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
    const since = typeof item === 'object' && item !== null ? readySince.get(item) : undefined;
    if (since === undefined) return;
    readySince.delete(item as object);
    const late = loop.time() - since;
    if (late < getDebugLimits().starvedMs) return;
    warn(
      'starved',
      `${formatValue(item)} was ready for ${(late / 1000).toFixed(3)} seconds before it ran${madeAt(item)}`,
    );
  },
  after(loop, item) {
    if (item === stepping && isTask(item) && isDebugged(loop)) countWake(item);
    stepping = undefined;
  },
};
