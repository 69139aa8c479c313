/** What was thrown in another thread, thrown again here: same class, message, code and causes, and both stacks. */
import { CancelledError, InvalidStateError, RuntimeError, TimeoutError } from '@aiokit/loop-core';
import type { ErrorRecord } from './error-record.js';

type AnyError = new (message: string, options?: object) => Error;

const OWN: Record<string, AnyError> = { CancelledError, InvalidStateError, RuntimeError, TimeoutError };

interface HostErrors {
  readonly AggregateError: new (errors: unknown[], message: string) => Error;
  readonly DOMException?: new (message: string, name: string) => Error;
}

function make({ type = 'Error', name = type, message = '', kinds = [], errors }: ErrorRecord): Error {
  const host = globalThis as unknown as HostErrors;
  if (type === 'DOMException' && host.DOMException) return new host.DOMException(message, name);
  if (errors)
    return new host.AggregateError(
      errors.map((one) => errorFrom(one)),
      message,
    );
  const known = kinds.length > 0 ? OWN[type] : (globalThis as unknown as Record<string, AnyError>)[type];
  const isClass = typeof known === 'function' && (known.prototype as unknown) instanceof Error;
  return isClass || known === Error ? new known(message) : new Error(message);
}

function define(error: Error, key: PropertyKey, value: unknown): void {
  if (Reflect.get(error, key) === value) return;
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}

/**
 * What was thrown, made anew.
 *
 * @param record what the other thread says
 * @param calledAt the stack of whoever called, without its first line
 * @source no CPython counterpart
 */
export function errorFrom(record: ErrorRecord, calledAt?: string): unknown {
  const { name, stack, cause, fields, kinds = [] } = record;
  if (name === undefined) return record.value;
  const error = make(record);
  define(error, 'name', name);
  for (const kind of kinds) define(error, Symbol.for(`aiokit.${kind}`), true);
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (key !== 'stack' && key !== 'message') define(error, key, value);
  }
  if (cause) define(error, 'cause', errorFrom(cause));
  const there = stack ?? `${name}: ${record.message}`;
  define(error, 'stack', calledAt ? `${there}\n    --- called from another thread ---\n${calledAt}` : there);
  return error;
}

/** How many frames a mark has outside debug mode: that of the method and that of its caller, which takes half the time. */
export const MARK_FRAMES = 2;

/**
 * The frames that an error has taken down where a method was called.
 *
 * @param mark made in the method itself
 * @source no CPython counterpart
 */
export const framesOf = ({ stack }: Error): string | undefined => stack?.split('\n').slice(2).join('\n');
