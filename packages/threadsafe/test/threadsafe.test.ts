import { Threadsafe } from '@aiokit/threadsafe';
import { expect, test } from 'vitest';

test('add gives the new count', () => {
  const counter = new Threadsafe();
  counter.add(2);
  expect(counter.add(3)).toBe(5);
});

test.each([Number.NaN, 0.5, Infinity])('add refuses %s and leaves the count as it was', (amount) => {
  const counter = new Threadsafe();
  expect(() => counter.add(amount)).toThrow(RangeError);
  expect(counter.count).toBe(0);
});
