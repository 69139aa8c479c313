import { expect, test } from 'vitest';
import { meansOf } from '../src/means.mjs';

const row = (median: number | undefined, other: object = {}) => ({
  mean: 'tasks',
  mode: 'plain',
  major: 20,
  figures: { cpython: median === undefined ? { problem: 'not run' } : { ratio: { median } } },
  ...other,
});

test('a mean is that of the ratios outside stores, for each Node version', () => {
  const rows = [
    row(0.01),
    row(0.04),
    row(0.5, { major: 24 }),
    row(9, { mode: 'als' }),
    row(9, { mean: undefined }),
    row(undefined),
  ];
  const [on20, on24] = meansOf(rows);
  expect(on20).toMatchObject({ major: 20, rows: 2, limit: 0.06, over: false });
  expect(on20?.value).toBeCloseTo(0.02, 10);
  expect(on24).toMatchObject({ major: 24, rows: 1, value: 0.5, over: true });
});

test('without the peer there is no mean', () => {
  expect(meansOf([row(undefined)])).toEqual([]);
});
