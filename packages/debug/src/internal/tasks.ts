/** Tasks as debug sees them: by what they answer to, since there may be two copies of the task package. */
import { type Awaitable, type EventLoop, realm } from '@aiokit/loop-core';

/** A task. */
export interface TaskLike extends Awaitable<unknown> {
  getName(): string;
  cancelling(): number;
  /** What it waits for; of an async function its waits, which know their source. */
  readonly awaits: readonly object[];
  /** Where the waits of its async function belong. */
  readonly scope?: { readonly body?: unknown; readonly controller?: object | undefined } | null;
}

/** Whether a value is a task of any copy. */
export function isTask(value: unknown): value is TaskLike {
  const known = value as Partial<TaskLike> | null | undefined;
  return typeof known?.cancelling === 'function' && typeof known.getName === 'function';
}

/** The item of a loop that is being run. */
let item: unknown;

/** Notes what a loop runs now. */
export const setItem = (running: unknown): void => {
  item = running;
};

/** The task that the code that runs now is of; undefined if it is of none. */
export function currentTask(): TaskLike | undefined {
  const scope = realm.scope?.() ?? (item as { scope?: object } | undefined)?.scope;
  const task = realm.stepping ?? (scope as { task?: object } | null | undefined)?.task;
  return isTask(task) ? task : undefined;
}

/** The pending tasks of a loop. */
export function pendingTasks(loop: EventLoop): TaskLike[] {
  const tasks: TaskLike[] = [];
  for (const task of realm.pending?.(loop) ?? []) if (isTask(task)) tasks.push(task);
  return tasks;
}

/** What a task waits for: awaitables. */
export const sourcesOf = (task: TaskLike): Awaitable<unknown>[] =>
  task.awaits.map((wait) => (wait as { source?: Awaitable<unknown> }).source ?? (wait as Awaitable<unknown>));

const NOTHING: Awaitable<unknown>[] = [];

/** The sources of a task that are pending. Nearly always there is one. */
export function pendingSourcesOf(task: TaskLike): readonly Awaitable<unknown>[] {
  const { awaits } = task;
  if (awaits.length === 0) return NOTHING;
  const sources = sourcesOf(task);
  return sources.length === 1 && sources[0]?.done?.() !== true
    ? sources
    : sources.filter((source) => source.done?.() !== true);
}

/** A wait for a primitive. */
export interface WaiterLike extends Awaitable<unknown> {
  readonly queue: { readonly owner: object };
  readonly timer: unknown;
  readonly signal: unknown;
}

/** Whether an awaitable waits for its turn of a primitive. */
export const isWaiter = (source: object): source is WaiterLike =>
  (source as Partial<WaiterLike>).queue?.owner !== undefined;

/** What is waited for, as a report shows it: the primitive rather than the place in its line. */
export const nameOf = (source: object): string =>
  String(isWaiter(source) ? source.queue.owner : isTask(source) ? source.getName() : source);
