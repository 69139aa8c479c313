/** How a bad argument is refused, before anything has changed. */

/** @throws TypeError (RangeError for a number) naming the argument, what was expected, and the value */
export function refuse(name: string, expected: string, value: unknown): never {
  throw new (typeof value === 'number' ? RangeError : TypeError)(`${name} must be ${expected}, got ${String(value)}`);
}
