/**
 * The one step of a task that is made of an async function: it ends when the function's promise does. It is the scope of
 * the function too, whose waits a cancellation of the task reaches.
 */
import { type EventLoop, realm } from '@aiokit/loop-core';
import { isCoroutine } from './coroutine.js';
import { runWithin, Scope } from './scope.js';
import type { Steps, Task } from './task.js';

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
    return this.task.getLoop();
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
