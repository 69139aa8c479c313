import { expect, test } from 'vitest';
import { limits, measure } from '../measure.mjs';

interface Limit {
  readonly limit: number;
  readonly imports: Readonly<Record<string, readonly string[]>>;
}

test.each(Object.entries<Limit>(limits))('%s fits its limit', (_name, { limit, imports }) => {
  const bytes = measure(imports);
  expect(bytes).toBeGreaterThan(100);
  expect(bytes).toBeLessThanOrEqual(limit);
});

test('an import that does not exist is an error', () => {
  expect(() => measure({ '@aiokit/loop-core': ['NoSuchThing'] })).toThrow('NoSuchThing');
});
