import { Threadsafe } from '@aiokit/threadsafe';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('the count is the sum of what was added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (amounts) => {
      const counter = new Threadsafe();
      for (const amount of amounts) counter.add(amount);
      expect(counter.count).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
    }),
  );
});
