/**
 * Deadlocks, as they close: a task that waits for itself, or tasks that wait for each other. A generator waits for one thing
 * and is looked at when it begins to; an async function may wait for several, and is looked at when it has said for which.
 */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { blockersOf, cycleIn, stuckWith } from './blockers.js';
import { isDebugged } from './debugged.js';
import { waitTextOf } from './origins.js';
import { innerOf } from './joins.js';
import { type Blocker, type TaskNotes, taskNotes } from './notes.js';
import { blockerOf, holdersOf } from './permits.js';
import { textOf } from './stack.js';
import { isAsync } from './owners.js';
import { isTask, isWaiter, nameOf, pendingSourcesOf, pendingTasks, type TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

/** A chain that is longer is looked at in full. */
const LONGEST_LOOK = 64;

declare const setTimeout: (callback: () => void, delayMs: number) => unknown;

/** Something of which it is not known who has to move. */
const UNKNOWN: Blocker = { sole: undefined };

/** What a task waits for, as far as that is one thing that others can be asked about by a look. */
function blockerFor(task: TaskLike): Blocker | undefined {
  const { awaits } = task;
  if (awaits.length !== 1 || isAsync(task)) return UNKNOWN;
  const source = awaits[0] as object;
  if (isTask(source)) return taskNotes(source);
  if (isWaiter(source)) return source.timer || source.signal ? undefined : blockerOf(source.queue.owner);
  return innerOf(source).length > 0 ? UNKNOWN : undefined;
}

/** Whether a task may wait for itself, by a look along what waits for one thing. Nearly always it does not. */
function mayBeStuck(start: TaskNotes): boolean {
  let one = start;
  for (let step = 0; step < LONGEST_LOOK; step++) {
    const { blocker } = one;
    if (blocker === undefined) return false;
    const { sole } = blocker;
    if (sole === undefined || sole === start) return true;
    one = sole;
  }
  return true;
}

/** What a task that was reported waited for then: it is reported again once it has moved. */
const reported = /* @__PURE__ */ new WeakMap<TaskLike, object | undefined>();
const suspects = /* @__PURE__ */ new Set<TaskLike>();
let looking = false;
/** The virtual time at which the first of them began to wait. */
let suspectedAt = 0;

function describe(task: TaskLike): string[] {
  const lines: string[] = [];
  for (const source of pendingSourcesOf(task)) {
    const holders = isWaiter(source) ? holdersOf(source.queue.owner) : [];
    const by = holders.map(({ taker }) => `'${taker}'`).join(', ');
    lines.push(`task '${task.getName()}' waits for ${nameOf(source)}${by === '' ? '' : `, which ${by} has`}`);
    const place = waitTextOf(task, source);
    if (place) lines.push('It waits at (most recent call first):', place);
    for (const holding of holders) {
      lines.push(`Taken by '${holding.taker}' at (most recent call first):`, textOf(holding.place));
    }
  }
  return lines;
}

/** Whether a task was reported, and has not moved since. */
const isKnown = (task: TaskLike): boolean =>
  reported.has(task) && reported.get(task) === pendingSourcesOf(task)[0];

function check(task: TaskLike, soft: boolean): void {
  const stuck = stuckWith(task, soft);
  // Where nothing goes on, whoever waits for a cycle has been said to.
  if (!stuck || (soft && [...stuck.keys()].some(isKnown))) return;
  const cycle = cycleIn(stuck, task);
  if (cycle.every(isKnown)) return;
  for (const one of cycle) reported.set(one, pendingSourcesOf(one)[0]);
  const names = [...cycle, cycle[0] as TaskLike].map((one) => `'${one.getName()}'`);
  const head =
    cycle.length === 1
      ? `deadlock: task ${names[0]} waits for itself`
      : `deadlock: ${cycle.length} tasks wait for each other: ${names.join(' → ')}`;
  warn('deadlock', [head, ...cycle.flatMap(describe)].join('\n'));
}

function lookAtSuspects(): void {
  for (const task of suspects) {
    suspects.delete(task);
    if (isDebugged(task.getLoop())) check(task, false);
  }
}

/** Nothing is ready, and no timer will make it so: a semaphore that may be a signal is none if nobody can give it. */
function checkIdle(loop: EventLoop): void {
  const tasks = pendingTasks(loop);
  if (tasks.length === 0 || !tasks.every((task) => blockersOf(task, true))) return;
  for (const task of tasks) check(task, true);
}

/** Looks at waits when they begin. */
export const deadlockHooks: LoopHooks = {
  waits(task) {
    if (!isTask(task) || !isDebugged(task.getLoop())) return;
    const notes = taskNotes(task);
    notes.blocker = blockerFor(task);
    if (!isAsync(task)) {
      if (mayBeStuck(notes)) check(task, false);
      return;
    }
    if (suspects.size === 0) suspectedAt = task.getLoop().time();
    suspects.add(task);
    if (looking) return;
    looking = true;
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
    const look = () => {
      looking = false;
      lookAtSuspects();
    };
    if (setImmediate) setImmediate(look);
    else setTimeout(look, 0);
  },
  before(loop) {
    // Virtual time goes on once the host has had a turn.
    if (suspects.size > 0 && loop.hold && loop.time() > suspectedAt) lookAtSuspects();
  },
  idle(loop, next) {
    if (next === Infinity && isDebugged(loop)) checkIdle(loop);
  },
};
