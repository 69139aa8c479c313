import { expect, test } from 'vitest';
import { limitFor } from '../src/catalogue.mjs';
import { addGrowth, limitsOf, rowOf } from '../src/report.mjs';

const workload = {
  name: 'work',
  kind: 'time',
  peers: ['ours', 'ours-too', 'theirs', 'others'],
  subjects: ['ours', 'ours-too'],
  limits: { theirs: { 20: 1, 24: 2 } },
};
const measured = (...values: number[]) => ({
  label: 'x',
  n: 10,
  rounds: values.map((value) => ({ values: [value], share: 1 })),
});
const results = {
  ours: measured(30, 60, 90),
  'ours-too': measured(10, 10, 10),
  theirs: measured(20, 40, 60),
  others: measured(60, 60, 60),
};
const row = (major: number, mode: string) => rowOf(workload, { point: 10, major, mode, results });

test('rounds that other programs disturbed do not count', () => {
  const shares = [1, 1, 0.5, 1];
  const [mine, theirs] = [measured(10, 20, 900, 30), measured(10, 10, 10, 10)];
  const disturbed = { ...mine, rounds: mine.rounds.map((round, at) => ({ ...round, share: shares[at] })) };
  const { figures } = rowOf(workload, {
    point: 10,
    major: 20,
    mode: 'plain',
    results: { ours: disturbed, theirs },
  });
  expect(figures.ours).toMatchObject({ median: 20 });
  expect(figures.theirs.ratio).toMatchObject({ median: 2 });
});

test('a limit holds from a version on', () => {
  const limits = { 20: 1.4, 24: 1.7 };
  expect([18, 20, 22, 24, 26].map((major) => limitFor(limits, major))).toEqual([
    undefined,
    1.4,
    1.4,
    1.7,
    1.7,
  ]);
  expect(limitFor(undefined, 20)).toBeUndefined();
});

test('a ratio is the median of the ratios of the rounds, ours to the peer', () => {
  const { figures } = row(20, 'plain');
  expect(figures.ours).toMatchObject({ median: 60, q1: 45, q3: 75 });
  expect(figures.theirs.ratio).toEqual({ median: 1.5, q1: 1.5, q3: 1.5, limit: 1, over: true });
  expect(figures.others.ratio).toEqual({ median: 1, q1: 0.75, q3: 1.25 });
});

test('a further subject is compared with the first peer that is not ours, under the same limit', () => {
  expect(row(20, 'plain').figures['ours-too'].ratio).toMatchObject({ median: 0.25, limit: 1, over: false });
});

test('limits depend on the version and hold outside stores only', () => {
  expect(row(26, 'plain').figures.theirs.ratio).toMatchObject({ limit: 2, over: false });
  expect(limitsOf([row(26, 'als')])).toEqual([]);
  expect(limitsOf([row(20, 'plain')]).map(({ peer, over }) => [peer, over])).toEqual([
    ['ours-too', false],
    ['theirs', true],
  ]);
});

test('a limit under our own name is one of the figure itself', () => {
  const absolute = { ...workload, limits: { ours: { 20: 50 } } };
  const { figures } = rowOf(absolute, { point: 10, major: 20, mode: 'plain', results });
  expect(figures.ours).toMatchObject({ median: 60, limit: 50, over: true });
});

test('a peer without figures has no ratio', () => {
  const absent = { ...results, theirs: { problem: 'not run' } };
  const { figures } = rowOf(workload, { point: 10, major: 20, mode: 'plain', results: absent });
  expect(figures.theirs).toEqual({ problem: 'not run' });
  expect(figures['ours-too'].ratio).toBeUndefined();
});

test('of lateness the latest counts as well', () => {
  const lateness = { ...workload, kind: 'lateness', peers: ['ours'], limits: { ours: { 20: 8 } } };
  const late = { ours: { label: 'x', n: 2, rounds: [{ values: [1, 3] }, { values: [2, 9] }] } };
  const { figures } = rowOf(lateness, { point: 2, major: 20, mode: 'plain', results: late });
  expect(figures.ours).toMatchObject({ median: 2.5, latest: 9, limit: 8, over: true });
});

test('a curve is relative to its first point', () => {
  const [first, second] = [row(20, 'plain'), row(20, 'plain')];
  second.figures.ours.rounds = measured(60, 60, 270).rounds;
  addGrowth([first, second]);
  expect(first.figures.ours.growth).toBeUndefined();
  expect(second.figures.ours.growth).toMatchObject({ median: 2 });
});
