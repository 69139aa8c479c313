/** How bad arguments are refused, before anything has changed. */

/** @throws the error naming the argument, what was expected, and the value */
export function refuse(name: string, expected: string, value: unknown, ErrorType: ErrorConstructor = TypeError): never {
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  throw new ErrorType(`${name} must be ${expected}, got ${shown}`);
}

/** @throws TypeError unless it is a function */
export function checkCallback(callback: unknown): void {
  if (typeof callback !== 'function') refuse('callback', 'a function', callback);
}

/** @throws TypeError or RangeError unless it is a number that is less than Infinity */
export function checkTime(value: number, name: string): void {
  if (typeof value !== 'number') refuse(name, 'a number of milliseconds', value);
  if (!(value < Infinity)) refuse(name, 'a finite number of milliseconds', value, RangeError);
}
