/**
 * Tasks that end together: the group ends when all have, and when one fails, the others and the body are cancelled.
 *
 * Invariant: after `run` no task of the group is pending, and every error of one that was not cancelled has been thrown.
 */
import { Future } from '@aiokit/future';
import { realm, refuse, RuntimeError } from '@aiokit/loop-core';
import { bodySteps, type ScopedBody } from './internal/body.js';
import { CoroutineObject } from './coroutine.js';
import { type Coroutine, isCoroutine } from './is-coroutine.js';
import { launchTask, type TaskSource } from './create-task.js';
import { ExceptionGroup } from './exception-group.js';
import { cancellationOf } from './rethrow-cancelled.js';
import { currentScope } from './internal/scope-store.js';
import { Scope, type ScopeOptions } from './scope.js';
import type { Task, TaskOptions } from './task.js';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

const wrong = (message: string): RuntimeError => new RuntimeError(message, { code: 'GROUP_STATE' });

/**
 * Tasks that end together. What its body is given is the group itself, which is also the scope of the body.
 *
 * @example
 * await new TaskGroup().run(async (group) => {
 *   group.createTask(() => fetchOne());
 *   group.createTask(() => fetchTwo());
 * });
 * @source GROUP-1 · CPython 3.13 `asyncio.TaskGroup`
 */
export class TaskGroup extends Scope {
  readonly #tasks = new Set<Task<unknown>>();
  readonly #errors: unknown[] = [];
  #entered = false;
  #exiting = false;
  #aborting = false;
  /** Whether the group has cancelled its own body. */
  #requested = false;
  #ended: Future<void> | null = null;

  /**
   * Runs a coroutine or an async function in the group.
   *
   * @param source what `createTask` takes
   * @param options what `createTask` takes
   * @returns the task
   * @throws RuntimeError (`GROUP_STATE`) if the group has not been entered, is being cancelled, or has ended; a coroutine is
   * closed then; otherwise as `createTask`
   * @ordering as `createTask`
   * @cancellation by the group, when another task or the body fails
   * @complexity O(1)
   * @source GROUP-2 · CPython `TaskGroup.create_task`
   */
  createTask<T>(source: TaskSource<T>, options?: TaskOptions): Task<T> {
    const state = !this.#entered
      ? 'has not been entered'
      : this.#exiting && this.#tasks.size === 0
        ? 'is finished'
        : this.#aborting
          ? 'is shutting down'
          : null;
    if (state !== null) {
      if (isCoroutine(source)) source.return(undefined as T);
      else (source as { abandon?(): void } | null)?.abandon?.();
      throw wrong(`TaskGroup ${this.toString()} ${state}`);
    }
    const task = launchTask(source, { loop: this.task.getLoop(), ...options });
    this.#tasks.add(task);
    realm.hooks?.spawned?.(task);
    realm.hooks?.joins?.(this.task, task);
    task.addDoneCallback(this.#settled);
    return task;
  }

  /**
   * Runs the body, then waits for the tasks.
   *
   * @param body a generator function in a coroutine, an async function elsewhere; it is given the group
   * @param options the scope, in hosts without async context
   * @returns what the body returns; it is run when this is awaited, or given to `yield*`
   * @throws ExceptionGroup (`EXCEPTION_GROUP`) of what the tasks and then the body failed with; CancelledError if the group
   * was cancelled from outside
   * @throws NoCurrentTaskError (`NO_CURRENT_TASK`) outside a task; RuntimeError (`GROUP_STATE`) if it was run before
   * @ordering the tasks' errors in the order in which they failed
   * @cancellation all tasks are cancelled and waited for
   * @complexity O(n) tasks
   * @source GROUP-1 · CPython `TaskGroup.__aenter__`, `TaskGroup.__aexit__`
   */
  run<T>(body: ScopedBody<TaskGroup, T>, options?: ScopeOptions): CoroutineObject<T> {
    if (typeof body !== 'function') refuse('body', 'a function', body);
    const given = options?.scope;
    return new CoroutineObject('TaskGroup', () => this.#steps(body, given), given);
  }

  /** As asyncio's `repr`: how many tasks and errors, and what it is at. */
  override toString(): string {
    const parts = [
      this.#tasks.size > 0 ? ` tasks=${this.#tasks.size}` : '',
      this.#errors.length > 0 ? ` errors=${this.#errors.length}` : '',
      this.#aborting ? ' cancelling' : this.#entered ? ' entered' : '',
    ];
    return `<TaskGroup${parts.join('')}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  *#steps<T>(body: ScopedBody<TaskGroup, T>, given: Scope | undefined): Coroutine<T> {
    const outer = currentScope(given);
    if (this.#entered) throw wrong(`TaskGroup ${this.toString()} has already been entered`);
    this.join(outer, `TaskGroup ${this.toString()} cannot determine the parent task`);
    this.#entered = true;
    const before = this.requestsBefore();
    let result: T | undefined;
    let failed = false;
    let error: unknown;
    let cancellation: unknown;
    try {
      try {
        result = yield* bodySteps(this, body, outer !== null);
      } catch (caught) {
        failed = true;
        error = caught;
        cancellation = cancellationOf(caught);
      }
      this.#exiting = true;
      if (failed && !this.#aborting) this.#abort();
      while (this.#tasks.size > 0) {
        this.#ended = new Future({ loop: this.task.getLoop() });
        if (realm.hooks) for (const task of this.#tasks) realm.hooks.joins?.(this.#ended, task);
        try {
          yield* this.#ended;
        } catch (caught) {
          if (!this.#aborting) {
            cancellation = caught;
            this.#abort();
          }
        }
        this.#ended = null;
      }
    } finally {
      this.part();
      // Whoever closes the coroutine waits for nobody.
      if (this.#tasks.size > 0) this.#abort();
    }
    if (this.#requested && this.unrequest() <= before.reduce((sum, count) => sum + count))
      cancellation = undefined;
    if (cancellation !== undefined && this.#errors.length === 0) throw cancellation as Error;
    if (failed && !cancellationOf(error)) this.#errors.push(error);
    if (this.#errors.length > 0) {
      // A cancellation from outside is not lost in the errors: it comes at the next wait.
      this.redeliver(before);
      throw new ExceptionGroup('unhandled errors in a TaskGroup', this.#errors);
    }
    return result as T;
  }

  #abort(): void {
    this.#aborting = true;
    for (const task of this.#tasks) if (!task.done()) task.cancel();
  }

  readonly #settled = (task: Task<unknown>): void => {
    this.#tasks.delete(task);
    if (this.#ended && !this.#ended.done() && this.#tasks.size === 0) this.#ended.setResult();
    if (task.cancelled()) return;
    const error = task.exception();
    if (error === null) return;
    this.#errors.push(error);
    const parent = this.task;
    if (parent.done()) {
      task.getLoop().callExceptionHandler({
        message: `Task ${task.toString()} has errored out but its parent task ${parent.toString()} is already completed`,
        exception: error,
        task,
      });
      return;
    }
    if (this.#aborting || this.#requested) return;
    this.#abort();
    this.#requested = true;
    this.request();
  };
}
