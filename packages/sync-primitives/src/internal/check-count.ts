import { refuse } from '@aiokit/loop-core';

/** @throws TypeError unless it is a number, RangeError unless it is whole and at least `least` */
export function checkCount(value: number, name: string, least: number): void {
  const isNumber = typeof value === 'number';
  if (!isNumber || !(value >= least && (value === Infinity || Number.isInteger(value))))
    refuse(name, `a whole number, ${least} or more`, value, isNumber ? RangeError : TypeError);
}
