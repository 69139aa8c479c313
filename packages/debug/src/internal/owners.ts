/** Whose step an item of a loop is: that of a task, or of the async function whose wait it ends. */
import type { LoopHooks } from '@aiokit/loop-core';
import { isTask, type TaskLike } from './tasks.js';

const owners = /* @__PURE__ */ new WeakMap<object, TaskLike>();

/** Whether a task is an async function, which goes on in the host's microtasks. */
export const isAsync = (task: TaskLike): boolean => task.scope?.body !== undefined;

/** The task that an item of a loop belongs to, as far as somebody has looked on since it began to wait. */
export function ownerOf(item: unknown): TaskLike | undefined {
  if (isTask(item)) return item;
  if (typeof item !== 'object' || item === null) return undefined;
  const task = (item as { scope?: { task?: unknown } | null }).scope?.task;
  return isTask(task) ? task : owners.get(item);
}

/** Notes whose waits there are. */
export const ownerHooks: LoopHooks = {
  waits(task) {
    const wait = isTask(task) && isAsync(task) ? task.awaits.at(-1) : undefined;
    if (wait) owners.set(wait, task as TaskLike);
  },
};
