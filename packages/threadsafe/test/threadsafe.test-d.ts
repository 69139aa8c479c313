import { Threadsafe } from '@aiokit/threadsafe';
import { expectTypeOf, test } from 'vitest';

test('the count is read only', () => {
  expectTypeOf(new Threadsafe().count).toEqualTypeOf<number>();
  // @ts-expect-error it has no setter
  new Threadsafe().count = 1;
});
