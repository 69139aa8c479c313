/** What was thrown, as plain data that can be cloned into another thread. Imports nothing: workers run a copy of it. */

/** What was thrown. */
export interface ErrorRecord {
  /** A value that is no error, if that was thrown. */
  readonly value?: unknown;
  /** The name of its class. */
  readonly type?: string | undefined;
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string | undefined;
  readonly cause?: ErrorRecord;
  readonly errors?: readonly ErrorRecord[];
  /** Its own fields that are no objects, such as `code`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The kinds of this family that it is of. */
  readonly kinds?: readonly string[];
}

const DEEPEST = 8;
const PREFIX = 'aiokit.';

function kindsOf(error: object): string[] {
  const kinds: string[] = [];
  for (let at: object | null = error; at; at = Object.getPrototypeOf(at) as object | null) {
    for (const { description = '' } of Object.getOwnPropertySymbols(at)) {
      if (description.startsWith(PREFIX)) kinds.push(description.slice(PREFIX.length));
    }
  }
  return kinds;
}

const isPlain = (value: unknown): boolean =>
  (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') || value === null;

/**
 * What was thrown, as data.
 *
 * @param thrown anything
 * @param depth how many causes it is of
 * @source no CPython counterpart
 */
export function recordOf(thrown: unknown, depth = 0): ErrorRecord {
  const error = thrown as Error & { errors?: unknown; code?: unknown };
  const isError = thrown instanceof Error || /Error|Exception/.test({}.toString.call(thrown));
  if (!isError || depth === DEEPEST) {
    if (isPlain(thrown)) return { value: thrown };
    try {
      return { value: structuredClone(thrown) };
    } catch {
      return { value: {}.toString.call(thrown) };
    }
  }
  const { name, message, stack, cause, errors, code } = error;
  const fields = Object.fromEntries(Object.entries(error).filter(([, value]) => isPlain(value)));
  if (isPlain(code) && code !== undefined) fields['code'] = code;
  return {
    type: error.constructor?.name,
    name: String(name),
    message: String(message),
    stack,
    fields,
    kinds: kindsOf(error),
    ...(cause !== undefined && { cause: recordOf(cause, depth + 1) }),
    ...(Array.isArray(errors) && { errors: errors.map((one) => recordOf(one, depth + 1)) }),
  };
}

declare const structuredClone: (value: unknown) => unknown;
