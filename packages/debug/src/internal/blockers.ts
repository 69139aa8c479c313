/**
 * Who has to move before a task can. Nobody is named unless nobody else can move it: somebody of no task, a deadline, a
 * primitive that is used as a signal make the answer null. A deadlock is said only where everything is known.
 */
import type { Awaitable } from '@aiokit/loop-core';
import { innerOf, isLimited } from './joins.js';
import { groupOf, holdersOf, isGuard, isSignal, taskOf } from './permits.js';
import { isTask, isWaiter, pendingSourcesOf, type TaskLike } from './tasks.js';

/**
 * Whether a primitive may be meant as a signal, that anybody may give: to ask for it twice is then no mistake. A lock is none
 * once those who took it have released it.
 */
function maySignal(owner: object): boolean {
  const group = groupOf(owner) as { strict?: boolean };
  if (group.strict === true) return false;
  return group.constructor.name === 'Semaphore' || ('holder' in group && !isGuard(group));
}

/** Adds those who hold what is waited for; false if it is not known. */
function addHolders(
  task: TaskLike,
  source: Awaitable<unknown>,
  soft: boolean,
  found: Set<TaskLike>,
): boolean {
  if (!isWaiter(source) || source.timer || source.signal) return false;
  const { owner } = source.queue;
  const holders = holdersOf(owner);
  if (holders.length === 0 || isSignal(owner)) return false;
  for (const holding of holders) {
    const holder = taskOf(holding);
    if (!holder || holder.done()) return false;
    if (holder === task && !soft && maySignal(owner)) return false;
    found.add(holder);
  }
  return true;
}

function add(task: TaskLike, source: object, soft: boolean, found: Set<TaskLike>, depth: number): boolean {
  if (isTask(source)) {
    found.add(source);
    return true;
  }
  const inner = innerOf(source);
  if (inner.length === 0) return addHolders(task, source as Awaitable<unknown>, soft, found);
  return depth > 0 && inner.every((one) => add(task, one, soft, found, depth - 1));
}

/**
 * Those of whom one has to move before a task can.
 *
 * @param soft whether what may be a signal is taken for a guard
 * @returns null if the task may move without any of them
 */
export function blockersOf(task: TaskLike, soft = false): Set<TaskLike> | null {
  if (task.done() || isLimited(task)) return null;
  const sources = pendingSourcesOf(task);
  if (sources.length === 0 || sources.length < task.awaits.length) return null;
  const found = new Set<TaskLike>();
  for (const source of sources) if (!add(task, source, soft, found, 8)) return null;
  return found;
}

/**
 * The tasks that none of can move, if one of them cannot: it and all that it waits for, however far away.
 *
 * @returns null if it may move
 */
export function stuckWith(task: TaskLike, soft = false): Map<TaskLike, Set<TaskLike>> | null {
  const known = new Map<TaskLike, Set<TaskLike>>();
  const free: TaskLike[] = [];
  const open = [task];
  const waiters = new Map<TaskLike, TaskLike[]>();
  for (let one = open.pop(); one; one = open.pop()) {
    if (known.has(one)) continue;
    const blockers = blockersOf(one, soft);
    known.set(one, blockers ?? new Set());
    if (!blockers) free.push(one);
    for (const blocker of blockers ?? []) {
      const list = waiters.get(blocker);
      if (list) list.push(one);
      else waiters.set(blocker, [one]);
      open.push(blocker);
    }
  }
  // Whoever one of the free may release is free too.
  const freed = new Set(free);
  for (let one = free.pop(); one; one = free.pop()) {
    for (const waiter of waiters.get(one) ?? []) {
      if (freed.has(waiter)) continue;
      freed.add(waiter);
      free.push(waiter);
    }
  }
  if (freed.has(task)) return null;
  for (const one of freed) known.delete(one);
  return known;
}

/** A cycle among tasks that are stuck: from one to itself if there is one, else any. */
export function cycleIn(stuck: ReadonlyMap<TaskLike, ReadonlySet<TaskLike>>, from: TaskLike): TaskLike[] {
  const path: TaskLike[] = [];
  const seen = new Set<TaskLike>();
  for (let one: TaskLike | undefined = from; one && !seen.has(one); ) {
    seen.add(one);
    path.push(one);
    const next: TaskLike[] = [...(stuck.get(one) ?? [])].filter((each) => stuck.has(each));
    if (next.includes(from)) return path;
    one = next.find((each) => !seen.has(each)) ?? next[0];
    if (one && seen.has(one)) return path.slice(path.indexOf(one));
  }
  return path;
}
