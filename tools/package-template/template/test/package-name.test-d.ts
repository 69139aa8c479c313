import { PackageName } from '@aiokit/package-name';
import { expectTypeOf, test } from 'vitest';

test('the count is read only', () => {
  expectTypeOf(new PackageName().count).toEqualTypeOf<number>();
  // @ts-expect-error it has no setter
  new PackageName().count = 1;
});
