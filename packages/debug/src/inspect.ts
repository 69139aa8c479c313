/** Who waits for whom: the tasks of a program, as a list, as a tree, as a graph. */
import { type Awaitable, type EventLoop, realm } from '@aiokit/loop-core';
import { debuggedLoops } from './internal/debugged.js';
import { innerOf } from './internal/joins.js';
import { waitsSince } from './internal/long-waits.js';
import { waitPlaceOf } from './internal/origins.js';
import { holdersOf } from './internal/permits.js';
import { frameOf } from './internal/stack.js';
import {
  currentTask,
  isTask,
  isWaiter,
  nameOf,
  pendingSourcesOf,
  pendingTasks,
  type TaskLike,
} from './internal/tasks.js';

/** What a task is doing: a `host` task is an async function that waits for nothing of ours, or is about to go on. */
export type TaskState = 'running' | 'ready' | 'waiting' | 'host';

/** A task in a list. */
export interface TaskInfo {
  readonly name: string;
  readonly state: TaskState;
  /** Whether it was asked to end. */
  readonly cancelling: boolean;
  /** What it waits for. */
  readonly waitsFor: readonly string[];
  /** The names of those who hold that. */
  readonly heldBy: readonly string[];
  /** For how long, in milliseconds of its loop's time; undefined if that is not known, as outside debug mode. */
  readonly sinceMs: number | undefined;
  /** Where it waits: the innermost frame; undefined if that is not known. */
  readonly where: string | undefined;
}

/** That one cannot go on before another does. */
export interface WaitEdge {
  readonly from: object;
  readonly to: object;
  /** A task `waits` for a primitive, which is `held` by a task; or a task `awaits` one. */
  readonly kind: 'waits' | 'held' | 'awaits';
}

/** Who waits for whom. */
export interface WaitGraph {
  readonly tasks: readonly object[];
  readonly edges: readonly WaitEdge[];
  /** The tasks that wait for each other, in order. */
  readonly cycles: readonly (readonly object[])[];
}

const loopsOf = (loop: EventLoop | undefined): EventLoop[] =>
  loop
    ? [loop]
    : [...new Set([...debuggedLoops, realm.loop, realm.running].filter((one) => one !== undefined))];

const tasksOf = (loop: EventLoop | undefined): TaskLike[] => [
  ...new Set(loopsOf(loop).flatMap((one) => pendingTasks(one))),
];

function stateOf(task: TaskLike, running: TaskLike | undefined): TaskState {
  if (task === running) return 'running';
  if (pendingSourcesOf(task).length > 0) return 'waiting';
  return task.awaits.length === 0 && task.scope?.body !== undefined ? 'host' : 'ready';
}

const holderNames = (source: object): string[] =>
  isWaiter(source)
    ? holdersOf(source.queue.owner).map(({ task }) => task?.getName() ?? 'code of no task')
    : [];

/**
 * The place where a task waits.
 *
 * @param task a task
 * @returns the lines of the stack, innermost first: of a generator where it waits, of an async function where it made what
 * it waits for; none outside debug mode, or if it does not wait
 * @throws TypeError if it is no task
 * @source DEBUG-6 · CPython `Task.get_stack`
 */
export function where(task: object): string[] {
  if (!isTask(task)) throw new TypeError(`task must be a task, got ${String(task)}`);
  const [source] = pendingSourcesOf(task);
  return (source && waitPlaceOf(task, source))?.split('\n') ?? [];
}

/**
 * The tasks that are not done, oldest first.
 *
 * @param loop whose; those of every loop in debug mode, of the default and of the running one if absent
 * @complexity O(tasks)
 * @source DEBUG-6 · CPython 3.14 `python -m asyncio ps`
 */
export function ps(loop?: EventLoop): TaskInfo[] {
  const running = currentTask();
  return tasksOf(loop).map((task) => {
    const sources = pendingSourcesOf(task);
    const since = waitsSince(task);
    const [source] = sources;
    return {
      name: task.getName(),
      state: stateOf(task, running),
      cancelling: task.cancelling() > 0,
      waitsFor: sources.map(nameOf),
      heldBy: sources.flatMap(holderNames),
      sinceMs: since === undefined || !source ? undefined : task.getLoop().time() - since,
      where: frameOf(source && waitPlaceOf(task, source)),
    };
  });
}

/** The tasks behind what is waited for. */
function tasksBehind(source: object, found: TaskLike[] = [], depth = 8): TaskLike[] {
  if (isTask(source)) found.push(source);
  else if (depth > 0) for (const one of innerOf(source)) tasksBehind(one, found, depth - 1);
  return found;
}

/** What a task waits for the end of: what it awaits, and the tasks of its groups. */
const childrenOf = (task: TaskLike): TaskLike[] => [
  ...new Set([
    ...pendingSourcesOf(task).flatMap((source) => tasksBehind(source)),
    ...innerOf(task).filter(isTask),
  ]),
];

/**
 * Who waits for whom, through which primitive.
 *
 * @param loop whose tasks; as for `ps`
 * @complexity O(tasks and holders)
 * @source DEBUG-6 · CPython 3.14 `asyncio.capture_call_graph`; locks and holders are ours
 */
export function waitGraph(loop?: EventLoop): WaitGraph {
  const tasks = tasksOf(loop);
  const edges: WaitEdge[] = [];
  const next = new Map<object, TaskLike[]>();
  const held = new Set<object>();
  for (const task of tasks) {
    const ahead: TaskLike[] = [];
    for (const source of pendingSourcesOf(task)) {
      if (isWaiter(source)) {
        const { owner } = source.queue;
        edges.push({ from: task, to: owner, kind: 'waits' });
        for (const { task: holder } of holdersOf(owner)) {
          if (!holder) continue;
          if (!held.has(owner)) edges.push({ from: owner, to: holder, kind: 'held' });
          ahead.push(holder);
        }
        held.add(owner);
      }
      for (const one of tasksBehind(source)) {
        edges.push({ from: task, to: one, kind: 'awaits' });
        ahead.push(one);
      }
    }
    next.set(task, ahead);
  }
  return { tasks, edges, cycles: cyclesOf(tasks, next) };
}

/** One cycle through each group of tasks that reach each other; found in one walk. */
function cyclesOf(tasks: readonly TaskLike[], next: ReadonlyMap<object, TaskLike[]>): TaskLike[][] {
  const cycles: TaskLike[][] = [];
  const seen = new Set<TaskLike>();
  for (const start of tasks) {
    const path: TaskLike[] = [];
    const places = new Map<TaskLike, number>();
    const open: [TaskLike, number][] = [[start, 0]];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const [task, at] = top;
      if (at === 0) {
        if (seen.has(task)) {
          open.pop();
          continue;
        }
        seen.add(task);
        places.set(task, path.push(task) - 1);
      }
      const ahead = next.get(task)?.[at];
      top[1]++;
      if (!ahead) {
        open.pop();
        path.pop();
        places.delete(task);
        continue;
      }
      const place = places.get(ahead);
      if (place !== undefined) cycles.push(path.slice(place));
      else if (!seen.has(ahead)) open.push([ahead, 0]);
    }
  }
  return cycles;
}

function lineOf(task: TaskLike, running: TaskLike | undefined): string {
  const state = stateOf(task, running);
  const parts = [`(T) ${task.getName()}`];
  if (task.cancelling() > 0) parts.push('cancelling');
  const sources = pendingSourcesOf(task);
  if (state !== 'waiting') parts.push(state);
  else parts.push(`waits for ${sources.map(nameOf).join(', ')}`);
  const holders = sources.flatMap(holderNames);
  if (holders.length > 0) parts.push(`held by ${holders.join(', ')}`);
  const [source] = sources;
  const since = source ? waitsSince(task) : undefined;
  if (since !== undefined) parts.push(`for ${((task.getLoop().time() - since) / 1000).toFixed(3)} s`);
  const frame = frameOf(source && waitPlaceOf(task, source));
  if (frame !== undefined) parts.push(`at ${frame}`);
  return parts.join('  ');
}

/**
 * The tasks that are not done as a tree: under each those that it waits for. Tasks that wait for each other come first.
 *
 * @param loop whose; as for `ps`
 * @returns lines of text
 * @complexity O(tasks and holders)
 * @source DEBUG-6 · CPython 3.14 `python -m asyncio pstree`
 */
export function pstree(loop?: EventLoop): string {
  const graph = waitGraph(loop);
  const tasks = graph.tasks as readonly TaskLike[];
  const cycles = graph.cycles as readonly (readonly TaskLike[])[];
  if (tasks.length === 0) return 'no task is pending';
  const running = currentTask();
  const lines = cycles.map((cycle) => {
    const names = [...cycle, cycle[0] as TaskLike].map((task) => task.getName());
    return `cycle: ${names.join(' → ')}`;
  });
  const children = new Map(tasks.map((task) => [task, childrenOf(task)]));
  const below = new Set([...children.values()].flat());
  const printed = new Set<TaskLike>();
  const print = (root: TaskLike): void => {
    const open: [TaskLike, string, string][] = [[root, '', '']];
    for (let top = open.pop(); top; top = open.pop()) {
      const [task, prefix, indent] = top;
      const known = printed.has(task);
      printed.add(task);
      lines.push(`${prefix}${known ? `(T) ${task.getName()}  see above` : lineOf(task, running)}`);
      if (known) continue;
      const list = children.get(task) ?? childrenOf(task);
      for (const [index, child] of [...list.entries()].reverse()) {
        const last = index === list.length - 1;
        open.push([child, `${indent}${last ? '└── ' : '├── '}`, `${indent}${last ? '    ' : '│   '}`]);
      }
    }
  };
  for (const task of tasks) if (!below.has(task)) print(task);
  // Those that are left are below each other.
  for (const task of tasks) if (!printed.has(task)) print(task);
  return lines.join('\n');
}

/** The tasks that wait for something to end, by what that is. */
export function awaitedBy(loop?: EventLoop): Map<object, TaskLike[]> {
  const map = new Map<object, TaskLike[]>();
  for (const task of tasksOf(loop)) {
    const ends: Set<object> = new Set([
      ...pendingSourcesOf(task),
      ...childrenOf(task),
    ] as Awaitable<unknown>[]);
    for (const end of ends) {
      const list = map.get(end);
      if (list) list.push(task);
      else map.set(end, [task]);
    }
  }
  return map;
}
