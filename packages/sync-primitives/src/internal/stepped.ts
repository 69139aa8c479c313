/**
 * An operation that waits more than once, written as a generator that has been begun when the operation is returned.
 *
 * A generator task that waits for it runs the generator in its own steps, as asyncio runs a coroutine that is awaited. For
 * anybody else, who subscribes, it is driven here as a task drives one. Invariant: only one of the two ever steps it.
 */
import {
  asyncContext,
  type AsyncContext,
  type Awaitable,
  AwaitableBase,
  completed,
  currentLoop,
  type EventLoop,
  InvalidStateError,
  isCancelledError,
  makeCancelledError,
  type Operation,
  realm,
  type Runnable,
} from '@aiokit/loop-core';

const PENDING = 0;
const DONE = 1;
const FAILED = 2;

/** A generator that waits by `yield*` only. */
export type Steps<T> = Generator<unknown, T, unknown>;

class Stepped<T> extends AwaitableBase<T> implements Operation<T>, Runnable {
  readonly #steps: Steps<T>;
  #state = PENDING;
  #value: unknown;
  /** What the steps wait for. */
  #waits: Awaitable<unknown> | undefined;
  readonly #loop: EventLoop;
  /** Who steps: nobody yet, whoever iterates, or `run`. */
  #driver: 'none' | 'iteration' | 'loop' = 'none';
  /** A cancellation that the next step delivers. */
  #must: Error | undefined;
  #context: AsyncContext | null = null;

  constructor(steps: Steps<T>) {
    super();
    this.#steps = steps;
    this.#step(() => steps.next());
    this.#loop = this.#waits?.getLoop() ?? currentLoop();
  }

  override getLoop(): EventLoop {
    return this.#loop.successor ?? this.#loop;
  }

  override done(): boolean {
    return this.#state !== PENDING;
  }

  override cancelled(): boolean {
    return this.#state === FAILED && isCancelledError(this.#value);
  }

  /** What it waits for, in reports. */
  get source(): Awaitable<unknown> | undefined {
    return this.#waits;
  }

  failed(): boolean {
    return this.#state === FAILED;
  }

  override result(): T {
    if (this.#state === PENDING) throw new InvalidStateError('Result is not ready.');
    if (this.#state === FAILED) throw this.#value;
    return this.#value as T;
  }

  override cancel(message?: string): boolean {
    if (this.done()) return false;
    if (this.#driver === 'none') this.#drive();
    if (this.#waits?.cancel(message)) return true;
    if (this.#driver === 'loop') this.#must = makeCancelledError(message);
    return this.#driver === 'loop';
  }

  override abandon(): void {
    if (this.done()) return;
    this.#waits?.unsubscribe(this);
    this.#driver = 'iteration';
    this.return(undefined as T);
  }

  [Symbol.dispose](): void {
    this.abandon();
  }

  override subscribe(runnable: Runnable): void {
    super.subscribe(runnable);
    if (!this.done() && this.#driver === 'none') this.#drive();
  }

  /** A step, called by the loop. */
  run(): void {
    if (this.done()) return;
    const must = this.#waits?.cancelled() ? undefined : this.#must;
    this.#must = undefined;
    const { waiting } = this;
    const step = () => this.#step(() => (must ? this.#steps.throw(must) : this.#steps.next(null)));
    if (this.#context) this.#context.runInAsyncScope(step);
    else step();
    if (!this.done()) return this.#waits?.subscribe(this);
    // The first is told in this step, as the steps of a task that waits would go on in it.
    const [first, ...others] = waiting;
    this.drop();
    for (const one of others) this.getLoop().enqueue(one, this);
    first?.run();
  }

  protected override next(sent?: unknown): IteratorResult<unknown, T> {
    if (this.done() || this.#driver === 'loop') return super.next(sent);
    this.#driver = 'iteration';
    const waits = this.#waits as Awaitable<unknown>;
    if (sent !== null && !waits.done()) return handOut(waits);
    return this.#iterate(() => this.#steps.next(null));
  }

  protected override throw(error: unknown): never {
    if (this.done() || this.#driver === 'loop') super.throw(error);
    this.#driver = 'iteration';
    return this.#iterate(() => this.#steps.throw(error)) as never;
  }

  protected override return(value: T): IteratorResult<never, T> {
    if (this.done() || this.#driver === 'loop') return super.return(value);
    this.#iterate(() => this.#steps.return(value));
    this.#end(FAILED, makeCancelledError());
    return { done: true, value };
  }

  /** A step of whoever iterates; others who wait are told of the end. */
  #iterate(step: () => IteratorResult<unknown, T>): IteratorResult<unknown, T> {
    const { waiting } = this;
    this.#step(step);
    if (!this.done()) return handOut(this.#waits);
    this.drop();
    for (const one of waiting) this.getLoop().enqueue(one, this);
    return { done: true, value: this.result() };
  }

  #step(step: () => IteratorResult<unknown, T>): void {
    try {
      const { done, value } = step();
      if (done) this.#end(DONE, value);
      else {
        this.#waits = value as Awaitable<unknown>;
        handOut(undefined);
      }
    } catch (error) {
      this.#end(FAILED, error);
    }
  }

  #end(state: number, value: unknown): void {
    this.#state = state;
    this.#value = value;
    this.#waits = undefined;
  }

  #drive(): void {
    this.#driver = 'loop';
    this.#context = (realm.context ??= asyncContext).capture();
    this.#waits?.subscribe(this);
  }
}

/** What `yield*` of the awaitable itself would give. */
function handOut(waits: Awaitable<unknown> | undefined): IteratorResult<unknown, never> {
  const starred = realm.starred as { done: false; value: unknown };
  starred.value = waits;
  return starred;
}

/** Begins an operation: it goes as far as it can without waiting. What it throws is the outcome. */
export function begin<T>(steps: Steps<T>): Operation<T> {
  const operation = new Stepped(steps);
  return operation.done() && !operation.failed() ? completed(operation.result()) : operation;
}
