/** The least that can be waited for: a future without the package of futures. */
import { AwaitableBase, CancelledError, type EventLoop, InvalidStateError } from '@aiokit/loop-core';

export class Outcome<T> extends AwaitableBase<T> {
  readonly #loop: EventLoop;
  #state: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(loop: EventLoop) {
    super();
    this.#loop = loop;
  }

  resolve(value: T): void {
    this.#end({ value });
  }

  fail(error: unknown): void {
    this.#end({ error });
  }

  /** How many wait for it. */
  waiters(): number {
    return this.waiting.length;
  }

  override done(): boolean {
    return this.#state !== undefined;
  }

  override cancelled(): boolean {
    return this.#state !== undefined && 'error' in this.#state && this.#state.error instanceof CancelledError;
  }

  override result(): T {
    if (this.#state === undefined) throw new InvalidStateError('Result is not set.');
    if ('error' in this.#state) throw this.#state.error;
    return this.#state.value;
  }

  override cancel(message?: string): boolean {
    if (this.done()) return false;
    this.fail(new CancelledError(message));
    return true;
  }

  override getLoop(): EventLoop {
    return this.#loop;
  }

  override toString(): string {
    return `<Outcome ${this.done() ? 'done' : 'pending'}>`;
  }

  #end(state: { readonly value: T } | { readonly error: unknown }): void {
    this.wake(this.#loop);
    this.#state = state;
  }
}
