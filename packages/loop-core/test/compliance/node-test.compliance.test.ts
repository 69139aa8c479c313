import { clauses } from '@aiokit/loop-core/compliance';
import { expect, test } from 'vitest';
import { runProgram } from './program.js';
import { subjects } from './subjects.js';

test('all loops pass the suite under node:test', { timeout: 120_000 }, () => {
  const program = `
    import { describe, it } from 'node:test';
    import { compliance } from '@aiokit/loop-core/compliance';
    import { subjects } from './subjects.js';
    for (const subject of subjects) compliance(subject, { describe, it });
  `;
  const { status, printed } = runProgram(program, '--test', '--test-reporter=tap');
  const count = (word: string) => Number(printed.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1]);
  const applicable = subjects.map(
    ({ capabilities }) => clauses.filter(({ needs }) => needs.every((need) => capabilities[need])).length,
  );
  expect(printed.match(/^ *not ok .*$/gm)).toBeNull();
  expect(count('pass')).toBe(applicable.reduce((sum, number) => sum + number, 0));
  expect(status).toBe(0);
});
