import { expect, test } from 'vitest';
import { workloadNames } from '../src/catalogue.mjs';

test('each filter adds the workloads that have it in their names', () => {
  expect(workloadNames(['lock-try', 'gather-done'])).toEqual(['gather-done', 'lock-try']);
  expect(workloadNames(['no such workload'])).toEqual([]);
  expect(workloadNames().length).toBeGreaterThan(50);
});
