/** Runs the steps of a coroutine in an async function: what it waits for is the scope's to cancel. */
import type { Awaitable } from '@aiokit/loop-core';
import type { Coroutine } from './coroutine.js';
import { type Scope, waitWithin } from './scope.js';
import { sleep } from './sleep.js';

/**
 * Drives a coroutine to its end. A host promise that it yields is awaited as it is.
 *
 * @param steps the coroutine
 * @param scope whose cancellation reaches its waits
 * @returns its outcome
 */
export async function drive<T>(steps: Coroutine<T>, scope: Scope | null): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    const source = (step.value ?? sleep(0)) as Awaitable<unknown>;
    let value: unknown;
    try {
      value = await (typeof source.subscribe === 'function' ? waitWithin(scope, source) : source);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(typeof source.subscribe === 'function' ? null : value);
  }
  return step.value;
}
