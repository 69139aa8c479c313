/**
 * Coroutines are generators. What `coroutine()` makes has a name and can be awaited in async functions too: there it is
 * driven within the caller's scope, as `yield*` drives it within the caller's task.
 */
import { type Awaitable, realm, refuse, RuntimeError } from '@aiokit/loop-core';
import { drive } from './internal/drive.js';
import { awaited, expectAwait } from './internal/never-awaited.js';
import { type Coroutine, tagOf } from './is-coroutine.js';
import { currentScope } from './internal/scope-store.js';
import type { Scope } from './scope.js';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/**
 * A coroutine with a name, which runs once.
 *
 * `yield*` it in a coroutine, `await` it in an async function, or make it a task. It begins then, and not when it is made.
 *
 * @source CORO-1 · CPython coroutine objects
 */
export class CoroutineObject<T> implements Coroutine<T>, PromiseLike<T> {
  /** The name of the function that made it. */
  readonly name: string;
  readonly #begin: () => Coroutine<T>;
  #steps: Coroutine<T> | undefined;
  readonly #scope: Scope | undefined;
  #promise: Promise<T> | undefined;

  /**
   * @param name its name
   * @param begin makes the steps
   * @param scope the async function's scope, where the host does not tell
   */
  constructor(name: string, begin: () => Coroutine<T>, scope?: Scope) {
    this.name = name;
    this.#begin = begin;
    this.#scope = scope;
    if (realm.hooks) expectAwait(this);
  }

  /** The generator behind it, for whoever steps it from now on. */
  [Symbol.iterator](): Coroutine<T> {
    return this.#use();
  }

  // biome-ignore lint/suspicious/noThenProperty: an awaitable has one
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#promise) {
      this.#promise = drive(this.#use(), currentScope(this.#scope));
    }
    return this.#promise.then(onFulfilled, onRejected);
  }

  /** Steps it by hand. */
  next(sent?: unknown): IteratorResult<Awaitable<unknown> | undefined, T> {
    return (this.#steps ?? this.#use()).next(sent);
  }

  /** Throws into it. */
  throw(error: unknown): IteratorResult<Awaitable<unknown> | undefined, T> {
    return (this.#steps ?? this.#use()).throw(error);
  }

  /** Ends it where it stands; one that has not begun never will. */
  return(value: T): IteratorResult<Awaitable<unknown> | undefined, T> {
    return (this.#steps ?? this.#use()).return(value);
  }

  /** As `return()`. */
  close(): void {
    this.return(undefined as T);
  }

  /** As asyncio's `repr`, without an address. */
  toString(): string {
    return `<coroutine object ${this.name}>`;
  }

  get [Symbol.toStringTag](): string {
    return 'Coroutine';
  }

  [INSPECT](): string {
    return this.toString();
  }

  #use(): Coroutine<T> {
    if (this.#steps) {
      throw new RuntimeError(`cannot reuse already awaited coroutine ${this.name}`, { code: 'REUSED' });
    }
    awaited(this);
    this.#steps = this.#begin();
    return this.#steps;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What `coroutine()` may be given beside the function. */
export interface CoroutineOptions {
  /** Its name in reports; the function's if absent. */
  readonly name?: string;
}

/**
 * Makes a coroutine function of a generator function.
 *
 * What it returns has a name in reports, can be awaited in async functions too, complains when it is used twice, and in
 * debug mode when it is never used.
 *
 * Plain generator functions work wherever a coroutine does; use this for what others call.
 *
 * @param steps the generator function
 * @param options a name other than the function's
 * @returns a function with the same parameters
 * @throws TypeError if `steps` is not a function, or is an async one
 * @example
 * const greet = coroutine(function* greet(name: string): Coroutine<string> {
 *   yield* sleep(10);
 *   return `hello ${name}`;
 * });
 * await greet('world');
 * @source CORO-1 · CPython `async def`
 */
export function coroutine<A extends unknown[], T>(
  steps: (...args: A) => Coroutine<T>,
  options?: CoroutineOptions,
): (...args: A) => CoroutineObject<T> {
  if (typeof steps !== 'function') refuse('steps', 'a generator function', steps);
  if (tagOf(steps)?.startsWith('Async')) {
    throw new TypeError('steps must be a generator function, got an async function');
  }
  const name = options?.name ?? (steps.name || 'anonymous');
  return (...args) => new CoroutineObject(name, () => steps(...args));
}
