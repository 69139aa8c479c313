/** The suite's assertions. */

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** Fails with `message` unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails unless two values, or the elements of two arrays, are the same. */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const same =
    Array.isArray(actual) && Array.isArray(expected)
      ? actual.length === expected.length && actual.every((value, at) => Object.is(value, expected[at]))
      : Object.is(actual, expected);
  check(same, `${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Fails unless an error is of a class and its message names all that is asked for. */
export function checkError(error: unknown, type: ErrorConstructor, parts: unknown[], what: string): void {
  check(error instanceof type, `${what}: expected a ${type.name}, got ${show(error)}`);
  for (const part of parts) {
    check(
      error.message.includes(String(part)),
      `${what}: the message must name ${show(part)}, it is ${show(error.message)}`,
    );
  }
}
