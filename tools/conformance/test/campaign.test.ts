/** What a difference leads to: here the other side is aiokit too, with a defect. */
import { expect, test } from 'vitest';
import { campaign, ours, shrunk, type Side } from '../src/campaign.js';
import type { Program } from '../src/program.js';
import { sideBySide } from '../src/side-by-side.js';

const SEED = 1;
/** It calls a section something else. */
const defect = (program: Program): string => ours(program).replaceAll(' section ', ' part ');

const side = (run: (program: Program) => string, apart = run): Side => ({
  run: (programs) => Promise.resolve(programs.map(run)),
  apart: (program) => Promise.resolve({ trace: apart(program), ids: ['DIFF-0'] }),
});

test('equal traces are counted', async () => {
  const result = await campaign(side(ours), 120, SEED);
  expect(result).toEqual({ runs: 120, apart: 0, unexplained: 0, ids: new Map(), mismatch: undefined });
});

test('a difference that an entry explains is counted with its id', async () => {
  const { runs, apart, ids, mismatch } = await campaign(side(defect, ours), 200, SEED);
  expect([runs, mismatch]).toEqual([200, undefined]);
  expect(apart).toBeGreaterThan(0);
  expect(ids).toEqual(new Map([['DIFF-0', apart]]));
});

test('a difference that nothing explains is shrunk, shown side by side, and can be repeated', async () => {
  const other = side(defect);
  const { mismatch, unexplained } = await campaign(other, 1000, SEED);
  if (!mismatch) throw new Error('no difference was found');
  const { program, seed = 0, path = '' } = mismatch;
  expect(unexplained).toBe(1);
  expect(program.tasks.flat()).toEqual([['section', expect.any(String), []]]);
  expect(await shrunk(other, seed, path)).toMatchObject({ program });
  const report = sideBySide(mismatch).split('\n');
  const [line] = report.filter((one) => one.startsWith('≠   T0 part'));
  expect(line).toMatch(/^≠ {3}T0 part [A-Z]0 +│ {3}T0 section [A-Z]0$/);
  expect(report.at(-1)).toBe(`replay: pnpm conformance --seed ${seed} --path ${path}`);
});

test('told to go on, it counts them all', async () => {
  const { runs, unexplained } = await campaign(side(defect), 200, SEED, true);
  expect(runs).toBe(200);
  expect(unexplained).toBeGreaterThan(1);
});
