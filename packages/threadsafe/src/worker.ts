/** For functions that run in a worker of an executor, and for values that move between threads. */
import { makeCancelledError, realm, refuse } from '@aiokit/loop-core';
import { serve } from './internal/worker-main.js';

/**
 * Makes the worker that this module is the program of take works of an executor.
 *
 * For bundlers, which follow `new Worker(new URL('./work.js', import.meta.url))`: give the executor that as its
 * `startWorker`, and call this once at the end of `work.js`. Without a bundler nothing has to be called.
 *
 * @param functions what can be called, by name
 * @throws TypeError if it is no object of functions
 * @source THREAD-10 · no CPython counterpart
 */
export function serveWork(functions: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  if (typeof functions !== 'object' || functions === null) refuse('functions', 'an object', functions);
  serve({ ...functions });
}

/**
 * The signal of the work that runs now: it aborts when its future is cancelled.
 *
 * Ask for it in the function's first step, and give it on: `fetch(url, { signal: workSignal() })`.
 *
 * @returns the signal; outside of an executor's worker one that never aborts
 * @source THREAD-11 · no CPython counterpart
 */
export function workSignal(): AbortSignal {
  return realm.work?.signal ?? new AbortController().signal;
}

/**
 * Ends the work here if it was cancelled.
 *
 * Call it now and then in long computations. It costs some 20 ns. Where memory is shared it sees a cancellation at once,
 * elsewhere (in processes, and in pages without the two headers) only after the work has waited for something.
 *
 * @throws CancelledError (`CANCELLED`) if the future of the work that runs now was cancelled
 * @source THREAD-11 · no CPython counterpart
 */
export function checkCancelled(): void {
  if (realm.work?.cancelled()) throw makeCancelledError('the work was cancelled');
}

/**
 * Marks an object so that what it holds moves to the other thread when it is the result, instead of being copied.
 *
 * @param value an object
 * @param list what moves: buffers, ports, streams
 * @returns the object
 * @throws TypeError if `value` is no object or `list` no array
 * @source THREAD-9 · no CPython counterpart
 */
export function transfer<T extends object>(value: T, list: readonly object[]): T {
  if (typeof value !== 'object' || value === null) refuse('value', 'an object', value);
  if (!Array.isArray(list)) refuse('list', 'an array', list);
  (realm.transfers ??= new WeakMap()).set(value, list);
  return value;
}

/** What is carried: Node's `AsyncLocalStorage` is one. */
export interface CarriedStorage<T> {
  /** The caller's store. */
  getStore(): T | undefined;
  /** Calls a function with a store. */
  run<R>(store: T, callback: () => R): R;
}

/**
 * Carries the store of an async context to the workers of executors, under a name.
 *
 * Call it with the same name in the program and in the module of the work. The store is copied by structured cloning, so
 * what a work changes in it stays in the worker.
 *
 * @param name the name, the same on both sides
 * @param storage where the store is found, and the function is run
 * @throws TypeError if either is of the wrong type
 * @source THREAD-12 · CPython `asyncio.to_thread`, which carries every context variable
 */
export function carryContext<T>(name: string, storage: CarriedStorage<T>): void {
  if (typeof name !== 'string') refuse('name', 'a string', name);
  if (typeof storage?.getStore !== 'function') refuse('storage', 'an AsyncLocalStorage', storage);
  (realm.carried ??= new Map()).set(name, storage);
}
