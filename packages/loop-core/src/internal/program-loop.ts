/**
 * What a loop for whole programs has beside a scheduler: ordered timers, handlers, debug, an end. A callback of
 * `callSoon` with at most one argument takes two slots of the ready array, the function and its argument, so that it
 * keeps no object alive; its handle knows the number of the slot, counted from the loop's first.
 */
import { RuntimeError } from '../errors.js';
import type {
  EventLoop,
  ExceptionContext,
  ExceptionHandler,
  Handle,
  Runnable,
  TimerHandle,
} from '../event-loop.js';
import { formatContext } from '../exception-context.js';
import { getLogger } from '../logger.js';
import { realm } from '../realm.js';
import { nameOf } from './call-within.js';
import { checkCallback, checkTime, refuse } from './check.js';
import { Call, type Callback, Guest } from './guest.js';
import { TimerQueue } from './timer-queue.js';

/** Makes a task of a coroutine. */
export type TaskFactory = (loop: EventLoop, coroutine: unknown, options?: object) => unknown;

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;
/** An array that has grown beyond this is not used again. */
const KEPT_SLOTS = 9999;
/** Stands for the argument of a callback that has none. */
const NONE = {};

/** Apart from its caller, which would make a closure's context at each call. */
const runOf = (runnable: Runnable): Runnable => ({ run: () => runnable.run() });

class SoonHandle implements Handle {
  readonly #loop: ProgramLoop;
  /** -1 once it is cancelled. */
  #slot: number;

  constructor(loop: ProgramLoop, slot: number) {
    this.#loop = loop;
    this.#slot = slot;
  }

  cancelled(): boolean {
    return this.#slot < 0;
  }

  cancel(): void {
    if (this.#slot >= 0) this.#loop.look(this.#slot, true);
    this.#slot = -1;
  }

  toString(): string {
    return `<Handle${this.#slot < 0 ? ' cancelled' : this.#loop.look(this.#slot)}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** A scheduled callback that prints itself as asyncio's `repr` shows it. */
class PrintedCall extends Call {
  override toString(): string {
    const { callback } = this;
    const when = this.when() === undefined ? '' : ` when=${this.when()}`;
    return `<${when && 'Timer'}Handle${callback ? '' : ' cancelled'}${when}${callback ? ` ${nameOf(callback)}` : ''}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

interface Host {
  /** Deno asks its user before it shows the environment. */
  readonly Deno?: object;
  readonly process?: { readonly env?: { readonly AIOKIT_DEBUG?: string } };
}

/** As Python's `PYTHONASYNCIODEBUG`: anything but nothing and 0. */
function debugInEnvironment(): boolean {
  const { Deno, process } = globalThis as Host;
  return !Deno && !/^0?$/.test(process?.env?.AIOKIT_DEBUG ?? '');
}

/** Whether it was said that debug mode has no checks. */
let warned = false;

/** A broken rule of the loop. */
export const rule = (message: string, code: string): RuntimeError => new RuntimeError(message, { code });

/** A run method was ended before what it waits for. */
export const stoppedEarly = (): RuntimeError =>
  rule('Event loop stopped before Future completed.', 'LOOP_STOPPED');

export abstract class ProgramLoop extends Guest {
  /** How long a step may take, in milliseconds, before debug mode reports it as slow. */
  slowCallbackDurationMs = 100;
  protected readonly timers: TimerQueue = new TimerQueue();
  /** What runs in this iteration: slots `at` to `size` of `batch`. */
  protected at = 0;
  protected size = 0;
  /** Steps that may be run before `tired` is asked. */
  protected fuel = 0;
  /** Whether `stop()` was called. */
  protected stopping = false;
  /** How many slots there ever were before those of `ready`. */
  #passed = 0;
  #closed = false;
  #debug = false;
  #handler: ExceptionHandler | null = null;
  #factory: TaskFactory | null = null;

  constructor() {
    super();
    if (realm.debugging ?? debugInEnvironment()) this.setDebug(true);
  }

  /** Whether the loop is closed. */
  isClosed(): boolean {
    return this.#closed;
  }

  /** Whether a run method is at work. */
  abstract isRunning(): boolean;

  /** Called at the end of the iteration in which `stop()` was called; tells whether the host must have a turn. */
  protected abstract ended(): boolean;
  /** Called when the fuel is used up: refuels, and tells whether the host must have a turn. */
  protected abstract tired(): boolean;

  /** Whether debug mode is on. */
  getDebug(): boolean {
    return this.#debug;
  }

  /**
   * Turns debug mode on or off.
   *
   * @param enabled true for on
   * @throws TypeError if it is not a boolean; nothing has changed
   * @source LOOP-8 · CPython `BaseEventLoop.set_debug`
   */
  setDebug(enabled: boolean): void {
    if (typeof enabled !== 'boolean') refuse('enabled', 'true or false', enabled);
    this.#debug = enabled;
    if (realm.debug) realm.debug(this, enabled);
    else if (enabled && !warned) {
      warned = true;
      getLogger().warn(
        "debug mode has no checks yet: import '@aiokit/debug', or start with node --import @aiokit/debug/register",
      );
    }
  }

  /** The exception handler that was set, or null. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#handler;
  }

  /**
   * Sets what is given what nobody caught.
   *
   * @param handler a function of the loop and the context; null for the default, which logs
   * @throws TypeError if it is neither; the handler stays as it was
   * @source LOOP-6 · CPython `BaseEventLoop.set_exception_handler`
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== 'function') refuse('handler', 'a function or null', handler);
    this.#handler = handler;
  }

  /**
   * Logs an exception context at level error: its message, its other keys in order, the exception's stack.
   *
   * @param context what happened
   * @source LOOP-6 · CPython `BaseEventLoop.default_exception_handler`
   */
  defaultExceptionHandler(context: ExceptionContext): void {
    getLogger().error(formatContext(context));
  }

  override callExceptionHandler(context: ExceptionContext): void {
    const handler = this.#handler;
    const { future, task, handle } = context ?? {};
    if (realm.hooks?.origin) {
      const sourceTraceback = realm.hooks.origin(future ?? task ?? this);
      const handleTraceback = realm.hooks.origin(handle ?? this);
      context = { sourceTraceback, handleTraceback, ...context };
    }
    let report = context;
    let during = '';
    try {
      if (handler) return handler(this, context);
    } catch (exception) {
      report = { message: 'Unhandled error in exception handler', exception, context };
      during = ' while handling an unexpected error in custom exception handler';
    }
    try {
      this.defaultExceptionHandler(report);
    } catch (error) {
      // What the logger throws is the host's to report.
      try {
        getLogger().error(`Exception in default exception handler${during}`, error);
      } catch (cause) {
        void Promise.reject(cause);
      }
    }
  }

  /** The task factory that was set, or null. */
  getTaskFactory(): TaskFactory | null {
    return this.#factory;
  }

  /**
   * Sets what makes tasks of coroutines.
   *
   * @param factory a function of the loop, the coroutine and the options; null for the default
   * @throws TypeError if it is neither; the factory stays as it was
   * @source LOOP-7 · CPython `BaseEventLoop.set_task_factory`
   */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null && typeof factory !== 'function') refuse('factory', 'a function or null', factory);
    this.#factory = factory;
  }

  /** The loop as asyncio's `repr` shows it. */
  override toString(): string {
    return `<${this.constructor.name} running=${this.isRunning()} closed=${this.#closed} debug=${this.#debug}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /**
   * Ends the loop: what is scheduled is dropped, and scheduling more throws. Closing twice does nothing. The realm's
   * default loop is replaced at its next use.
   *
   * @throws RuntimeError (`LOOP_RUNNING`) while a run method is at work; the loop goes on
   * @source LOOP-9 · CPython `BaseEventLoop.close`
   */
  close(): void {
    if (this.isRunning()) throw rule('Cannot close a running event loop', 'LOOP_RUNNING');
    if (this.#closed) return;
    for (const listener of realm.closing ?? []) listener(this);
    if (this.#debug) realm.debug?.(this, false);
    this.#closed = true;
    this.armed = false;
    this.ready = [];
    // What is left of an iteration that is at work does nothing.
    this.batch.fill(Object);
    this.at = this.size = this.count = 0;
    this.timers.clear();
    this.rest();
    if (realm.loop === this) realm.loop = undefined;
    if (realm.running === this) realm.running = undefined;
  }

  override callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle;
  override callSoon(callback: Callback, argument?: unknown): Handle {
    const count = arguments.length;
    checkCallback(callback);
    if (count > 2 || realm.hooks || realm.context?.capture()) {
      const call = this.handle(callback, Array.prototype.slice.call(arguments, 1));
      this.enqueue(call);
      return call;
    }
    const at = this.count;
    if (!this.armed) this.arm();
    this.ready[at] = callback;
    this.ready[at + 1] = count > 1 ? argument : NONE;
    this.count = at + 2;
    return new SoonHandle(this, this.#passed + at);
  }

  /**
   * As `callSoon`, from wherever the host calls back, and from a step of another loop.
   *
   * @source LOOP-1 · CPython `loop.call_soon_threadsafe`
   */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    const { running } = realm;
    realm.running = undefined;
    try {
      return this.callSoon(callback, ...args);
    } finally {
      realm.running = running;
    }
  }

  /**
   * The name of the callback in a slot, as a handle shows it; nothing once it has been run.
   *
   * @param discard keeps it from being run; the slot still counts in its iteration, as in asyncio
   */
  look(slot: number, discard?: boolean): string {
    let slots = this.ready;
    let at = slot - this.#passed;
    if (at < 0) {
      slots = this.batch;
      at += this.size;
    }
    const callback = slots[at];
    if (typeof callback !== 'function') return '';
    if (discard) slots[at] = Object;
    return ` ${nameOf(callback)}`;
  }

  override enqueue(runnable: Runnable, order?: object): void {
    // A function in the queue would be taken for a callback of `callSoon`.
    super.enqueue(typeof runnable === 'function' ? runOf(runnable) : runnable, order);
  }

  override forget(timer: Call): void {
    if (timer.place === undefined) return;
    this.timers.remove(timer);
    if (this.timers.size === 0 && !this.armed && !this.#closed) this.arm();
  }

  protected override arm(): void {
    if (this.#closed) this.yield();
    this.checkOpen();
    super.arm();
  }

  override callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => void,
    ...args: A
  ): TimerHandle {
    checkTime(when, 'when');
    const timer = this.handle(callback as Callback, args, when);
    this.timers.add(timer);
    if (!this.armed) this.arm();
    return timer;
  }

  /** Makes the handle of a callback that is then scheduled. */
  protected handle(callback: Callback, args: unknown[], when?: number): Call {
    const call = new PrintedCall(this, callback, args, when);
    this.checkOpen();
    const { hooks } = realm;
    hooks?.check?.(callback, when === undefined ? 'callSoon' : 'callAt');
    hooks?.scheduled?.(this, call);
    return call;
  }

  /** @throws RuntimeError (`LOOP_CLOSED`) if the loop is closed */
  protected checkOpen(): void {
    if (this.#closed) throw rule('Event loop is closed', 'LOOP_CLOSED');
  }

  /** Makes what is due at the beginning of an iteration ready. */
  protected due(): void {
    const now = this.time();
    while (this.timers.next() <= now) this.enqueue(this.timers.shift());
  }

  protected override iterate(): boolean {
    if (this.at === this.size) {
      if (this.timers.size > 0) this.due();
      const batch = this.ready;
      this.ready = this.size > KEPT_SLOTS ? [] : this.batch;
      this.batch = batch;
      this.size = this.count;
      this.#passed += this.count;
      this.at = this.count = 0;
    }
    const { batch, size } = this;
    const { hooks } = realm;
    let { at } = this;
    let item: unknown;
    for (;;) {
      try {
        while (at < size) {
          if (this.fuel-- < 1 && this.tired()) {
            this.at = at;
            return true;
          }
          item = batch[at];
          batch[at++] = undefined;
          if (hooks) hooks.before?.(this, item);
          if (typeof item === 'function') {
            const argument = batch[at];
            batch[at++] = undefined;
            if (argument === NONE) item();
            else item(argument);
          } else (item as Runnable).run();
          if (hooks) hooks.after?.(this, item);
        }
        this.at = this.size;
        return this.stopping && this.ended();
      } catch (error) {
        if (hooks) hooks.after?.(this, item);
        this.failed(
          error,
          typeof item === 'function' ? new PrintedCall(this, item as Callback, []) : (item as Partial<Call>),
        );
      }
    }
  }
}
