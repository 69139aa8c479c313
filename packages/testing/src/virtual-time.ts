/** One test on a loop of its own in virtual time, which must be left tidy. */
import {
  type AiokitError,
  type AiokitErrorConstructor,
  defineError,
  type ExceptionContext,
  realm,
  refuse,
} from '@aiokit/loop-core';
import { VirtualLoop, type VirtualLoopOptions } from '@aiokit/loop-core/virtual';
import { type Coroutine, createTask, type Task } from '@aiokit/task';

/** Something was left at the end of a test: a task, a timer, an error that nobody caught. The message lists it. */
export interface LeakError extends AiokitError {
  readonly code: 'LEAK';
}
/** @source no CPython counterpart */
export const LeakError: AiokitErrorConstructor<LeakError> = /* @__PURE__ */ defineError('LeakError', 'LEAK');

const textOf = ({ message, exception, task, future }: ExceptionContext): string =>
  [message, exception, task ?? future]
    .filter((part) => part !== undefined)
    .map(String)
    .join(': ');

/**
 * Closes a loop, and throws if something is left on it: tasks that wait, timers, errors that nobody caught.
 *
 * @param loop a loop that does not run; it is closed, however this ends
 * @throws LeakError (`LEAK`) that lists what is left
 * @complexity O(n) of what is left
 * @source KIT-5 · no CPython counterpart
 */
export function assertNoLeaks(loop: VirtualLoop): void {
  const left: string[] = [];
  const reports: ExceptionContext[] = [];
  const pending = [...(realm.pending?.(loop) ?? [])];
  for (const task of pending) left.push(`a task is pending: ${String(task)}`);
  loop.setExceptionHandler((_, context) => void reports.push(context));
  // What the tasks that are left would do is of no interest; timers of nobody are.
  if (pending.length === 0) {
    const time = loop.time();
    loop.runUntilIdle();
    if (loop.time() > time) left.push(`timers were pending, the last one ${loop.time() - time} ms away`);
  }
  const { length } = reports;
  loop.close();
  for (const [at, context] of reports.entries()) {
    if (at < length || context.task === undefined) left.push(textOf(context));
  }
  if (left.length > 0) throw new LeakError(left.join('\n'));
}

/** The body of a test on virtual time. */
export type VirtualBody<T, A extends unknown[]> = (
  loop: VirtualLoop,
  ...args: A
) => Coroutine<T> | PromiseLike<T>;

function taskOf<T>(loop: VirtualLoop, body: VirtualBody<T, []>): Task<T> {
  const generator = (body as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'GeneratorFunction';
  if (generator) return createTask(body(loop) as Coroutine<T>, { loop, name: 'test' });
  // Within the task the function may return a coroutine too.
  return createTask(() => body(loop) as PromiseLike<T>, { loop, name: 'test' });
}

/**
 * Runs the body of a test as a task of a new loop in virtual time.
 *
 * Sleeps take no time, and what waits for ever is a `DeadlockError`. One at a time: the loop is the realm's running one.
 *
 * @param body a generator function or an async function; it is given the loop
 * @param options what the loop is made with
 * @returns what the body returns
 * @throws TypeError if it is no function; what the body throws; LeakError (`LEAK`) if it leaves tasks, timers, or errors that nobody has caught
 * @ordering as the loop's
 * @cancellation none
 * @complexity that of the body
 * @source KIT-5 · no CPython counterpart
 */
export async function onVirtualTime<T>(body: VirtualBody<T, []>, options?: VirtualLoopOptions): Promise<T> {
  if (typeof body !== 'function') refuse('body', 'a function', body);
  const loop = new VirtualLoop(options);
  const reports: string[] = [];
  loop.setExceptionHandler((_, context) => void reports.push(textOf(context)));
  let result: T;
  try {
    result = await loop.runUntilCompleteAsync<T>(taskOf(loop, body));
  } catch (error) {
    loop.setExceptionHandler(() => {});
    loop.close();
    throw error;
  }
  if (reports.length > 0) {
    loop.setExceptionHandler(() => {});
    loop.close();
    throw new LeakError(reports.join('\n'));
  }
  assertNoLeaks(loop);
  return result;
}
