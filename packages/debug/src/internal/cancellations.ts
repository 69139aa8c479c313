/** Cancellations that came to nothing: swallowed, ignored, or stuck behind a promise of the host. */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { originOf, waitTextOf } from './origins.js';
import { captureBelow, type Place, textOf } from './stack.js';
import { isTask, pendingSourcesOf, pendingTasks, type TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

interface Request {
  readonly when: number;
  readonly place: Place;
  said: boolean;
}

const requests = /* @__PURE__ */ new WeakMap<object, Request>();
/** Those that are not ended, and how many: without one, nothing needs to be looked at. */
const cancelled = /* @__PURE__ */ new WeakSet<TaskLike>();
let count = 0;

const asked = ({ place }: Request): string =>
  `\nIt was cancelled at (most recent call first):\n${textOf(place)}`;

/** Whether an async function waits for nothing of ours, and its signal is nobody's. */
function isStuck(task: TaskLike): boolean {
  const scope = task.scope;
  return typeof scope?.body === 'function' && task.awaits.length === 0 && scope.controller === undefined;
}

/** Looks for tasks whose cancellation was long ago. */
export function checkCancellations(loop: EventLoop): void {
  if (count === 0) return;
  const { hostWaitMs, ignoredCancelMs } = getDebugLimits();
  for (const task of pendingTasks(loop)) {
    const request = requests.get(task);
    if (!request || request.said || task.cancelling() === 0) continue;
    const since = loop.time() - request.when;
    const seconds = (since / 1000).toFixed(3);
    if (since >= hostWaitMs && isStuck(task)) {
      request.said = true;
      warn(
        'host-wait',
        `${String(task)} was cancelled ${seconds} seconds ago and waits for a promise of the host, which nobody interrupts: give task.signal to what it calls, or wrap it, fromPromise((signal) => …)${asked(request)}`,
      );
    } else if (since >= ignoredCancelMs && !isStuck(task)) {
      request.said = true;
      const [source] = pendingSourcesOf(task);
      const place = source && waitTextOf(task, source);
      const where = place ? `\nIt waits at (most recent call first):\n${place}` : '';
      warn(
        'ignored-cancellation',
        `${String(task)} has ignored a cancellation for ${seconds} seconds${asked(request)}${where}`,
      );
    }
  }
}

function cancels(task: object): void {
  if (!isTask(task) || !isDebugged(task.getLoop())) return;
  if (!cancelled.has(task)) {
    count++;
    requests.set(task, { when: task.getLoop().time(), place: captureBelow(cancels), said: false });
  }
  cancelled.add(task);
}

/** Notes who was cancelled. */
export const cancellationHooks: LoopHooks = {
  cancels,
  ended(task, failed) {
    if (!isTask(task) || !cancelled.delete(task)) return;
    count--;
    const request = requests.get(task);
    if (!request || task.cancelled() || task.cancelling() === 0 || failed) return;
    const made = originOf(task);
    warn(
      'swallowed-cancellation',
      `${String(task)} has ended normally although it was cancelled: whoever catches a CancelledError throws it again, or calls task.uncancel()${asked(request)}${made ? `\nTask created at (most recent call first):\n${made}` : ''}`,
    );
  },
};
