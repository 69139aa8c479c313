/**
 * The wait queue: who waits for a primitive, in which order, and whose turn it is.
 *
 * Every primitive of the family is a few lines over this file, so it is the one that has to be right. A waiter goes
 * through these states, and each arrow is taken at most once:
 *
 *     WAITING ──grant──► GRANTED ──result()──► DELIVERED
 *        │                  │
 *        │ cancel()         │ abandon(), abort
 *        ▼                  ▼
 *     CANCELLED ─result()─► FAILED ◄──abort── WAITING
 *
 * (CANCELLED becomes FAILED without `result()` too, once all who were told have been called: nobody lingers.)
 *
 * A grant reserves a turn and moves nothing. The owner's `deliver` moves the item, the permit, the lock, and it is called
 * from `result()`: in the step of the generator task that waits, when `resolve` of an async function is called, or
 * when plain code asks. Until then the turn can be taken back, by a cancellation that is delivered in place of it
 * (`abandon`), a signal or a time-out (`abort`). The owner's `passed` is then called, once, and gives the turn to the next.
 * So there is no moment at which an item has left the primitive and has not arrived: it cannot be lost.
 *
 * `cancel()` is asyncio's: the waiter stays in the queue as cancelled until its own step takes it out, because that is
 * what asyncio's inspectors show in between. A signal or a time-out, which asyncio does not have, takes it out at once.
 *
 * The queue is a doubly linked list, so a waiter leaves from anywhere in O(1). Grants are first come, first served, which
 * makes `cursor`, the first waiter that is still WAITING, move only forward:
 *
 *                              cursor                    last
 *                                │                         │
 *                                ▼                         ▼
 *     GRANTED ◄─► CANCELLED ◄─► WAITING ◄─► CANCELLED ◄─► WAITING
 *
 * Invariants: nobody before `cursor` is WAITING; `live` counts the WAITING, `size` all who are linked; whoever is linked
 * belongs to one loop.
 */
import { type AbortSignalLike, checkSignal, joinSignal, leaveSignal } from './abort-signals.js';
import { AwaitableBase } from './awaitable.js';
import { currentLoop, sameLoop } from './current-loop.js';
import {
  InvalidStateError,
  isCancelledError,
  makeCancelledError,
  RuntimeError,
  TimeoutError,
} from './errors.js';
import type { EventLoop, Operation, TimerHandle } from './event-loop.js';
import { refuse } from './internal/check.js';
import { react } from './reaction.js';
import { realm } from './realm.js';

/** How long a wait may last. */
export interface WaitOptions {
  /** Ends the wait when it aborts; the wait throws its reason. */
  readonly signal?: AbortSignalLike | undefined;
  /** Ends the wait after so many milliseconds with a `TimeoutError`; 0 or less tries once; Infinity or absent means never. */
  readonly timeoutMs?: number | undefined;
}

/** The primitive behind a queue. */
export interface WaitOwner<T> {
  /** Hands over what was granted: the result of the wait. */
  deliver(waiter: Waiter<T>): T;
  /** A granted turn was given up: gives it to the next. */
  passed(waiter: Waiter<T>): void;
  /** A waiter that had no turn has left the queue; absent where that changes nothing for the others. */
  left?(waiter: Waiter<T>): void;
  /** The turn has come and nobody listens, or who was told has not taken it; absent where it may lie until somebody asks. */
  unheard?(waiter: Waiter<T>): void;
}

const enum State {
  WAITING,
  GRANTED,
  CANCELLED,
  DELIVERED,
  FAILED,
}

/** One wait in a queue. */
export class Waiter<T> extends AwaitableBase<T> implements Operation<T> {
  declare private state: State;
  /** What it brings, then the result, the error, or what `cancel` was given. Only its owner may look. */
  declare value: unknown;
  /** Where it waits. */
  declare readonly queue: WaitQueue<T>;
  declare private readonly loop: EventLoop;
  /** What limits it, if something does. */
  declare timer: TimerHandle | undefined;
  declare signal: AbortSignalLike | undefined;
  /** How much it asks for; 1 unless the primitive counts. */
  declare weight: number;
  /** When it joined, in `loop.time()`, if the queue is timed. */
  declare since: number | undefined;
  /** Links of the queue; only it may touch them. */
  declare before: Waiter<T> | undefined;
  declare after: Waiter<T> | undefined;

  constructor(queue: WaitQueue<T>, loop: EventLoop, weight: number, value: unknown) {
    super();
    this.state = State.WAITING;
    this.value = value;
    this.queue = queue;
    this.loop = loop;
    this.timer = this.signal = undefined;
    this.weight = weight;
    this.since = undefined;
    this.before = this.after = undefined;
  }

  override getLoop(): EventLoop {
    return this.loop.successor ?? this.loop;
  }

  protected override get order(): object {
    return this.queue;
  }

  /** Whether it waits for its turn still. */
  live(): boolean {
    return this.state === State.WAITING;
  }

  override done(): boolean {
    return this.state !== State.WAITING;
  }

  override cancelled(): boolean {
    return this.state === State.CANCELLED || (this.state === State.FAILED && isCancelledError(this.value));
  }

  /**
   * What was waited for; the first call takes it over.
   *
   * @throws InvalidStateError while it waits; what ended the wait, if that was no grant
   */
  override result(): T {
    if (this.state === State.WAITING) throw new InvalidStateError('Result is not ready.');
    if (this.state === State.GRANTED) {
      this.state = State.DELIVERED;
      realm.hooks?.observed?.(this);
      this.leave();
      try {
        this.value = this.queue.owner.deliver(this);
      } catch (error) {
        this.state = State.FAILED;
        this.value = error;
      }
    }
    this.called();
    if (this.state === State.FAILED) throw this.value;
    return this.value as T;
  }

  /** A turn is taken through the loop, in the order of the grants, also by who subscribes when it has come. */
  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    if (this.state === State.GRANTED) return react(this, onFulfilled, onRejected);
    return super.then(onFulfilled, onRejected);
  }

  /** Ends the wait as cancelled; it stays in the queue until it is told so. False if its turn has come or it is over. */
  override cancel(message?: string): boolean {
    if (this.state !== State.WAITING) return false;
    const awaited = this.wake(this.loop);
    this.state = State.CANCELLED;
    this.value = message;
    this.queue.pass();
    if (!awaited) this.called();
    return true;
  }

  /** Nobody who was told has asked for the result: a cancelled waiter leaves the queue all the same. */
  override called(): void {
    if (this.state === State.CANCELLED) this.end(makeCancelledError(this.value as string | undefined));
    else if (this.state === State.GRANTED) this.queue.owner.unheard?.(this);
  }

  /** Gives the place up, or the turn; whoever waits for this is told that it was cancelled. Nothing once it was taken. */
  override abandon(): void {
    if (this.state === State.CANCELLED) this.called();
    else if (this.state < State.CANCELLED) this.abort(makeCancelledError());
  }

  [Symbol.dispose](): void {
    this.abandon();
  }

  /** Ends the wait at once, for a reason. A turn that was granted and not taken goes to the next. */
  abort(reason: unknown): void {
    if (this.state === State.WAITING) {
      try {
        this.wake(this.loop);
      } catch {
        // Their loop is closed.
        this.drop();
      }
    }
    if (this.state < State.CANCELLED) this.end(reason);
  }

  /** The wait as a report shows it. */
  override toString(): string {
    return `<Waiter ${['waiting', 'granted', 'cancelled', 'delivered', 'failed'][this.state]}>`;
  }

  /** Gives it its turn, and says whether anybody was told. Called by the queue. */
  grant(): boolean {
    const heard = this.wake(this.loop);
    this.state = State.GRANTED;
    return heard;
  }

  /**
   * Sets its limits, before it is linked. Called by the queue.
   *
   * @returns false if they are exceeded already
   * @throws RuntimeError (`LOOP_CLOSED`) if a time limit is set on a closed loop; what the signal throws
   */
  limit({ signal, timeoutMs = Infinity }: WaitOptions): boolean {
    const aborted = signal?.aborted;
    if (aborted || !(timeoutMs > 0)) {
      this.state = State.FAILED;
      this.value = aborted ? signal?.reason : timedOut();
      return false;
    }
    if (timeoutMs < Infinity) this.timer = this.loop.callLater(timeoutMs, () => this.abort(timedOut()));
    try {
      this.signal = signal;
      if (signal) joinSignal(signal, this);
    } catch (error) {
      this.timer?.cancel();
      throw error;
    }
    return true;
  }

  /** Leaves the queue without its result. */
  private end(reason: unknown): void {
    const { state, queue } = this;
    realm.hooks?.observed?.(this);
    this.state = State.FAILED;
    this.value = reason;
    if (state === State.WAITING) queue.pass();
    this.leave();
    if (state === State.GRANTED) queue.owner.passed(this);
    else queue.owner.left?.(this);
  }

  private leave(): void {
    this.queue.unlink(this);
    this.timer?.cancel();
    if (this.signal) leaveSignal(this.signal, this);
    this.timer = this.signal = undefined;
  }
}

const timedOut = (): TimeoutError => new TimeoutError('the wait timed out');

/**
 * Checks what a waiting method was given, before it takes or waits.
 *
 * @param options the method's options
 * @throws TypeError or RangeError naming what is wrong
 * @source no CPython counterpart
 */
export function checkWait(options: WaitOptions | undefined): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
  const { signal, timeoutMs } = options;
  const isNumber = typeof timeoutMs === 'number';
  if (timeoutMs !== undefined && !(isNumber && timeoutMs === timeoutMs)) {
    refuse('timeoutMs', 'a number of milliseconds', timeoutMs, isNumber ? RangeError : TypeError);
  }
  checkSignal(signal);
}

/**
 * How long the first of those who wait has waited. From the first call on, the queue is timed.
 *
 * @param queue who waits
 * @returns milliseconds; 0 if nobody waits, undefined if the first had joined before the queue was timed
 * @complexity O(1)
 * @source no CPython counterpart
 */
export function longestWait<T>(queue: WaitQueue<T>): number | undefined {
  queue.timed = true;
  const { first } = queue;
  if (!first) return 0;
  return first.since === undefined ? undefined : first.getLoop().time() - first.since;
}

/**
 * First come, first served: grants turns, and takes them back.
 *
 * @source CPython: the `_waiters` of `locks.py`, the `_getters` and `_putters` of `queues.py`
 */
export class WaitQueue<T> {
  /** The primitive. */
  readonly owner: WaitOwner<T>;
  /** How many are WAITING. */
  live = 0;
  /** How many are linked: also those who have their turn, or were cancelled, and have not noticed. */
  size = 0;
  /** Whether each who joins reads the clock, as all do while debug's hooks are there: it costs more than the wait. */
  timed = false;
  #last: Waiter<T> | undefined;
  #cursor: Waiter<T> | undefined;

  constructor(owner: WaitOwner<T>) {
    this.owner = owner;
  }

  /** The first who is WAITING. */
  get first(): Waiter<T> | undefined {
    return this.#cursor;
  }

  /**
   * Joins at the end.
   *
   * @param options the limits, checked by `checkWait`
   * @param weight how much is asked for
   * @param value what the waiter brings, for the owner to find when it delivers
   * @returns the wait; failed already if the signal has aborted or no time is allowed
   * @throws RuntimeError (`OTHER_LOOP`) while others wait on another loop; nothing has changed
   * @ordering after all who joined before
   * @cancellation see the file's note
   * @complexity O(1)
   */
  join(options?: WaitOptions, weight = 1, value?: unknown): Waiter<T> {
    const loop = currentLoop();
    const last = this.#last;
    const stale = last && !sameLoop(last.getLoop(), loop);
    if (stale && !(last.getLoop() as { isClosed?(): boolean }).isClosed?.()) {
      throw new RuntimeError(`${String(this.owner)} is bound to a different event loop`, {
        code: 'OTHER_LOOP',
      });
    }
    const waiter = new Waiter(this, loop, weight, value);
    if (options && !waiter.limit(options)) return waiter;
    if (this.timed || realm.hooks) waiter.since = loop.time();
    waiter.before = last;
    if (last) last.after = waiter;
    this.#last = waiter;
    this.#cursor ??= waiter;
    this.live++;
    this.size++;
    realm.hooks?.operation?.(waiter);
    if (stale) {
      // Nobody will step them: who waits leaves, the last first, so that none of them gets a turn; then who has a turn
      // gives it to the living.
      const dead: Waiter<T>[] = [];
      for (let one: Waiter<T> | undefined = last; one; one = one.before) dead.push(one);
      for (const one of [...dead.filter((each) => each.live()), ...dead]) one.abandon();
    }
    return waiter;
  }

  /**
   * Gives the turn to the first who is WAITING.
   *
   * @returns the waiter, or undefined if there is none
   * @ordering the waiter is resumed in the next iteration
   * @complexity O(1) amortised
   */
  grant(): Waiter<T> | undefined {
    const waiter = this.#cursor;
    if (waiter) {
      const heard = waiter.grant();
      this.pass();
      if (!heard) {
        this.owner.unheard?.(waiter);
        realm.hooks?.unheard?.(waiter);
      }
    }
    return waiter;
  }

  /** Gives everybody the turn, and returns how many there were. */
  grantAll(): number {
    const { live } = this;
    while (this.#cursor) this.grant();
    return live;
  }

  /** Somebody is no longer WAITING. Called by waiters. */
  pass(_waiter?: Waiter<T>): void {
    this.live--;
    while (this.#cursor?.live() === false) this.#cursor = this.#cursor.after;
  }

  /** Takes a waiter out. Called by waiters. */
  unlink(waiter: Waiter<T>): void {
    const { before, after } = waiter;
    if (before) before.after = after;
    if (after) after.before = before;
    else this.#last = before;
    waiter.before = waiter.after = undefined;
    this.size--;
  }
}
