/** Making tasks of whatever can be one. */
import { fromPromise, isFuture, type Future } from '@aiokit/future';
import {
  type Awaitable,
  currentLoop,
  type EventLoop,
  realm,
  RuntimeError,
  sameLoop,
} from '@aiokit/loop-core';
import { type Coroutine, isCoroutine, isGeneratorFunction } from './is-coroutine.js';
import { AsyncBody } from './internal/async-body.js';
import { OperationSteps } from './internal/operation-steps.js';
import { removePending } from './internal/pending-tasks.js';
import type { Scope } from './scope.js';
import { Task, type TaskOptions } from './task.js';

/** What a task can be made of. */
export type TaskSource<T> =
  | Coroutine<T>
  | Awaitable<T>
  | (() => Coroutine<T>)
  | ((scope: Scope) => PromiseLike<T>);

/** What can be waited for, or made into a task that can. */
export type Waitable<T> = TaskSource<T> | PromiseLike<T>;

/** Makes the tasks of `createTask`, for loops that were given one. */
export type TaskFactory = (loop: EventLoop, source: unknown, options?: TaskOptions) => Future<unknown>;

/** The coroutines of tasks, in debug mode: a plain generator does not know that it is in use. */
let used: WeakSet<object> | undefined;

function checkUnused(coroutine: object): void {
  used ??= new WeakSet();
  if (used.has(coroutine)) {
    throw new RuntimeError('cannot reuse already awaited coroutine', { code: 'REUSED' });
  }
  used.add(coroutine);
}

function expected(source: unknown): never {
  const promise = typeof (source as Partial<PromiseLike<unknown>> | null)?.then === 'function';
  const hint = promise ? 'a promise: use ensureFuture(promise) or fromPromise(promise)' : String(source);
  throw new TypeError(`a coroutine was expected, got ${hint}`);
}

/**
 * Refuses what cannot be waited for.
 *
 * @throws TypeError if `ensureFuture` would refuse it
 */
export function checkWaitable(source: unknown): void {
  const known = source as Partial<Awaitable<unknown>> | null | undefined;
  if (typeof source === 'function' || isCoroutine(source) || typeof known?.then === 'function') return;
  throw new TypeError(`An asyncio.Future, a coroutine or an awaitable is required, got ${String(source)}`);
}

/** Makes a task, without a step of it being enqueued. */
function makeTask<T>(source: TaskSource<T>, options: TaskOptions | undefined): Task<T> {
  if (isCoroutine(source)) {
    if (realm.hooks) checkUnused(source);
    const { name } = source as { name?: string };
    return new Task(source[Symbol.iterator](), options, name);
  }
  if (typeof source === 'function') {
    if (isGeneratorFunction(source)) {
      return new Task((source as () => Coroutine<T>)(), options, source.name);
    }
    const steps = new AsyncBody(source);
    const task = new Task(steps, options, source.name || 'anonymous');
    steps.task = task;
    return task;
  }
  if (typeof source?.subscribe === 'function') {
    // Its constructor is not asked for: that would count as having observed it.
    return new Task(new OperationSteps(source), options, 'operation');
  }
  return expected(source);
}

/**
 * Makes a task and starts it, whatever factory the loop has.
 *
 * @throws as `createTask`
 */
export function startTask<T>(source: TaskSource<T>, options?: TaskOptions): Task<T> {
  const task = makeTask(source, options);
  const loop = task.getLoop();
  try {
    if (options?.eagerStart && sameLoop(currentLoop(), loop)) task.run();
    else loop.enqueue(task, task);
  } catch (error) {
    removePending(task);
    throw error;
  }
  return task;
}

/** `createTask` without the hook: whoever is called by the user calls that, as near to the user as can be. */
export function launchTask<T>(source: TaskSource<T>, options?: TaskOptions): Task<T> {
  const loop = options?.loop ?? currentLoop();
  const factory = (loop as { getTaskFactory?(): TaskFactory | null }).getTaskFactory?.();
  return factory ? (factory(loop, source, options) as Task<T>) : startTask(source, options);
}

/**
 * Runs a coroutine or an async function beside the caller.
 *
 * The task is held until it is done, whether or not the caller keeps it. An error that nobody looks at is reported.
 *
 * @param source a coroutine, a generator function or an async function, which is called with its scope, or an operation
 * of a primitive, which the task owns: cancelled before it was delivered, the task gives it back
 * @param options the name, the loop, the async context, whether to start at once
 * @returns the task
 * @throws TypeError if `source` is none of these: of a promise make a future; nothing has begun
 * @throws RuntimeError (`REUSED`) if a coroutine of `coroutine()` is used already; (`LOOP_CLOSED`) on a closed loop
 * @ordering the first step is in the next iteration, after what was scheduled before; with `eagerStart` it is run at once
 * @cancellation `task.cancel()`
 * @complexity O(1)
 * @example
 * const task = createTask(async () => {
 *   await sleep(10);
 *   return 'done';
 * });
 * await task;
 * @source TASK-1 · CPython `asyncio.create_task`
 */
export function createTask<T>(source: TaskSource<T>, options?: TaskOptions): Task<T> {
  const task = launchTask(source, options);
  realm.hooks?.spawned?.(task);
  return task;
}

/**
 * Makes a future of whatever can be waited for.
 *
 * A future is returned as it is, a promise is wrapped, anything else runs as a task.
 *
 * @param source a future, a coroutine, a function, an operation or a promise
 * @param options the loop
 * @returns a future or a task
 * @throws TypeError if it cannot be waited for; RangeError if it is a future of another loop than `loop`
 * @ordering as `createTask`
 * @cancellation a future that was given is shared; a task that was made is the caller's
 * @complexity O(1)
 * @source TASK-1 · CPython `asyncio.ensure_future`
 */
export function ensureFuture<T>(source: Waitable<T>, options?: { readonly loop?: EventLoop }): Future<T> {
  const future = futureOf(source, options);
  if (future instanceof Task && (future as unknown) !== source) realm.hooks?.spawned?.(future);
  return future;
}

function futureOf<T>(source: Waitable<T>, options: { readonly loop?: EventLoop } | undefined): Future<T> {
  if (isFuture(source)) {
    const loop = options?.loop;
    if (loop && !sameLoop(source.getLoop(), loop)) {
      throw new RangeError(
        'The future belongs to a different loop than the one specified as the loop argument',
      );
    }
    return source as unknown as Future<T>;
  }
  checkWaitable(source);
  const known = source as Partial<Awaitable<T>>;
  if (typeof source === 'function' || isCoroutine(source) || typeof known.subscribe === 'function') {
    return launchTask(source as TaskSource<T>, options);
  }
  return fromPromise(source as PromiseLike<T>, options);
}

/**
 * Makes futures of many, by source: one that stands there twice is one.
 *
 * @throws as `ensureFuture`; those that were made are cancelled then
 */
export function ensureFutures<T>(
  sources: Iterable<Waitable<T>>,
  options?: { readonly loop?: EventLoop },
): Map<unknown, Future<T>> {
  const futures = new Map<unknown, Future<T>>();
  try {
    for (const source of sources) {
      if (futures.has(source)) continue;
      const future = futureOf(source, options);
      if (future instanceof Task && future !== source) realm.hooks?.spawned?.(future, 1);
      futures.set(source, future);
    }
  } catch (error) {
    for (const [source, future] of futures) if (future !== source) future.cancel();
    throw error;
  }
  return futures;
}

// A loop's run methods make tasks of coroutines once this module is there.
realm.createTask ??= (loop, source) => {
  const task = createTask(source as TaskSource<unknown>, { loop });
  // Who runs a loop until it is done learns from the run that it is not.
  if (task instanceof Task) task.quiet = true;
  return task;
};
