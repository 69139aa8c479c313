import { AwaitableBase } from '../awaitable.js';
import type { EventLoop } from '../event-loop.js';

/** A host promise that a run method waits for. */
export class PromiseOutcome<T> extends AwaitableBase<T> {
  readonly #loop: EventLoop;
  #result: (() => T) | undefined;

  constructor(loop: EventLoop, promise: PromiseLike<T>) {
    super();
    this.#loop = loop;
    const settle = (result: () => T) => {
      this.wake(loop);
      this.#result = result;
    };
    promise.then(
      (value) => settle(() => value),
      (error: unknown) =>
        settle(() => {
          throw error;
        }),
    );
  }

  override done(): boolean {
    return this.#result !== undefined;
  }

  override cancelled(): boolean {
    return false;
  }

  override result(): T {
    return (this.#result as () => T)();
  }

  override cancel(): boolean {
    return false;
  }

  override getLoop(): EventLoop {
    return this.#loop;
  }

  override toString(): string {
    return '<Promise>';
  }
}
