import { expect, test } from 'vitest';
import { isCurrent } from '../../build/worker-source.mjs';

test('what workers of executors run is made of the source that is there; `pnpm worker-source` makes it', () => {
  expect(isCurrent()).toBe(true);
});
