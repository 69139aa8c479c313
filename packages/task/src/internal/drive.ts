/** Runs the steps of a coroutine in an async function: what it waits for is the scope's to cancel. */
import { type Awaitable, realm } from '@aiokit/loop-core';
import { badYield } from './bad-yield.js';
import { HOST } from './body.js';
import type { Coroutine } from '../is-coroutine.js';
import { driving } from './scope-store.js';
import { type Scope, waitWithin } from '../scope.js';
import { sleep } from '../sleep.js';

/**
 * Drives a coroutine to its end.
 *
 * @param steps the coroutine
 * @param scope whose cancellation reaches its waits
 * @returns its outcome
 */
export async function drive<T>(steps: Coroutine<T>, scope: Scope | null): Promise<T> {
  let failed = false;
  let sent: unknown = null;
  for (;;) {
    const step: IteratorResult<unknown, T> = driving(scope, () =>
      failed ? steps.throw(sent) : steps.next(sent),
    );
    if (step.done) return step.value;
    const value = step.value as (Awaitable<unknown> & { [HOST]?: PromiseLike<unknown> }) | undefined;
    const promise = value?.[HOST];
    failed = false;
    sent = null;
    try {
      if (promise) sent = await promise;
      else if (value === undefined) await waitWithin(scope, sleep(0));
      else if (step === realm.starred) await waitWithin(scope, value);
      else throw badYield(value, scope?.task);
    } catch (error) {
      failed = true;
      sent = error;
    }
  }
}
