/**
 * A time limit for a section of code. When it is up, the section is cancelled, and what leaves it is a `TimeoutError`.
 *
 * In a generator task the task is cancelled, and the counts of `cancelling()` tell whose cancellation it was; in an async
 * function only what waits within the section is.
 */
import { currentLoop, type Handle, realm, refuse, RuntimeError, TimeoutError } from '@aiokit/loop-core';
import { bodySteps, type ScopedBody } from './internal/body.js';
import { CoroutineObject } from './coroutine.js';
import type { Coroutine } from './is-coroutine.js';
import { cancellationOf } from './rethrow-cancelled.js';
import { currentScope } from './internal/scope-store.js';
import { Scope, type ScopeOptions } from './scope.js';
import { checkTimeout } from './wait.js';

const CREATED = 'created';
const ACTIVE = 'active';
const EXPIRING = 'expiring';
const EXPIRED = 'expired';
const FINISHED = 'finished';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** What the body of `timeout` is given: the limit, which may be moved, and the scope of the section. */
export class Timeout extends Scope {
  #state: typeof CREATED | typeof ACTIVE | typeof EXPIRING | typeof EXPIRED | typeof FINISHED = CREATED;
  #when: number | null;
  #timer: Handle | undefined;
  /** The cancellations that were asked for before. */
  #before = 0;

  constructor(when: number | null) {
    super();
    this.#when = when;
  }

  /** The instant at which the time is up, in milliseconds of `loop.time()`; null for no limit. */
  when(): number | null {
    return this.#when;
  }

  /** Whether the time was up before the section ended. */
  expired(): boolean {
    return this.#state === EXPIRING || this.#state === EXPIRED;
  }

  /**
   * Moves the limit.
   *
   * @param when an instant of `loop.time()`, in the past for at once; null for none
   * @throws RuntimeError (`TIMEOUT_STATE`) unless the section is being run and the time is not up; TypeError or RangeError if
   * it is not an instant; the limit is as it was
   * @source TIMEOUT-2 · CPython `Timeout.reschedule`
   */
  reschedule(when: number | null): void {
    checkTimeout(when, 'when');
    if (this.#state !== ACTIVE) {
      const why =
        this.#state === CREATED
          ? 'Timeout has not been entered'
          : `Cannot change state of ${this.#state} Timeout`;
      throw new RuntimeError(why, { code: 'TIMEOUT_STATE' });
    }
    this.#when = when;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (when === null || when === Infinity) return;
    const loop = this.task.getLoop();
    this.#timer =
      when <= loop.time() ? loop.callSoon(Timeout.#expire, this) : loop.callAt(when, Timeout.#expire, this);
  }

  /**
   * Runs the section.
   *
   * @throws as `timeout`; RuntimeError (`TIMEOUT_STATE`) if it was run before
   * @ordering as `timeout`
   * @cancellation as `timeout`
   * @complexity as `timeout`
   * @source TIMEOUT-1 · CPython `Timeout.__aenter__`, `Timeout.__aexit__`
   */
  *run<T>(body: ScopedBody<Timeout, T>, given: Scope | undefined): Coroutine<T> {
    const outer = currentScope(given);
    if (this.#state !== CREATED) {
      throw new RuntimeError('Timeout has already been entered', { code: 'TIMEOUT_STATE' });
    }
    this.join(outer, 'Timeout should be used inside a task');
    this.#before = this.requestsBefore().reduce((sum, count) => sum + count);
    this.#state = ACTIVE;
    realm.hooks?.limited?.(this.task, this, true);
    this.reschedule(this.#when);
    try {
      return yield* bodySteps(this, body, outer !== null);
    } catch (error) {
      throw this.#leave(true) && cancellationOf(error) ? new TimeoutError('', { cause: error }) : error;
    } finally {
      this.#leave(false);
    }
  }

  /** As asyncio's `repr`: its state, and when it is up. */
  override toString(): string {
    const when =
      this.#state === ACTIVE ? ` when=${this.#when === null ? 'null' : this.#when.toFixed(3)}` : '';
    return `<Timeout [${this.#state}]${when}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  static #expire(this: void, limit: Timeout): void {
    limit.#timer = undefined;
    limit.#state = EXPIRING;
    limit.request();
  }

  /** Ends the section; tells whether the cancellation that leaves it is its own. */
  #leave(failed: boolean): boolean {
    if (this.#state === EXPIRED || this.#state === FINISHED) return false;
    this.#timer?.cancel();
    realm.hooks?.limited?.(this.task, this, false);
    this.part();
    if (this.#state !== EXPIRING) {
      this.#state = FINISHED;
      return false;
    }
    this.#state = EXPIRED;
    return this.unrequest() <= this.#before && failed;
  }
}

function section<T>(
  when: number | null,
  body: ScopedBody<Timeout, T>,
  options?: ScopeOptions,
): CoroutineObject<T> {
  if (typeof body !== 'function') refuse('body', 'a function', body);
  const limit = new Timeout(when);
  const given = options?.scope;
  return new CoroutineObject('timeout', () => limit.run(body, given), given);
}

/**
 * Runs a section of code with a time limit, from now on.
 *
 * @param delayMs milliseconds; 0 or less lets the section run to its first wait; null, undefined and Infinity mean no limit
 * @param body the section: a generator function in a coroutine, an async function elsewhere; it is given the limit
 * @param options the scope, in hosts without async context
 * @returns what the section returns; it is run when this is awaited, or given to `yield*`
 * @throws TimeoutError (`TIMEOUT`) if the time is up and the section ends as cancelled; what the section throws otherwise
 * @throws NoCurrentTaskError (`NO_CURRENT_TASK`) outside a task; TypeError or RangeError if `delayMs` is no duration
 * @ordering the section is cancelled in the iteration in which the time is up, and throws in the next
 * @cancellation of the task: it passes through as a `CancelledError`, also if the time is up in the same iteration
 * @complexity O(log n) of the pending timers
 * @example const page = await timeout(1000, async ({ signal }) => (await fetch(url, { signal })).text());
 * @source TIMEOUT-1 · CPython `asyncio.timeout`
 */
export function timeout<T>(
  delayMs: number | null | undefined,
  body: ScopedBody<Timeout, T>,
  options?: ScopeOptions,
): CoroutineObject<T> {
  checkTimeout(delayMs, 'delayMs');
  if (realm.hooks && typeof delayMs === 'number') realm.hooks.duration?.(delayMs);
  const limited = typeof delayMs === 'number' && delayMs < Infinity;
  return section(limited ? currentLoop().time() + delayMs : null, body, options);
}

/**
 * Runs a section of code with a time limit at an instant.
 *
 * @param when milliseconds of `loop.time()`; null, undefined and Infinity mean no limit
 * @param body as for `timeout`
 * @param options as for `timeout`
 * @returns as `timeout`
 * @throws as `timeout`
 * @ordering as `timeout`
 * @cancellation as `timeout`
 * @complexity as `timeout`
 * @source TIMEOUT-1 · CPython `asyncio.timeout_at`
 */
export function timeoutAt<T>(
  when: number | null | undefined,
  body: ScopedBody<Timeout, T>,
  options?: ScopeOptions,
): CoroutineObject<T> {
  checkTimeout(when, 'when');
  return section(when ?? null, body, options);
}
