/** What all that is acquired has in common: the shape of TC39's Concurrency Control proposal. */
import { type Coroutine, type Operation, refuse } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import { INSPECT } from './internal/repr.js';
import type { Permit } from './permit.js';

/** What a primitive tells about itself. */
export interface Statistics {
  /** How many permits are live. */
  readonly holders: number;
  /** How many wait for their turn. */
  readonly waiting: number;
  /**
   * How long the first of them has waited, in milliseconds; 0 if nobody waits. Undefined if it came before anybody had
   * called `statistics()`: clocks are dear, so none is read until then, or until debug's hooks are there.
   */
  readonly longestWaitMs: number | undefined;
}

type Section<P> = (permit: P) => unknown;
type Steps<P> = (permit: P) => Generator<unknown, unknown, unknown>;

/** Something of which permits are acquired. */
export abstract class Governor<P extends Permit = Permit, O = WaitOptions> {
  /**
   * Waits for a permit.
   *
   * @param options limits of the wait
   * @returns the permit, once there is one
   * @throws what is wrong with the options; nothing has been taken
   */
  abstract acquire(options?: O): Operation<P>;

  /** A permit if there is one at once, else null. */
  abstract tryAcquire(options?: O): P | null;

  /**
   * Runs a function while holding a permit, and releases it whatever the function does.
   *
   * @param section a generator function, to be run by `yield*`; else a function that may return a promise
   * @param options limits of the wait for the permit; the section itself is not limited
   * @returns for a generator function a coroutine, which acquires when it is stepped; else a promise
   * @throws TypeError if `section` is no function, or what `acquire` throws; nothing has been taken
   * @ordering as `acquire`
   * @cancellation while waiting, as `acquire`; later the section is cancelled where it waits, and the permit is released
   * @complexity O(1)
   * @example
   * await lock.with(async () => save(document));
   * yield* lock.with(function* () { yield* sleep(10); });
   * @source PERMIT-3 · CPython `async with`
   */
  with<T>(section: (permit: P) => Coroutine<T>, options?: O): Coroutine<T>;
  with<T>(section: (permit: P) => T, options?: O): Promise<Awaited<T>>;
  with(section: Section<P>, options?: O): unknown {
    return hold(this, section, section, options);
  }

  /**
   * Makes a function of which each call holds a permit.
   *
   * @param section as for `with`
   * @param options limits of each wait for a permit
   * @returns a function with the same parameters, which returns what `with` returns
   * @throws TypeError if `section` is no function
   * @source PERMIT-3 · no CPython counterpart
   */
  wrap<A extends unknown[], T>(
    section: (...args: A) => Coroutine<T>,
    options?: O,
  ): (...args: A) => Coroutine<T>;
  wrap<A extends unknown[], T>(section: (...args: A) => T, options?: O): (...args: A) => Promise<Awaited<T>>;
  wrap(section: (...args: never[]) => unknown, options?: O): unknown {
    checkSection(section);
    const run = (call: Section<P>): unknown => hold(this, section, call, options);
    return function (this: unknown, ...args: never[]): unknown {
      return run(() => section.apply(this, args));
    };
  }

  [INSPECT](): string {
    return String(this);
  }
}

function checkSection(section: unknown): void {
  if (typeof section !== 'function') refuse('section', 'a function', section);
}

/** Holds a permit for `call`, in the way that the function behind it is written in. */
function hold<P extends Permit, O>(
  governor: Governor<P, O>,
  section: unknown,
  call: Section<P>,
  options: O | undefined,
): unknown {
  checkSection(section);
  const generates =
    (section as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'GeneratorFunction';
  return generates
    ? holdInSteps(governor, call as Steps<P>, options)
    : holdInPromise(governor.acquire(options), call);
}

function* holdInSteps<P extends Permit, O>(
  governor: Governor<P, O>,
  call: Steps<P>,
  options: O | undefined,
): Generator<unknown, unknown, unknown> {
  const permit = yield* governor.acquire(options);
  try {
    return yield* call(permit);
  } finally {
    permit.release();
  }
}

async function holdInPromise<P extends Permit>(operation: Operation<P>, call: Section<P>): Promise<unknown> {
  const permit = await operation;
  try {
    return await call(permit);
  } finally {
    permit.release();
  }
}
