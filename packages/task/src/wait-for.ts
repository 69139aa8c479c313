/** Waiting for one thing with a time limit. */
import { Future } from '@aiokit/future';
import { type Awaitable, currentLoop, isCancelledError, realm, TimeoutError } from '@aiokit/loop-core';
import { bodySteps, type ScopedBody } from './internal/body.js';
import { CoroutineObject } from './coroutine.js';
import { type Coroutine, isCoroutine } from './is-coroutine.js';
import { checkWaitable, ensureFuture, type Waitable } from './create-task.js';
import { currentScope } from './internal/scope-store.js';
import type { Scope, ScopeOptions } from './scope.js';
import { Timeout } from './timeout.js';
import { checkTimeout } from './wait.js';

/** Gives up something that was to be waited for and never was. */
function abandon(source: unknown): void {
  const known = source as { abandon?(): void; return?(value: undefined): unknown } | undefined;
  if (isCoroutine(source)) known?.return?.(undefined);
  else known?.abandon?.();
}

/** Steps that own what they are to wait for: it is given up if they end before they begin. */
class OwningSteps<T> implements Iterator<Awaitable<unknown> | undefined, T, unknown> {
  readonly #steps: Coroutine<T>;
  #source: unknown;

  constructor(steps: Coroutine<T>, source: unknown) {
    this.#steps = steps;
    this.#source = source;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(sent: unknown): IteratorResult<Awaitable<unknown> | undefined, T> {
    const source = this.#source;
    this.#source = undefined;
    try {
      return this.#steps.next(sent);
    } catch (error) {
      abandon(source);
      throw error;
    }
  }

  throw(error: unknown): IteratorResult<Awaitable<unknown> | undefined, T> {
    abandon(this.#source);
    return this.#steps.throw(error);
  }

  return(value: T): IteratorResult<Awaitable<unknown> | undefined, T> {
    abandon(this.#source);
    return this.#steps.return(value);
  }
}

/** Waits for anything, within the caller's task if it is no task itself. */
function* waitForAny<T>(source: Waitable<T>, limit: Scope, async: boolean): Coroutine<T> {
  if (isCoroutine(source)) return yield* source;
  if (typeof source === 'function') return yield* bodySteps(limit, source as ScopedBody<Scope, T>, async);
  const known = source as Awaitable<T>;
  return yield* typeof known.subscribe === 'function' ? known : ensureFuture<T>(source);
}

/** Cancels at once, and waits until it has ended. */
function* cancelAndWait<T>(source: Waitable<T>): Coroutine<T> {
  const future = ensureFuture<T>(source);
  if (future.done()) return future.result();
  const ended = new Future<void>({ loop: future.getLoop() });
  const end = () => {
    if (!ended.done()) ended.setResult();
  };
  future.addDoneCallback(end);
  future.cancel();
  try {
    yield* ended;
  } finally {
    future.removeDoneCallback(end);
  }
  try {
    return future.result();
  } catch (error) {
    throw isCancelledError(error) ? new TimeoutError('', { cause: error }) : error;
  }
}

/**
 * Waits for something with a time limit; when the time is up, it is cancelled.
 *
 * @param source a future, a task, a coroutine, an operation, a function or a promise; no task is made of a coroutine
 * @param timeoutMs milliseconds; 0 or less gives it no time at all; null, undefined and Infinity mean no limit
 * @param options the scope, in hosts without async context
 * @returns its result; the time begins when this is awaited, or given to `yield*`
 * @throws TimeoutError (`TIMEOUT`) once it has ended, if the time was up; what `source` fails with otherwise
 * @throws NoCurrentTaskError (`NO_CURRENT_TASK`) outside a task, if there is a limit; TypeError or RangeError if an argument
 * is of the wrong kind
 * @ordering as an `await` of `source`
 * @cancellation reaches `source`; an operation that was granted and not taken is given back, also before the first step
 * @complexity O(log n) of the pending timers
 * @example const item = await waitFor(queue.get(), 1000);
 * @source WAITFOR-1 · CPython 3.13 `asyncio.wait_for`
 */
export function waitFor<T>(
  source: Waitable<T>,
  timeoutMs: number | null | undefined,
  options?: ScopeOptions,
): CoroutineObject<T> {
  checkTimeout(timeoutMs, 'timeoutMs');
  if (realm.hooks && typeof timeoutMs === 'number') realm.hooks.duration?.(timeoutMs);
  checkWaitable(source);
  const given = options?.scope;
  function* steps(): Coroutine<T> {
    if (typeof timeoutMs === 'number' && timeoutMs <= 0) return yield* cancelAndWait(source);
    const outer = currentScope(given);
    const limited = typeof timeoutMs === 'number' && timeoutMs < Infinity;
    if (!limited && (outer === null || typeof source !== 'function')) {
      return yield* waitForAny(source, outer as Scope, outer !== null);
    }
    const limit = new Timeout(limited ? currentLoop().time() + timeoutMs : null);
    return yield* limit.run((section) => waitForAny(source, section, outer !== null), given);
  }
  return new CoroutineObject('waitFor', () => new OwningSteps(steps(), source), given);
}
