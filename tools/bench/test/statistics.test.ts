import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, quantile, ratios, soundRounds, summarize } from '../src/statistics.mjs';

describe('quantile', () => {
  test('is the middle value, or lies between the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test('interpolates between neighbours', () => {
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  test('compares numbers as numbers and leaves its argument as it was', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test('of nothing is an error', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  test('rises with its share, from the least to the greatest value', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    const share = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), share, share, (values, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map((q) => quantile(values, q));
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low).toBeLessThanOrEqual((high as number) + 1e-6);
      }),
    );
  });
});

test('a summary has the median and the quartiles', () => {
  expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4 });
});

describe('sound rounds', () => {
  const rounds = (...shares: number[]) => shares.map((share, at) => ({ at, share }));
  const numbers = (series: { at: number }[][]) => series.map((one) => one.map(({ at }) => at));

  test('are those that are sound in every series', () => {
    const [mine, theirs] = [rounds(1, 0.5, 1, 1, 1), rounds(1, 1, 0.95, 0.3, 1)];
    expect(numbers(soundRounds(mine, theirs))).toEqual([
      [0, 2, 4],
      [0, 2, 4],
    ]);
  });

  test('are all of them if too few are sound', () => {
    expect(numbers(soundRounds(rounds(1, 0.5, 1, 0.5)))).toEqual([[0, 1, 2, 3]]);
  });
});

test('ratios are taken round by round', () => {
  expect(ratios([2, 9, 8], [1, 3, 16])).toEqual([2, 3, 0.5]);
  expect(() => ratios([1, 2], [1])).toThrow('2 rounds against 1');
});
