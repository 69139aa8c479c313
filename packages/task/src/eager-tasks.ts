/** Task factories whose tasks begin at once. */
import { type EventLoop, refuse } from '@aiokit/loop-core';
import type { Future } from '@aiokit/future';
import { startTask, type TaskFactory, type TaskSource } from './create-task.js';
import type { TaskOptions } from './task.js';

/** Makes a task of a source, as `createTask` does. */
export type TaskConstructor = (source: TaskSource<unknown>, options: TaskOptions) => Future<unknown>;

/**
 * Makes a factory for `loop.setTaskFactory` whose tasks run their first step within `createTask`.
 *
 * @param make makes the tasks
 * @returns the factory; `eagerStart: false` starts a task as usual
 * @throws TypeError if `make` is not a function
 * @source EAGER-1 · CPython `asyncio.create_eager_task_factory`
 */
export function createEagerTaskFactory(make: TaskConstructor): TaskFactory {
  if (typeof make !== 'function') refuse('make', 'a function', make);
  return (loop: EventLoop, source: unknown, options?: TaskOptions) =>
    make(source as TaskSource<unknown>, { eagerStart: true, ...options, loop });
}

/**
 * A factory for `loop.setTaskFactory` whose tasks run their first step within `createTask`.
 *
 * @source EAGER-1 · CPython `asyncio.eager_task_factory`
 */
export const eagerTaskFactory: TaskFactory = (loop, source, options) =>
  startTask(source as TaskSource<unknown>, { eagerStart: true, ...options, loop });
