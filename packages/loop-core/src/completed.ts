/**
 * The awaitable of an operation that did not have to wait.
 *
 * What is fastest depends on who asks. A generator step gets an object that is its own iterator and its own result: its
 * `done` is a method, hence true, and `value` is the value. Everybody else gets a promise that is settled already, of a
 * subclass whose `prototype.constructor` is `Promise`, which `await` takes as it is: one tick, as a native one.
 */
import { AwaitableBase } from './awaitable.js';
import { currentLoop } from './current-loop.js';
import type { Awaitable, EventLoop } from './event-loop.js';
import { realm } from './realm.js';

class Completed<T> extends AwaitableBase<T> {
  declare readonly value: T;

  constructor(value: T) {
    super();
    this.value = value;
  }

  override [Symbol.iterator](): Iterator<Awaitable<unknown>, T, unknown> {
    return this as unknown as Iterator<Awaitable<unknown>, T, unknown>;
  }

  next(): this {
    return this;
  }

  override done(): boolean {
    return true;
  }

  override cancelled(): boolean {
    return false;
  }

  override result(): T {
    return this.value;
  }

  override cancel(): boolean {
    return false;
  }

  override getLoop(): EventLoop {
    return currentLoop();
  }
}

let settling: unknown;
const settle = (resolve: (value: never) => void): void => resolve(settling as never);

class CompletedPromise<T> extends Promise<T> {
  declare readonly value: T;

  constructor() {
    super(settle);
    this.value = settling as T;
  }
}

const promised = /* @__PURE__ */ (() => {
  const own = Object.getOwnPropertyDescriptors(Completed.prototype);
  const inherited = Object.getOwnPropertyDescriptors(AwaitableBase.prototype);
  const { then, ...methods } = { ...inherited, ...own } as Record<string, PropertyDescriptor>;
  Object.defineProperties(CompletedPromise.prototype, {
    ...methods,
    [Symbol.iterator]: own[Symbol.iterator] as PropertyDescriptor,
    constructor: { value: Promise },
  });
  return CompletedPromise as unknown as new () => Awaitable<never>;
})();

/**
 * An awaitable that is done.
 *
 * @param value its result; thenable or not, `yield*` and `result()` give it as it is, `await` unwraps it
 * @ordering `yield*` does not yield; `await` takes one turn of the host's promises
 * @complexity O(1); one object
 * @source CPython: awaiting what is done never yields
 */
export function completed<T>(value: T): Awaitable<T> {
  if (realm.stepping) return new Completed(value);
  settling = value;
  return new promised() as Awaitable<T>;
}
