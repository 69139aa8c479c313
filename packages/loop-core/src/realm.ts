/**
 * The one record of a realm's mutable state. Every copy and version of these packages finds the same record under a
 * registered symbol. Fields may be added to it, never renamed or removed.
 */
import type { AsyncContextKeeper, EventLoop, LoopHooks, WaitScope } from './event-loop.js';
import type { Logger } from './logger.js';

/** Pending tasks that are kept weakly. */
export interface WeakTasks {
  /** Takes a task that was made; false if it is to be held until it is done. */
  add(task: object): boolean;
  /** A task is done. */
  remove(task: object): void;
  /** Nobody needs to be told of a task. */
  hush(task: object): void;
  /** The tasks that are there. */
  list(): Iterable<object>;
}

/** The mutable state that all copies of these packages in a realm share. What is absent is not in use. */
export interface Realm {
  /** The default loop, made at its first use. */
  loop?: EventLoop | undefined;
  /** The default loop, if it was made for primitives and a loop for programs may take its place. */
  spare?: EventLoop | undefined;
  /** The loop whose iteration is running now. */
  running?: EventLoop | undefined;
  /** The generator task that is being stepped: what `yield*` is fastest with may be returned to it. */
  stepping?: object | undefined;
  /** What `yield*` of a pending awaitable yields, with the awaitable as its value. */
  starred?: { done: false; value: unknown };
  /** Debug's hooks. */
  hooks?: LoopHooks | undefined;
  /** Whether loops begin in debug mode; what the environment's `AIOKIT_DEBUG` says if absent. */
  debugging?: boolean | undefined;
  /** Turns debug checks on or off for a loop; filled by the package that has them. */
  debug?: ((loop: EventLoop, enabled: boolean) => void) | undefined;
  /** The current task's scope for waits of async functions; filled by the task package. */
  scope?: (() => WaitScope | null) | undefined;
  /** Makes a task of a coroutine; filled by the task package. */
  createTask?: ((loop: EventLoop, coroutine: unknown) => unknown) | undefined;
  /** The pending tasks of a loop; filled by the task package. */
  pending?: ((loop: EventLoop) => readonly object[]) | undefined;
  /** Keeps pending tasks that whoever can wake them holds; filled by debug, which reports those that nobody can wake. */
  weak?: WeakTasks | undefined;
  /** Keeps async contexts; filled when `context.ts` is loaded. */
  context?: AsyncContextKeeper | undefined;
  /** Called with a loop that is being closed, while what it holds is still there. */
  closing?: Set<(loop: EventLoop) => void> | undefined;
  /** Called at the end of a run with its loop, and waited for: what `run()` has to shut down. */
  shutdown?: Set<(loop: EventLoop) => PromiseLike<void>> | undefined;
  /** What names this thread to others; filled by the threadsafe package. */
  thread?: string | undefined;
  /** What a worker of an executor runs now; filled by the worker. */
  work?: { readonly signal: AbortSignal; cancelled(): boolean } | undefined;
  /** The values that go with their transfer lists; filled when one is marked. */
  transfers?: WeakMap<object, readonly object[]> | undefined;
  /** Stores of async context that go to workers, by name. */
  carried?: Map<string, { getStore(): unknown; run<R>(store: never, callback: () => R): R }> | undefined;
  /** Where reports go; absent means the console. */
  logger?: Logger | undefined;
  /** Leaves out what is below the level that is logged. */
  leveled?: ((logger: Logger) => Logger) | undefined;
  /** Numbers handed out by name, such as task numbers. */
  counters?: Record<string, number>;
}

const KEY = Symbol.for('aiokit.realm/1');

/**
 * The realm's record, made by whichever copy is loaded first.
 *
 * @source CPython's per-thread state: the running loop, the policy's loop
 */
export const realm: Realm = /* @__PURE__ */ (() => ((globalThis as { [KEY]?: Realm })[KEY] ??= {}))();
