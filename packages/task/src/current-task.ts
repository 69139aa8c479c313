/** Which task is running, and which there are. */
import { type EventLoop, realm, sameLoop, currentLoop } from '@aiokit/loop-core';
import { pendingTasks } from './internal/pending-tasks.js';
import { currentScope } from './internal/scope-store.js';
import type { ScopeOptions } from './scope.js';
import type { Task } from './task.js';

/** What `currentTask` may be given. */
export interface CurrentTaskOptions extends ScopeOptions {
  /** Whose task is meant; any loop's if absent. */
  readonly loop?: EventLoop | undefined;
}

/**
 * The task that the caller is a part of.
 *
 * @param options the loop that is meant; the scope of an async function, where the host has no async context
 * @returns the task; null in callbacks and in code that is of no task
 * @source TASK-5 · CPython `asyncio.current_task`
 */
export function currentTask(options?: CurrentTaskOptions): Task<unknown> | null {
  const task = (realm.stepping as Task<unknown> | undefined) ?? currentScope(options?.scope)?.task;
  if (!task || (options?.loop && !sameLoop(task.getLoop(), options.loop))) return null;
  return task;
}

/**
 * The tasks that are not done.
 *
 * @param loop whose; the running or the default loop's if absent
 * @source TASK-5 · CPython `asyncio.all_tasks`
 */
export function allTasks(loop: EventLoop = currentLoop()): Set<Task<unknown>> {
  return new Set(pendingTasks(loop));
}
