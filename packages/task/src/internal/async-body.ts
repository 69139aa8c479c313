/**
 * The one step of a task that is made of an async function: it ends when the function's promise does. It is the scope of
 * the function too, whose waits a cancellation of the task reaches.
 */
import { type Awaitable, type EventLoop, realm } from '@aiokit/loop-core';
import { type Coroutine, isCoroutine } from '../is-coroutine.js';
import { OperationSteps } from './operation-steps.js';
import { runWithin } from './scope-store.js';
import { Scope } from '../scope.js';
import type { Steps, Task } from '../task.js';

const starred = /* @__PURE__ */ (() => (realm.starred ??= { done: false, value: undefined }))();

/** An async function, or a function that returns a coroutine. */
export type Body<T> = (scope: Scope) => PromiseLike<T> | Steps<T>;

/** What a task of a function steps, and then waits for. */
export class AsyncBody<T> extends Scope implements Steps<T> {
  declare private body: Body<T>;

  constructor(body: Body<T>) {
    super();
    this.body = body;
  }

  /** Calls the function. */
  next(): IteratorResult<unknown, T> {
    const task = this.task as Task<T>;
    realm.stepping = undefined;
    const running = runWithin<this, PromiseLike<T> | Steps<T>>(this, this.body);
    const known = running as Partial<Awaitable<T>> | null | undefined;
    const operation = typeof known?.subscribe === 'function';
    if (operation || isCoroutine(running)) {
      const steps = operation
        ? new OperationSteps(known as Awaitable<T>)
        : (running as Coroutine<T>)[Symbol.iterator]();
      task.become(steps);
      realm.stepping = task;
      return steps.next(null);
    }
    if (typeof known?.then !== 'function') {
      throw new TypeError(`a coroutine was expected, got a function that returned ${String(running)}`);
    }
    const loop = task.getLoop() as EventLoop & { isClosed?(): boolean };
    known.then(
      (value) => loop.isClosed?.() || task.end(value),
      (error: unknown) => loop.isClosed?.() || task.endFailed(error),
    );
    starred.value = this;
    return starred;
  }

  protected override seen(): void {
    this.task.must = undefined;
  }

  /** The promise ends the task. */
  subscribe(): void {}

  /** A cancellation of before is delivered by the function's first wait. */
  cancel(): boolean {
    return false;
  }

  cancelled(): boolean {
    return false;
  }
}
