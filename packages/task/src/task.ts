/**
 * A coroutine or an async function that runs on a loop. asyncio's rules decide every step: `run()` is called by the loop,
 * resumes the coroutine, and subscribes to what it yields.
 *
 * Invariant: a pending task is waiting (`waiter` is there, and not done), or its step is enqueued, or it is being stepped.
 * `must` is a cancellation that no wait has taken: the next step delivers it.
 */
import { Future, type FutureOptions } from '@aiokit/future';
import {
  asyncContext,
  type AsyncContext,
  type Awaitable,
  type CancellableWait,
  getLogger,
  isCancelledError,
  makeCancelledError,
  realm,
  type Runnable,
  RuntimeError,
} from '@aiokit/loop-core';
import { type Coroutine, isCoroutine } from './is-coroutine.js';
import { badYield } from './internal/bad-yield.js';
import { addPending, removePending } from './internal/pending-tasks.js';
import { AsyncBody } from './internal/async-body.js';
import { cancellationOf } from './rethrow-cancelled.js';
import { currentScope } from './internal/scope-store.js';
import { Scope, selfAwait } from './scope.js';

/** What a task is made with. */
export interface TaskOptions extends FutureOptions {
  /** Its name in reports; `Task-` and a number if absent. */
  readonly name?: string | undefined;
  /** The async context that its steps run in; a copy of the caller's if absent. */
  readonly context?: AsyncContext | undefined;
  /** Whether its first step is run at once, within `createTask`. */
  readonly eagerStart?: boolean | undefined;
}

/** What `getStack` and `printStack` may be given. */
export interface StackOptions {
  /** How many lines at most; all if absent. */
  readonly limit?: number | undefined;
}

/** What a task steps: a generator, or what acts like one. */
export interface Steps<T> {
  next(sent: null): IteratorResult<unknown, T>;
  throw?(error: unknown): IteratorResult<unknown, T>;
}

/** What a task waits for. */
type Wait = Pick<Awaitable<unknown>, 'cancel' | 'cancelled' | 'subscribe' | 'getLoop'> & {
  exception?(): unknown;
};

interface More {
  readonly context: AsyncContext | null;
  /** Where the signals of a generator task's scopes belong. */
  scope: Scope | null;
  quiet: boolean;
}

/** What `yield*` of a pending awaitable yields. */
const starred = /* @__PURE__ */ (() => (realm.starred ??= { done: false, value: undefined }))();

const nextNumber = (): number => {
  const counters = (realm.counters ??= {});
  counters['task'] = (counters['task'] ?? 0) + 1;
  return counters['task'];
};

const wrong = (message: string, code: string): RuntimeError => new RuntimeError(message, { code });

/** How a task shows itself among the callbacks of what it waits for. */
const WAKEUP = { name: 'Task.wakeup' };

const stepOf = (task: { step(): void }): void => task.step();

/**
 * A coroutine or an async function at work, and a future of its outcome. Make one with `createTask`.
 *
 * @source TASK-1 · CPython `asyncio.Task`
 */
export class Task<T> extends Future<T> implements Runnable {
  /** Null once it is done. */
  declare private steps: Steps<T> | null;
  declare private waiter: Wait | null;
  declare private requests: number;
  /** A number until somebody asks. */
  declare private title: number | string;
  /** A cancellation that was asked for and not delivered; of a cancelled task, what is thrown to the first who asks. */
  declare must: Error | undefined;
  /** The name of the function that it runs. */
  declare private readonly label: string | undefined;
  /** What most tasks do without: a hundred thousand of them are mostly memory. */
  declare private more: More | null;
  /** Links of the list of pending tasks; only it may touch them. */
  declare before: Task<unknown> | null;
  declare after: Task<unknown> | null;

  /**
   * @param steps what is stepped; `createTask` makes it of whatever can be a task
   * @param options the loop, the name, the context
   * @param label the name of the function that it runs
   */
  constructor(steps: Steps<T>, options?: TaskOptions, label?: string) {
    super(options);
    this.steps = steps;
    this.waiter = null;
    this.requests = 0;
    const name = options?.name;
    this.title = name === undefined ? nextNumber() : String(name);
    this.must = undefined;
    const context = options?.context ?? (realm.context ??= asyncContext).capture();
    this.label = label;
    this.more = context === null ? null : { context, scope: null, quiet: false };
    this.before = this.after = null;
    addPending(this);
  }

  /** A step, called by the loop. */
  run(): void {
    const { more } = this;
    if (more === null || more.context === null) this.step();
    else more.context.runInAsyncScope(stepOf, undefined, this);
  }

  /**
   * Asks it to end: what it waits for is cancelled, or its next step throws a `CancelledError` where it waits.
   *
   * It may catch that, clean up, and even go on.
   *
   * @param message what the error says
   * @returns false, and nothing happens, if it is done
   * @ordering the error is thrown in an iteration to come, also if the task has not begun
   * @cancellation this is it; a wait that was granted and not yet taken is given back
   * @complexity O(1), and the number of waits of an async function
   * @source TASK-3 · CPython `Task.cancel`
   */
  override cancel(message?: string): boolean {
    if (this.done()) return super.cancel(message);
    this.requests++;
    realm.hooks?.cancels?.(this);
    const { steps, waiter } = this;
    if (steps instanceof AsyncBody) {
      steps.interrupt(message, (error) => {
        this.must = error;
      });
    } else {
      if (waiter === null || !waiter.cancel(message)) this.must = makeCancelledError(message);
      this.scope?.abort(this.must ?? makeCancelledError(message));
    }
    return true;
  }

  /** How often `cancel()` was called, less `uncancel()`. */
  cancelling(): number {
    return this.requests;
  }

  /**
   * Takes a `cancel()` back, for code that caught it and goes on.
   *
   * @returns how many are left; at 0 one that was not delivered yet is forgotten
   * @source TASK-3 · CPython 3.13 `Task.uncancel`
   */
  uncancel(): number {
    if (this.requests > 0 && --this.requests === 0) {
      this.must = undefined;
      this.scope?.forgive();
    }
    return this.requests;
  }

  /** Refused: the outcome is the coroutine's. */
  override setResult(_value: T): void {
    throw wrong('Task does not support setResult operation', 'TASK_OUTCOME');
  }

  /** Refused: the outcome is the coroutine's. */
  override setException(_exception: unknown): void {
    throw wrong('Task does not support setException operation', 'TASK_OUTCOME');
  }

  /** Its name: what it was given, else `Task-` and a number. */
  getName(): string {
    if (typeof this.title === 'number') this.title = `Task-${this.title}`;
    return this.title;
  }

  /**
   * Gives it another name.
   *
   * @param name the name; anything else is made a string
   * @source TASK-1 · CPython `Task.set_name`
   */
  setName(name: string): void {
    this.title = String(name);
  }

  /**
   * The coroutine that it steps.
   *
   * @returns null if it runs an async function, waits for an operation, or is done
   * @ordering it is the task's: stepping it by hand takes steps away
   * @cancellation none
   * @complexity O(1)
   * @source TASK-1 · CPython `Task.get_coro`
   */
  getCoro(): Coroutine<T> | null {
    const { steps } = this;
    return isCoroutine(steps) ? (steps as Coroutine<T>) : null;
  }

  /** The async context that its steps run in; null if no store was active where it was made. */
  getContext(): AsyncContext | null {
    return this.more?.context ?? null;
  }

  /**
   * Aborts when the task is cancelled. Give it to `fetch` and to whatever else is not of this family.
   *
   * Once a cancellation was delivered, the next use gives a new signal, for cleaning up.
   *
   * @source SCOPE-3 · no CPython counterpart
   */
  get signal(): AbortSignal {
    return this.root().signal;
  }

  /**
   * Where it stands: of a failed task the places of the error's stack, of a pending one what debug mode noted.
   *
   * @param options how many lines at most
   * @returns the lines; none where nothing is known
   * @source TASK-1 · CPython `Task.get_stack`
   */
  getStack({ limit = Infinity }: StackOptions = {}): string[] {
    const failed = this.done() && !this.cancelled();
    const text = failed
      ? ((this.exception() as Error | null)?.stack ?? '')
      : (!this.done() && realm.hooks?.origin?.(this)) || '';
    const lines = text.split('\n').filter((line) => /^\s+at |@/.test(line));
    return lines.slice(0, limit);
  }

  /**
   * Writes `getStack()` to the log, under a line that says whose it is.
   *
   * @param options how many lines at most
   * @source TASK-1 · CPython `Task.print_stack`
   */
  printStack(options?: StackOptions): void {
    const lines = this.getStack(options);
    const head =
      lines.length === 0
        ? `No stack for ${this.toString()}`
        : `${this.done() ? 'Traceback' : 'Stack'} for ${this.toString()} (most recent call first):`;
    getLogger().error([head, ...lines].join('\n'));
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    if (currentScope()?.task === this && !this.done()) {
      return Promise.reject(selfAwait(this)).then(onFulfilled, onRejected);
    }
    return super.then(onFulfilled, onRejected);
  }

  /** What it waits for now: of an async function its waits, which know their `source`. */
  get awaits(): readonly CancellableWait[] {
    const { waiter } = this;
    return waiter instanceof AsyncBody ? waiter.waiting : waiter ? [waiter] : [];
  }

  /** How it shows itself where it waits. */
  get callback(): { readonly name: string } {
    return WAKEUP;
  }

  /** The scope of its async function. */
  root(): Scope {
    if (this.steps instanceof AsyncBody) return this.steps;
    const more = this.extra();
    if (more.scope === null) {
      more.scope = new Scope();
      more.scope.task = this;
    }
    return more.scope;
  }

  /** Where the waits of its async function, and the signals of its scopes, belong; null if there are none. */
  get scope(): Scope | null {
    return this.steps instanceof AsyncBody ? this.steps : (this.more?.scope ?? null);
  }

  /** Whether nobody needs to be told that it never ended. */
  get quiet(): boolean {
    return this.more?.quiet === true;
  }

  set quiet(quiet: boolean) {
    this.extra().quiet = quiet;
    if (quiet) realm.weak?.hush(this);
  }

  /** Makes other steps its own: those of the coroutine that its function has returned. */
  become(steps: Steps<T>): void {
    this.steps = steps;
  }

  /** Ends it with the result of its function, or as cancelled if a cancellation came too late to be delivered. */
  end(value: T): void {
    if (this.must !== undefined) return this.endFailed(this.must);
    super.setResult(value);
    this.over(false);
  }

  /** Ends it with what its function has thrown. */
  endFailed(error: unknown): void {
    const cancellation = cancellationOf(error);
    if (cancellation) {
      this.must = cancellation;
      super.cancel(cancellation.message);
    } else this.fail(error ?? new Error(`failed with ${String(error)}`));
    this.over(true);
  }

  /** Resumes the coroutine; the loop must be the one that is running. */
  step(thrown?: Error): void {
    const { waiter } = this;
    const outer = realm.stepping;
    let result: IteratorResult<unknown, T>;
    this.waiter = null;
    realm.stepping = this;
    try {
      result =
        this.must === undefined && thrown === undefined
          ? (this.steps as Steps<T>).next(null)
          : this.deliver(waiter, thrown);
    } catch (error) {
      realm.stepping = outer;
      return this.endFailed(error);
    }
    realm.stepping = outer;
    if (result === starred) {
      const source = starred.value as Wait | undefined;
      starred.value = undefined;
      if (source === undefined) this.getLoop().enqueue(this);
      else this.wait(source);
    } else if (result.done) this.end(result.value);
    else if (result.value === undefined) this.getLoop().enqueue(this);
    else if (result.value === starred.value) {
      // JavaScriptCore's `yield*` passes on what was yielded in a result of its own.
      starred.value = undefined;
      this.wait(result.value as Wait);
    } else this.throwSoon(badYield(result.value, this));
  }

  protected override describe(): string {
    const [word = '', ...rest] = super.describe().split(' ');
    const pending = !this.done();
    const parts = [pending && this.requests > 0 ? 'cancelling' : word, `name='${this.getName()}'`];
    parts.push(
      `coro=<${this.label === undefined ? 'coroutine' : `${this.label}()`}${pending ? '' : ' done'}>`,
    );
    const { awaits } = this;
    if (awaits.length > 0) parts.push(`wait_for=${awaits.join(', ')}`);
    return [...parts, ...rest].join(' ');
  }

  protected override makeCancelledError(): Error {
    const saved = this.must;
    this.must = undefined;
    return saved ?? super.makeCancelledError();
  }

  /** Throws what is to be thrown into the coroutine, unless what it waits for throws a cancellation of its own. */
  private deliver(waiter: Wait | null, thrown?: Error): IteratorResult<unknown, T> {
    const error = this.must ?? thrown;
    this.must = undefined;
    const steps = this.steps as Steps<T>;
    if (waiter !== null && (waiter.cancelled() || isCancelledError(waiter.exception?.())))
      return steps.next(null);
    if (steps.throw) return steps.throw(error);
    throw error as Error;
  }

  /** Waits for what the coroutine has yielded. */
  private wait(source: Wait): void {
    const loop = this.getLoop();
    if (source.getLoop() !== loop) {
      return this.throwSoon(
        wrong(
          `Task ${this.toString()} got Future ${String(source)} attached to a different loop`,
          'OTHER_LOOP',
        ),
      );
    }
    if (source === this) {
      return this.throwSoon(selfAwait(this));
    }
    this.waiter = source;
    source.subscribe(this);
    if (this.must !== undefined && source.cancel(this.must.message)) this.must = undefined;
    realm.hooks?.waits?.(this);
  }

  private over(failed: boolean): void {
    this.steps = null;
    removePending(this);
    realm.hooks?.ended?.(this, failed);
  }

  private extra(): More {
    return (this.more ??= { context: null, scope: null, quiet: false });
  }

  private throwSoon(error: Error): void {
    const context = this.getContext();
    const step = () => this.step(error);
    this.getLoop().enqueue(
      { run: () => void (context === null ? step() : context.runInAsyncScope(step)) },
      this,
    );
  }
}
