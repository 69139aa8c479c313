/**
 * The family's errors. A kind is recognised by a `Symbol.for` brand and never by `instanceof`, so that two installed
 * copies of a package understand each other's errors.
 */
import { realm } from './realm.js';

/** What an error of this family is made with, beside its message. */
export interface AiokitErrorOptions extends ErrorOptions {
  /** Replaces the `code` of the class on this one error. */
  readonly code?: string;
}

/** An error of this family: `name` and `code` are stable, the wording of `message` is not. */
export interface AiokitError extends Error {
  readonly code: string;
}

/** The class of an error of this family. */
export interface AiokitErrorConstructor<E extends AiokitError> {
  new (message?: string, options?: AiokitErrorOptions): E;
  readonly prototype: E;
}

/**
 * Makes an error class of this family: branded, with `name` and `code` on its prototype.
 *
 * @param name the class's name; also the kind that `isErrorKind` asks for
 * @param code the stable code of its instances
 * @param base the class to extend; a subclass is of its base's kinds too
 * @returns the class
 * @source no CPython counterpart
 */
export function defineError<E extends AiokitError>(
  name: string,
  code: string,
  base: AiokitErrorConstructor<AiokitError> | ErrorConstructor = Error,
): AiokitErrorConstructor<E> {
  const type = {
    [name]: class extends (base as AiokitErrorConstructor<{ code: string } & Error>) {
      constructor(message?: string, options?: AiokitErrorOptions) {
        super(message, options);
        if (options?.code) this.code = options.code;
      }
    },
  }[name];
  Object.assign((type as unknown as ErrorConstructor).prototype, { name, code, [brandOf(name)]: true });
  return type as never;
}

/**
 * Whether a value is an error of the given kind, made by any copy or version of these packages.
 *
 * @param error anything
 * @param name the kind, which is the class's name
 * @source no CPython counterpart
 */
export function isErrorKind(error: unknown, name: string): boolean {
  return brandOf(name) in Object(error);
}

const brandOf = (name: string): symbol => Symbol.for(`aiokit.${name}`);

/**
 * The operation was cancelled; `message` is what `cancel(message)` was given. Outside debug it carries no stack, which
 * makes a cancellation three to five times cheaper. Unlike in Python, `catch` catches it: rethrow it.
 */
export interface CancelledError extends AiokitError {
  readonly code: 'CANCELLED';
}
/** @source CPython `asyncio.CancelledError` */
export const CancelledError: AiokitErrorConstructor<CancelledError> = /* @__PURE__ */ defineError(
  'CancelledError',
  'CANCELLED',
);

/** The future is not in a state that allows the operation. The future is as it was. */
export interface InvalidStateError extends AiokitError {
  readonly code: 'INVALID_STATE';
}
/** @source CPython `asyncio.InvalidStateError` */
export const InvalidStateError: AiokitErrorConstructor<InvalidStateError> = /* @__PURE__ */ defineError(
  'InvalidStateError',
  'INVALID_STATE',
);

/** A wait outlived its limit. What was waited for is as if it had not been asked. */
export interface TimeoutError extends AiokitError {
  readonly code: 'TIMEOUT';
}
/** @source CPython `TimeoutError`, which `asyncio.TimeoutError` is */
export const TimeoutError: AiokitErrorConstructor<TimeoutError> = /* @__PURE__ */ defineError(
  'TimeoutError',
  'TIMEOUT',
);

/** A rule of the loop or of a primitive was broken; `code` says which. */
export interface RuntimeError extends AiokitError {}
/** @source CPython `RuntimeError`; `code` is ours */
export const RuntimeError: AiokitErrorConstructor<RuntimeError> = /* @__PURE__ */ defineError(
  'RuntimeError',
  'RUNTIME',
);

/** Whether `error` is a `CancelledError` of any copy. */
export const isCancelledError = (error: unknown): error is CancelledError =>
  isErrorKind(error, 'CancelledError');
/** Whether `error` is an `InvalidStateError` of any copy. */
export const isInvalidStateError = (error: unknown): error is InvalidStateError =>
  isErrorKind(error, 'InvalidStateError');
/** Whether `error` is a `TimeoutError` of any copy; the platform's `DOMException` of that name is not one. */
export const isTimeoutError = (error: unknown): error is TimeoutError => isErrorKind(error, 'TimeoutError');
/** Whether `error` is a `RuntimeError` of any copy. */
export const isRuntimeError = (error: unknown): error is RuntimeError => isErrorKind(error, 'RuntimeError');

/**
 * Makes a `CancelledError`, without a stack unless debug hooks are installed.
 *
 * @param message what `cancel` was given
 * @complexity O(1); a tenth of an error with a stack
 * @source CPython `Future._make_cancelled_error`
 */
export function makeCancelledError(message?: string): CancelledError {
  const host = Error as { stackTraceLimit?: number | undefined };
  const limit = host.stackTraceLimit;
  if (realm.hooks || limit === undefined) return new CancelledError(message);
  // Not 0: V8 then still makes a stack, of no frames.
  host.stackTraceLimit = undefined;
  try {
    return new CancelledError(message);
  } finally {
    host.stackTraceLimit = limit;
  }
}
