/** How bad arguments are refused, before anything has changed. */

/**
 * Refuses an argument.
 *
 * @param name the argument
 * @param expected what it must be
 * @param value what it is
 * @param ErrorType the class of the error
 * @throws the error, naming argument, expectation and value
 * @source no CPython counterpart
 */
export function refuse(
  name: string,
  expected: string,
  value: unknown,
  ErrorType: ErrorConstructor = TypeError,
): never {
  const shown =
    typeof value === 'string'
      ? `'${value}'`
      : typeof value === 'object' && value
        ? {}.toString.call(value)
        : String(value);
  throw new ErrorType(`${name} must be ${expected}, got ${shown}`);
}

/** @throws TypeError unless it is a function */
export function checkCallback(callback: unknown): void {
  if (typeof callback !== 'function') refuse('callback', 'a function', callback);
}

/** @throws TypeError unless it is a number, RangeError unless it is less than Infinity */
export function checkTime(value: number, name: string): void {
  const isNumber = typeof value === 'number';
  if (isNumber && value < Infinity) return;
  refuse(name, 'a finite number', value, isNumber ? RangeError : TypeError);
}

/** @throws TypeError unless it is a number, RangeError unless it is 0 or more */
export function checkDuration(value: number, name: string): void {
  const isNumber = typeof value === 'number';
  if (!isNumber || !(value >= 0)) {
    refuse(name, 'a number of milliseconds, 0 or more', value, isNumber ? RangeError : TypeError);
  }
}

/** Whether calling it runs nothing at once, or gives a promise that a loop would drop. */
export const isNoCallback = (callback: object): boolean =>
  /^Async|Generator/.test((callback as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? '');
