import { expect, test } from 'vitest';
import { verdictOf } from '../src/verdict.mjs';

const rounds = (...values: number[]) => values.map((value) => ({ values: [value] }));

test('a difference beyond the noise in all generations has moved', () => {
  const now = rounds(120, 122, 121, 119);
  expect(verdictOf(now, rounds(100, 101, 99, 100), rounds(121, 120, 122, 120), 2)).toMatchObject({
    says: 'slower',
  });
  expect(verdictOf(now, rounds(150, 151, 149, 150), rounds(121, 120, 122, 120), 2)).toMatchObject({
    says: 'faster',
  });
});

test.each([
  ['the same differs as much from itself', [120, 120, 120, 120], [100, 100, 100, 100], [95, 95, 145, 145]],
  ['generations disagree', [120, 120, 90, 90], [100, 100, 100, 100], [120, 120, 90, 90]],
  ['it is too little to matter', [101, 101, 101, 101], [100, 100, 100, 100], [101, 101, 101, 101]],
])('nothing has moved where %s', (_title, now, then, again) => {
  expect(verdictOf(rounds(...now), rounds(...then), rounds(...again), 2).says).toBe('within noise');
});

test('the change is a share of then', () => {
  const { change, noise } = verdictOf(rounds(110, 110), rounds(100, 100), rounds(110, 110), 1);
  expect(change).toBeCloseTo(0.1);
  expect(noise).toBe(0);
});
