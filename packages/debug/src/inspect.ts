/** Who waits for whom: the tasks of a program, as a list, as a tree, as a graph. */
import { type Awaitable, type EventLoop, realm } from '@aiokit/loop-core';
import { debuggedLoops } from './internal/debugged.js';
import { innerOf } from './internal/joins.js';
import { waitsSince } from './internal/long-waits.js';
import { waitTextOf } from './internal/origins.js';
import { isAsync } from './internal/owners.js';
import { holdersOf, taskOf } from './internal/permits.js';
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

function tasksOf(loop: EventLoop | undefined): TaskLike[] {
  const loops = loopsOf(loop);
  if (loops.length === 1) return pendingTasks(loops[0] as EventLoop);
  return [...new Set(loops.flatMap((one) => pendingTasks(one)))];
}

function stateOf(
  task: TaskLike,
  running: TaskLike | undefined,
  sources: readonly Awaitable<unknown>[],
): TaskState {
  if (task === running) return 'running';
  if (sources.length > 0) return 'waiting';
  return task.awaits.length === 0 && isAsync(task) ? 'host' : 'ready';
}

const NOBODY: readonly string[] = [];

/** How things show themselves in one listing: what a hundred thousand tasks wait for is asked once. */
class Names {
  readonly #names = new Map<object, string>();
  readonly #holders = new Map<object, string[]>();

  of(source: object): string {
    const thing = isWaiter(source) ? source.queue.owner : source;
    // Each task has its own, which is asked for once.
    if (thing === source && isTask(source)) return source.getName();
    let name = this.#names.get(thing);
    if (name === undefined) this.#names.set(thing, (name = nameOf(source)));
    return name;
  }

  /** Those who hold what is waited for. */
  holders(sources: readonly object[]): readonly string[] {
    const [source] = sources;
    return sources.length === 1 && source
      ? this.#holdersOf(source)
      : sources.flatMap((one) => this.#holdersOf(one));
  }

  #holdersOf(source: object): readonly string[] {
    if (!isWaiter(source)) return NOBODY;
    const { owner } = source.queue;
    let names = this.#holders.get(owner);
    if (!names) {
      names = holdersOf(owner).map(({ taker }) => taker);
      this.#holders.set(owner, names);
    }
    return names;
  }
}

/** So many tasks of a listing are given a place at once: that takes 20 µs, and nobody reads more. */
const PLACED = 2000;

function infoOf(task: TaskLike, running: TaskLike | undefined, names: Names, placed: boolean): TaskInfo {
  const sources = pendingSourcesOf(task);
  const [source] = sources;
  const since = source && waitsSince(task);
  const info = {
    name: task.getName(),
    state: stateOf(task, running, sources),
    cancelling: task.cancelling() > 0,
    waitsFor: sources.map((one) => names.of(one)),
    heldBy: names.holders(sources),
    sinceMs: since === undefined ? undefined : task.getLoop().time() - since,
  };
  if (!source) return { ...info, where: undefined };
  if (placed) return { ...info, where: frameOf(waitTextOf(task, source)) };
  return {
    ...info,
    get where() {
      return frameOf(waitTextOf(task, source));
    },
  };
}

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
  return (source && waitTextOf(task, source))?.split('\n') ?? [];
}

/**
 * The tasks that are not done, oldest first.
 *
 * Where they wait is found out at once for the first two thousand, for the others when it is read.
 *
 * @param loop whose; those of every loop in debug mode, of the default and of the running one if absent
 * @complexity O(tasks)
 * @source DEBUG-6 · CPython 3.14 `python -m asyncio ps`
 */
export function ps(loop?: EventLoop): TaskInfo[] {
  const running = currentTask();
  const names = new Names();
  return tasksOf(loop).map((task, index) => infoOf(task, running, names, index < PLACED));
}

/** The tasks behind what is waited for. */
function tasksBehind(source: object, found: TaskLike[] = [], depth = 8): TaskLike[] {
  if (isTask(source)) found.push(source);
  else if (depth > 0) for (const one of innerOf(source)) tasksBehind(one, found, depth - 1);
  return found;
}

/** What a task waits for the end of: what it awaits, and the tasks of its groups. */
function childrenOf(task: TaskLike): readonly TaskLike[] {
  const found: TaskLike[] = [];
  for (const source of pendingSourcesOf(task)) tasksBehind(source, found);
  for (const one of innerOf(task)) if (isTask(one)) found.push(one);
  return found.length < 2 ? found : [...new Set(found)];
}

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
        for (const holding of holdersOf(owner)) {
          const holder = taskOf(holding);
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

function lineOf(task: TaskLike, running: TaskLike | undefined, names: Names, placed: boolean): string {
  const sources = pendingSourcesOf(task);
  const [source] = sources;
  const state = stateOf(task, running, sources);
  let line = `(T) ${task.getName()}`;
  if (task.cancelling() > 0) line += '  cancelling';
  if (state !== 'waiting') line += `  ${state}`;
  else line += `  waits for ${sources.map((one) => names.of(one)).join(', ')}`;
  if (!source) return line;
  const holders = names.holders(sources);
  if (holders.length > 0) line += `  held by ${holders.join(', ')}`;
  const since = waitsSince(task);
  if (since !== undefined) line += `  for ${((task.getLoop().time() - since) / 1000).toFixed(3)} s`;
  const frame = placed ? frameOf(waitTextOf(task, source)) : undefined;
  return frame === undefined ? line : `${line}  at ${frame}`;
}

/**
 * The tasks that are not done as a tree: under each those that it waits for. Tasks that wait for each other come first.
 *
 * @param loop whose; as for `ps`
 * @returns lines of text; where a task waits is said in the first two thousand
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
  const children = new Map<TaskLike, readonly TaskLike[]>();
  const below = new Set<TaskLike>();
  for (const task of tasks) {
    const list = childrenOf(task);
    children.set(task, list);
    for (const one of list) below.add(one);
  }
  const names = new Names();
  const printed = new Set<TaskLike>();
  const print = (root: TaskLike): void => {
    const open: [TaskLike, string, string][] = [[root, '', '']];
    for (let top = open.pop(); top; top = open.pop()) {
      const [task, prefix, indent] = top;
      const known = printed.has(task);
      printed.add(task);
      const placed = lines.length < PLACED;
      lines.push(
        `${prefix}${known ? `(T) ${task.getName()}  see above` : lineOf(task, running, names, placed)}`,
      );
      if (known) continue;
      const list = children.get(task) ?? childrenOf(task);
      for (let index = list.length; index-- > 0; ) {
        const child = list[index] as TaskLike;
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
    const ends = new Set<object>([...pendingSourcesOf(task), ...childrenOf(task)]);
    for (const end of ends) {
      const list = map.get(end);
      if (list) list.push(task);
      else map.set(end, [task]);
    }
  }
  return map;
}
