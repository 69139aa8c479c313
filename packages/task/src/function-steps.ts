/** The steps of a task that is made of a function: an async function is one step, that ends when its promise does. */
import { type EventLoop, realm } from '@aiokit/loop-core';
import { isCoroutine } from './coroutine.js';
import { runWithin, type Scope } from './scope.js';
import type { Steps, Task } from './task.js';

const starred = /* @__PURE__ */ (() => (realm.starred ??= { done: false, value: undefined }))();

/** An async function, or a function that returns a coroutine. */
export type Body<T> = (scope: Scope) => PromiseLike<T> | Steps<T>;

/** Calls the function in the task's first step. What the task waits for then is the function's end: this object. */
export class FunctionSteps<T> implements Steps<T> {
  readonly #body: Body<T>;
  /** The task, which is made after this. */
  task: Task<T> | undefined;

  constructor(body: Body<T>) {
    this.#body = body;
  }

  /** The waits of the function are the scope's to cancel. */
  get scoped(): true {
    return true;
  }

  next(): IteratorResult<unknown, T> {
    const task = this.task as Task<T>;
    realm.stepping = undefined;
    const running = runWithin(task.root(), this.#body);
    if (isCoroutine(running)) {
      const steps = running[Symbol.iterator]() as Steps<T>;
      task.become(steps);
      realm.stepping = task;
      return steps.next(null);
    }
    const promise = running as PromiseLike<T> | null | undefined;
    if (typeof promise?.then !== 'function') {
      throw new TypeError(`a coroutine was expected, got a function that returned ${String(running)}`);
    }
    promise.then(
      (value) => task.end(value),
      (error: unknown) => task.endFailed(error),
    );
    starred.value = this;
    return starred as IteratorResult<unknown, T>;
  }

  getLoop(): EventLoop {
    return (this.task as Task<T>).getLoop();
  }

  /** The task is ended by the promise. */
  subscribe(): void {}

  /** A cancellation before the function was called reaches it in its first wait. */
  cancel(): boolean {
    return false;
  }

  cancelled(): boolean {
    return false;
  }
}
