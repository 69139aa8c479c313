/** How bad arguments are refused, before anything has changed. */

/** @throws the error naming the argument, what was expected, and the value */
export function refuse(name: string, expected: string, value: unknown, ErrorType = TypeError): never {
  const shown = typeof value === 'object' && value ? Object.prototype.toString.call(value) : String(value);
  throw new ErrorType(`${name} must be ${expected}, got ${typeof value === 'string' ? `'${value}'` : shown}`);
}

/** @throws TypeError unless it is a number, RangeError unless it is whole, or Infinity, and in the range */
export function checkCount(name: string, value: number, least: number, most: number = Infinity): void {
  const isNumber = typeof value === 'number';
  if (isNumber && value >= least && value <= most && (Number.isInteger(value) || value === Infinity)) return;
  const range = most < Infinity ? `of ${least} to ${most}` : `of ${least} or more`;
  refuse(name, `an integer ${range}`, value, isNumber ? (RangeError as never) : TypeError);
}
