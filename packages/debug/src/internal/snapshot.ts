/** What `aiokit-debug watch` shows of a program: its tasks with what they have done since somebody watches. */
import { ps, type TaskInfo, type TaskState, waitGraph } from '../inspect.js';
import { warningListeners } from '../warnings.js';
import { lookOn } from './hooks.js';
import { stepTimes } from './step-times.js';
import type { TaskLike } from './tasks.js';

/** A task of a snapshot. */
export interface WatchedTask extends TaskInfo {
  /** Numbered in the order in which they were seen. */
  readonly id: number;
  /** How long it has run since somebody watches, in milliseconds. */
  readonly busyMs: number;
  /** What was reported of it, and whether it is in a cycle of waits. */
  readonly lints: readonly string[];
}

/** How the tasks of a snapshot are put in order. */
export const SORTS = ['since', 'busy', 'name', 'state', 'waits'] as const;
/** One of these ways. */
export type Sort = (typeof SORTS)[number];

/** A program at an instant. */
export interface Snapshot {
  readonly pid: number;
  /** `performance.now()` of the program. */
  readonly now: number;
  /** How long its loops were at work since somebody watches. */
  readonly busyMs: number;
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly tasks: readonly WatchedTask[];
  readonly cycles: readonly (readonly string[])[];
  /** The reports since somebody watches: how many of each kind, and the last ones. */
  readonly reports: Readonly<Record<string, number>>;
  readonly last: readonly string[];
}

declare const performance: { now(): number };

const MOST_NAMES = 10_000;
const LAST = 3;
let numbered = 0;
const numbers = /* @__PURE__ */ new WeakMap<object, number>();

function numberOf(task: object): number {
  let number = numbers.get(task);
  if (number === undefined) numbers.set(task, (number = ++numbered));
  return number;
}

const compare: Record<Sort, (one: WatchedTask, other: WatchedTask) => number> = {
  since: (one, other) => (other.sinceMs ?? -1) - (one.sinceMs ?? -1),
  busy: (one, other) => other.busyMs - one.busyMs,
  name: (one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)),
  state: (one, other) => (one.state < other.state ? -1 : Number(one.state > other.state)),
  waits: (one, other) => {
    const [left = '', right = ''] = [one.waitsFor[0], other.waitsFor[0]];
    return left < right ? -1 : Number(left > right);
  },
};

/** What is counted while somebody watches. */
export class Watching {
  readonly #busy = new WeakMap<object, number>();
  readonly #lints = new Map<string, Set<string>>();
  readonly #reports: Record<string, number> = {};
  readonly #last: string[] = [];
  readonly #end: () => void;
  #busyMs = 0;

  constructor() {
    const end = lookOn(
      stepTimes(({ task, began, ended }) => {
        this.#busyMs += ended - began;
        if (task) this.#busy.set(task, (this.#busy.get(task) ?? 0) + ended - began);
      }).hooks,
    );
    const listener = (kind: string, message: string) => this.#note(kind, message);
    warningListeners.add(listener);
    this.#end = () => {
      end();
      warningListeners.delete(listener);
    };
  }

  end(): void {
    this.#end();
  }

  /** The names that a report's first line mentions are those of the tasks that it is about. */
  #note(kind: string, message: string): void {
    const [line = ''] = message.split('\n', 1);
    this.#reports[kind] = (this.#reports[kind] ?? 0) + 1;
    this.#last.push(`${kind}: ${line}`);
    if (this.#last.length > LAST) this.#last.shift();
    for (const [, name = ''] of line.matchAll(/'([^']+)'/g)) {
      if (this.#lints.size >= MOST_NAMES) this.#lints.clear();
      this.#lints.set(name, (this.#lints.get(name) ?? new Set()).add(kind));
    }
  }

  /**
   * What there is now.
   *
   * @param sort how the tasks are put in order
   * @param reverse whether the other way round
   * @param rows so many of them
   */
  look(sort: Sort, reverse: boolean, rows: number): Snapshot {
    const graph = waitGraph();
    const infos = ps();
    const counts = { running: 0, ready: 0, waiting: 0, host: 0 };
    const stuck = new Set(graph.cycles.flat());
    const tasks = infos.map((info, index) => {
      counts[info.state]++;
      const task = graph.tasks[index] as object;
      const lints = [...(this.#lints.get(info.name) ?? [])];
      if (stuck.has(task)) lints.unshift('cycle');
      return { ...info, id: numberOf(task), busyMs: this.#busy.get(task) ?? 0, lints };
    });
    tasks.sort((one, other) => compare[sort](one, other) || one.id - other.id);
    if (reverse) tasks.reverse();
    return {
      pid: (globalThis as { process?: { readonly pid: number } }).process?.pid ?? 0,
      now: performance.now(),
      busyMs: this.#busyMs,
      counts,
      tasks: tasks.slice(0, rows),
      cycles: graph.cycles.map((cycle) => cycle.map((task) => (task as TaskLike).getName())),
      reports: { ...this.#reports },
      last: [...this.#last],
    };
  }
}
