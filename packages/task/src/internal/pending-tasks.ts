/**
 * The tasks that are not done, in the order in which they were made: a task is held until then, whether or not anybody
 * else keeps it, unless debug keeps it weakly. Those that are left when their loop is closed, or the process ends, are reported.
 */
import { type EventLoop, getLogger, realm, sameLoop } from '@aiokit/loop-core';
import type { Task } from '../task.js';

let last: Task<unknown> | null = null;
let installed = false;

interface Host {
  readonly process?: { once?(event: 'exit', listener: () => void): void };
}

/** The pending tasks of a loop, or of all, oldest first. */
export function pendingTasks(loop?: EventLoop): Task<unknown>[] {
  const tasks: Task<unknown>[] = [];
  for (let task = last; task; task = task.before) {
    if (!loop || sameLoop(task.getLoop(), loop)) tasks.push(task);
  }
  tasks.reverse();
  for (const task of (realm.weak?.list() ?? []) as Iterable<Task<unknown>>) {
    if (!loop || sameLoop(task.getLoop(), loop)) tasks.push(task);
  }
  return tasks;
}

/** Reports the tasks that will never be done, and lets go of them. */
function reportPending(loop?: EventLoop): void {
  for (const task of pendingTasks(loop)) {
    if (loop) removePending(task);
    if (task.quiet) continue;
    const owner = task.getLoop();
    const message = 'Task was destroyed but it is pending!';
    // A bare scheduler shows no more than an exception.
    if ('setExceptionHandler' in owner) {
      owner.callExceptionHandler({ message, task, sourceTraceback: realm.hooks?.origin?.(task) });
    } else getLogger().error(`${message}\ntask: ${task.toString()}`);
  }
}

function install(): void {
  installed = true;
  const others = realm.pending;
  realm.pending = others ? (loop) => [...others(loop), ...pendingTasks(loop)] : pendingTasks;
  (realm.closing ??= new Set()).add(reportPending);
  (globalThis as Host).process?.once?.('exit', () => reportPending());
}

/** A task was made. */
export function addPending(task: Task<unknown>): void {
  if (!installed) install();
  if (realm.weak?.add(task)) return;
  task.before = last;
  if (last) last.after = task;
  last = task;
}

/** A task is done. */
export function removePending(task: Task<unknown>): void {
  const { before, after } = task;
  if (before) before.after = after;
  if (after) after.before = before;
  else if (last === task) last = before;
  task.before = task.after = null;
  realm.weak?.remove(task);
}
