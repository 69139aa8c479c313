/**
 * What a primitive needs of a loop, and what can be waited for. A framework that implements `EventLoop` can host every
 * primitive of the family; `@aiokit/loop-core/compliance` tells whether it does so rightly.
 */

/** Something that a loop runs once per `enqueue`. */
export interface Runnable {
  /** Does the work. What it throws goes to the loop's exception handler. */
  run(): void;
}

/** A scheduled callback. */
export interface Handle {
  /** Keeps the callback from being run; does nothing if it has run, or has been cancelled. */
  cancel(): void;
  /** Whether `cancel()` was called. */
  cancelled(): boolean;
}

/** A callback that is scheduled for an instant. */
export interface TimerHandle extends Handle {
  /** The instant at which it is due, in milliseconds of `loop.time()`. */
  when(): number;
}

/** What an exception handler is told. Which keys are there depends on what happened. */
export interface ExceptionContext {
  /** What happened, in one line. */
  message: string;
  /** What was thrown. */
  exception?: unknown;
  /** The callback in which it happened. */
  handle?: unknown;
  /** The future that it happened to. */
  future?: unknown;
  /** The task that it happened to. */
  task?: unknown;
  /** Where the future or task was made, if debug was on. */
  sourceTraceback?: string | undefined;
  /** Where the callback was scheduled, if debug was on. */
  handleTraceback?: string | undefined;
  [detail: string]: unknown;
}

/** Is given what nobody caught. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

/**
 * What a primitive needs of a loop. Clauses are numbered in `docs/semantics/event-loop.md`.
 */
export interface EventLoop {
  /**
   * Runs `runnable` in the next iteration, after all that was enqueued before it.
   *
   * @param runnable what to run; it may be enqueued again while it runs
   * @param order a loop that reorders keeps the order of what was enqueued with the same `order`
   */
  enqueue(runnable: Runnable, order?: object): void;
  /** Runs `callback(...args)` in the next iteration, after all that was enqueued before it. */
  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle;
  /** Runs `callback(...args)` once `delayMs` milliseconds have passed, never earlier; negative means at once. */
  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): TimerHandle;
  /** Runs `callback(...args)` once `time()` has reached `when`, never earlier. */
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle;
  /** The loop's clock in milliseconds: monotonic, its origin arbitrary. */
  time(): number;
  /** Reports what nobody caught. Does not throw. */
  callExceptionHandler(context: ExceptionContext): void;
  /** Whether debug mode is on; absent means never. */
  getDebug?(): boolean;
  /** Says that host code (an async function, a promise) was woken; the loop lets the host's promises run soon. */
  hostTurn?(): void;
  /**
   * Says that a host promise is pending whose outcome the loop waits for.
   *
   * @param what named in reports of a wait that takes too long
   * @returns ends the hold; harmless if called again
   */
  hold?(what: object): () => void;
  /** The loop that took this one's place: what is given to this one goes there. */
  successor?: EventLoop;
}

/** What `yield*` of something awaitable runs. An interface of its own: that of the language would make results optional. */
export interface AwaitSteps<T> {
  next(...[sent]: [] | [unknown]): IteratorResult<Awaitable<unknown>, T>;
}

/**
 * What can be waited for: `yield* x` in a generator coroutine, `await x` in an async function, `x.addDoneCallback(f)`
 * from plain code.
 */
export interface Awaitable<T> extends PromiseLike<T> {
  /** Waits, in a generator coroutine: `const value = yield* x`. */
  [Symbol.iterator](): AwaitSteps<T>;
  /** Whether the outcome is known. */
  done(): boolean;
  /** Whether the outcome is a cancellation. */
  cancelled(): boolean;
  /** The value, if done. */
  result(): T;
  /** Asks it to end as cancelled; false if it is done already. */
  cancel(message?: string): boolean;
  /** Calls `callback(this)` through the loop once done. */
  addDoneCallback(callback: (done: this) => void): void;
  /** Takes every such callback away and returns how many there were. */
  removeDoneCallback(callback: (done: this) => void): number;
  /** The loop that it belongs to. */
  getLoop(): EventLoop;
  /** Enqueues `runnable` on the loop once done; in the next iteration if it is done already. */
  subscribe(runnable: Runnable): void;
  /** Takes a `subscribe` back; false if there is none, or what it enqueues is on its way. */
  unsubscribe(runnable: Runnable): boolean;
  /** Gives up what it has or waits for, unless its outcome was observed. An operation that was granted gives back. */
  abandon(): void;
}

/** What a coroutine yields: what it waits for, or nothing for one iteration. */
type Step<T> = IteratorResult<Awaitable<unknown> | undefined, T>;

/**
 * A coroutine: `function* main(): Coroutine<number> { const item = yield* queue.get(); … }`.
 *
 * Every generator that yields what is awaitable is one. It has less than the language's `Generator`, which grows.
 */
export interface Coroutine<T> {
  next(...[sent]: [] | [unknown]): Step<T>;
  return(value: T): Step<T>;
  throw(error: unknown): Step<T>;
  [Symbol.iterator](): Coroutine<T>;
}

/** What a method of a primitive returns: it has begun when it is called, and `using` abandons it at the end of the scope. */
export interface Operation<T> extends Awaitable<T> {
  /** `abandon()`. */
  [Symbol.dispose](): void;
}

/** A wait of an async function that its task can cancel. */
export interface CancellableWait {
  /** Ends the wait as cancelled; false if it was over. */
  cancel(message?: string): boolean;
}

/** The current task, as a wait sees it. */
export interface WaitScope {
  /** Called when an async function begins to wait. */
  enter(wait: CancellableWait): void;
  /** The loop of the task, which what its function begins belongs to. */
  getLoop?(): EventLoop;
  /** Called when that wait is over; returns the cancellation to deliver in place of its outcome, if there is one. */
  leave(wait: CancellableWait): Error | undefined;
}

/** What debug attaches to. Each is called only if present; only `check` and `warn` may throw. */
export interface LoopHooks {
  /** A callback is given to a method; throws if it may not be. */
  check?(callback: (...args: never[]) => unknown, method: string): void;
  /** A callback or timer was scheduled. */
  scheduled?(loop: EventLoop, handle: Handle): void;
  /** A step begins. */
  before?(loop: EventLoop, item: unknown): void;
  /** A step has ended. */
  after?(loop: EventLoop, item: unknown): void;
  /** Nothing is ready; a timer is due at `next`, or never. */
  idle?(loop: EventLoop, next: number): void;
  /** A future was made. */
  created?(future: Awaitable<unknown>): void;
  /** A task was made, by a function that the user has called, or one that lies `below` it by so many. */
  spawned?(task: object, below?: number): void;
  /** A coroutine was made that can tell whether it is awaited. */
  coroutine?(coroutine: object): void;
  /** A duration was given, in milliseconds. */
  duration?(ms: number): void;
  /** An operation was made: done, if nothing had to be waited for. `owner` gets its value back if that is not observed. */
  operation?(operation: Awaitable<unknown>, owner?: object): void;
  /** The value of an operation was taken over, or given back. */
  observed?(operation: object): void;
  /** Nobody listened to an operation when its turn came. */
  unheard?(operation: object): void;
  /** A generator is about to wait; the stack is the generator's. */
  yielded?(awaitable: Awaitable<unknown>): void;
  /** A task has begun to wait, for what its `awaits` says. */
  waits?(task: object): void;
  /** A task was asked to end as cancelled. */
  cancels?(task: object): void;
  /** A task has ended: with a result, or because something was thrown. */
  ended?(task: object, failed: boolean): void;
  /** What a task does is limited by a deadline from now on, or no longer; a permit was taken that a limit was set for. */
  limited?(thing: object, limit: object, enabled: boolean): void;
  /** Whoever waits for the first waits for the second: the children of a `gather`, the tasks of a group. */
  joins?(outer: object, inner: object): void;
  /** Something was made that is to be closed, or was closed. */
  resource?(owner: object, open: boolean): void;
  /** Something is wrong, of a kind that filters know. */
  warn?(kind: string, message: string): void;
  /** A permit was taken, by the code that runs now. */
  acquired?(permit: object): void;
  /** A permit has ended. */
  released?(permit: object): void;
  /** When a permit was taken, in `loop.time()`, and where, as `origin` says it. */
  taken?(permit: object): { readonly where: string; readonly when: number } | undefined;
  /** Where a future, coroutine or handle was made, innermost frame first. */
  origin?(thing: unknown): string | undefined;
}

/** An async context of the host. */
export interface AsyncContext {
  /** Calls `callback` in the context. */
  runInAsyncScope(callback: (...args: never[]) => unknown, self?: unknown, ...args: unknown[]): unknown;
}

/** Keeps the host's async context from where a callback is given to where it runs. */
export interface AsyncContextKeeper {
  /** The caller's context, or null if no store is active in it. */
  capture(): AsyncContext | null;
  /** Whether one store alone is active in a context; absent where contexts are no frames, which a store copies. */
  single?(context: AsyncContext): boolean;
  /** What calls `run` outside every store: `run` itself, if the caller is outside. */
  bare(run: () => void): () => void;
}
