/** The call graph of a task: where it stands, and who waits for it, and where those stand. */
import { awaitedBy, where } from './inspect.js';
import { captureBelow, textOf } from './internal/stack.js';
import { currentTask, isTask, type TaskLike } from './internal/tasks.js';

/** A future or task, where it stands, and who waits for it. */
export interface CallGraph {
  readonly future: object;
  /** The frames, innermost first; none of a future that is no task, or of a task that waits for the host. */
  readonly callStack: readonly string[];
  readonly awaitedBy: readonly CallGraph[];
}

/** What of a call graph is wanted. */
export interface CallGraphOptions {
  /** How many frames of each stack, the innermost; all if absent. */
  readonly limit?: number | undefined;
}

/**
 * Captures who waits for a future or task, and for whom those wait, to the end.
 *
 * @param future the future or task; the current task if absent
 * @param options how many frames
 * @returns the graph; null if there is neither a future nor a current task. Those that wait for each other stand in it once.
 * @throws TypeError if it is no future
 * @complexity O(tasks)
 * @source DEBUG-6 · CPython 3.14 `asyncio.capture_call_graph`
 */
export function captureCallGraph(
  future: object | undefined = currentTask(),
  { limit = Infinity }: CallGraphOptions = {},
): CallGraph | null {
  if (future === undefined) return null;
  if (typeof (future as Partial<TaskLike> | null)?.done !== 'function') {
    throw new TypeError(`future must be a future or a task, got ${String(future)}`);
  }
  const waiters = awaitedBy();
  const here = captureBelow(captureCallGraph);
  const seen = new Set<object>();
  const graphOf = (one: object): CallGraph => {
    seen.add(one);
    const stack = one === currentTask() ? textOf(here).split('\n') : isTask(one) ? where(one) : [];
    return {
      future: one,
      callStack: stack.slice(0, limit).map((line) => line.trim().replace(/^at /, '')),
      awaitedBy: (waiters.get(one) ?? []).filter((each) => !seen.has(each)).map(graphOf),
    };
  };
  return graphOf(future);
}

/**
 * A call graph as text.
 *
 * @param future as for `captureCallGraph`
 * @param options as for `captureCallGraph`
 * @returns lines; empty if there is no graph
 * @throws TypeError if it is no future
 * @source DEBUG-6 · CPython 3.14 `asyncio.format_call_graph`
 */
export function formatCallGraph(future?: object, options?: CallGraphOptions): string {
  const lines: string[] = [];
  const write = ({ future: one, callStack, awaitedBy: waiters }: CallGraph, indent: string): void => {
    lines.push(`${indent}* ${isTask(one) ? `Task(name='${one.getName()}')` : `${one.constructor.name}()`}`);
    if (callStack.length > 0) lines.push(`${indent}  + Call stack:`);
    for (const frame of callStack) lines.push(`${indent}  |   ${frame}`);
    if (waiters.length > 0) lines.push(`${indent}  + Awaited by:`);
    for (const waiter of waiters) write(waiter, `${indent}     `);
  };
  const graph = captureCallGraph(future, options);
  if (graph) write(graph, '');
  return lines.join('\n');
}
