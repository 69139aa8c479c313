/** Waiting for time to pass. */
import {
  AwaitableBase,
  currentLoop,
  type EventLoop,
  InvalidStateError,
  makeCancelledError,
  type Operation,
  realm,
  refuse,
  type Runnable,
  type TimerHandle,
} from '@aiokit/loop-core';

const starred = /* @__PURE__ */ (() => (realm.starred ??= { done: false, value: undefined }))();

const PENDING = 0;
const DONE = 1;
const CANCELLED = 2;

/** A sleep with a timer. */
class Sleep<T> extends AwaitableBase<T> implements Operation<T> {
  declare private state: number;
  declare private value: unknown;
  declare private readonly loop: EventLoop;
  /** What ends it; debug mode knows where that was made. */
  declare readonly timer: TimerHandle;

  constructor(delayMs: number, value: T) {
    super();
    this.state = PENDING;
    this.value = value;
    this.loop = currentLoop();
    this.timer = this.loop.callLater(delayMs, wakeUp, this);
  }

  override getLoop(): EventLoop {
    return this.loop.successor ?? this.loop;
  }

  override done(): boolean {
    return this.state !== PENDING;
  }

  override cancelled(): boolean {
    return this.state === CANCELLED;
  }

  override result(): T {
    if (this.state === PENDING) throw new InvalidStateError('Result is not ready.');
    if (this.state === CANCELLED) throw makeCancelledError(this.value as string | undefined);
    return this.value as T;
  }

  override cancel(message?: string): boolean {
    if (this.state !== PENDING) return false;
    this.wake(this.loop);
    this.state = CANCELLED;
    this.value = message;
    this.timer.cancel();
    return true;
  }

  override abandon(): void {
    this.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** Called when the time is up. */
  end(): void {
    this.wake(this.loop);
    this.state = DONE;
  }

  override toString(): string {
    return `<Sleep ${['pending', 'done', 'cancelled'][this.state]}>`;
  }
}

const wakeUp = (sleep: Sleep<unknown>): void => sleep.end();

/** One iteration: whoever subscribes is enqueued. */
class Pause<T> extends AwaitableBase<T> implements Operation<T> {
  declare private readonly over: IteratorReturnResult<T>;

  constructor(value: T) {
    super();
    this.over = { done: true, value };
  }

  override getLoop(): EventLoop {
    return currentLoop();
  }

  override done(): boolean {
    return false;
  }

  override cancelled(): boolean {
    return false;
  }

  override result(): T {
    return this.over.value;
  }

  override cancel(): boolean {
    return false;
  }

  override subscribe(runnable: Runnable): void {
    currentLoop().enqueue(runnable);
  }

  /** What a task resumes with is null; the first call of `yield*` is made with undefined. */
  protected override next(sent?: unknown): IteratorResult<unknown, T> {
    if (sent === null) return this.over;
    // A loop or a spread, to which it would be a list without an end.
    if (arguments.length === 0) return super.next(null);
    starred.value = undefined;
    return starred;
  }

  [Symbol.dispose](): void {}

  override toString(): string {
    return '<Sleep pending>';
  }
}

/** The pause without a value has no state, so one does. */
let pause: Pause<undefined> | undefined;

/**
 * Waits for a time to pass.
 *
 * @param delayMs milliseconds; 0 or less waits for exactly one iteration of the loop, which lets everything else that is
 * ready have its turn
 * @param result what the wait results in
 * @returns settles when the time is up, never earlier
 * @throws TypeError if `delayMs` is not a number, RangeError if it is NaN or Infinity; no time is waited for
 * @ordering after all that was due earlier
 * @cancellation ends the wait, and its timer, at once
 * @complexity O(log n) of the pending timers; O(1) for 0
 * @example await sleep(200);
 * @source SLEEP-1 · CPython `asyncio.sleep`
 */
export function sleep(delayMs: number): Operation<void>;
export function sleep<T>(delayMs: number, result: T): Operation<T>;
export function sleep(delayMs: number, result?: unknown): Operation<unknown> {
  if (typeof delayMs !== 'number') refuse('delayMs', 'a number of milliseconds', delayMs);
  if (delayMs <= 0) return result === undefined ? (pause ??= new Pause(undefined)) : new Pause(result);
  return new Sleep(delayMs, result);
}
