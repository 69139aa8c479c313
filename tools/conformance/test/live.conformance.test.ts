/** Random programs on both sides, where the reference version of CPython is found. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { campaign } from '../src/campaign.js';
import { findPython, Python, REFERENCE } from '../src/python.js';
import { linesOf, readRecorded, RECORDED } from '../src/recorded.js';
import { sideBySide } from '../src/side-by-side.js';

const { seed = 0, numRuns = 500 } = fc.readConfigureGlobal();
const found = findPython();
const pythons = found === undefined ? [] : [new Python(found)];
afterAll(() => pythons.forEach((python) => python.close()));

test('what is no CPython of the reference version decides nothing', () => {
  expect(findPython({ AIOKIT_PYTHON: process.execPath, PYENV_ROOT: '/nowhere', PATH: '' })).toBe(undefined);
});

test.each(pythons)('random programs do what they do on CPython, or differ as documented', async (python) => {
  expect(await python.version).toBe(REFERENCE);
  const { mismatch, runs, apart } = await campaign(python, numRuns, seed);
  expect(mismatch && sideBySide(mismatch)).toBe(undefined);
  expect(runs).toBe(numRuns);
  // On the average it is four in a hundred.
  expect(apart / runs).toBeLessThan(0.05 + 1 / Math.sqrt(runs));
});

test.each(pythons)('CPython does what was recorded', async (python) => {
  const lines = await python.record(readRecorded().map(({ program }) => program));
  expect(lines).toEqual(linesOf(readFileSync(RECORDED, 'utf8')));
});
