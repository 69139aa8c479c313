/** The demo as it is started from the command line, in virtual time. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { FORMS, OPTIONS, PROGRAMS, sourceOf } from '../programs.mjs';

const folder = join(import.meta.dirname, '..');
const NAMES = Object.keys(PROGRAMS);

function demo(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['demo.mjs', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const headings = (output: string) => [...output.matchAll(/^── ([\w-]+): .+$/gm)].map(([, name]) => name);

test('all programs are played in order, each below a heading and what to look at', {
  timeout: 60_000,
}, () => {
  const { status, stdout, stderr } = demo('--virtual');
  expect(status).toBe(0);
  // The watchdog's: it cannot wait for the loop that it reports.
  expect(stderr).toMatch(/^(the loop has been blocked .*\nin <Task .*\nIt is stuck at .*\n( +at .*\n)+)+$/);
  expect(headings(stdout)).toEqual(NAMES);
  const parts = stdout.split(/^── /m).slice(1);
  for (const part of parts) expect(part).toMatch(/^.+\nLook at: .+\n/);
  expect(stdout).not.toContain('\x1b');
  expect(parts.at(-1)).toMatch(/\^C\n[^]* put (\d+), done \1, left 0\n.* ended by Ctrl-C\n$/);
});

test.each(['async', 'generators', 'callbacks'])(
  'each log line names the time and the place in the TypeScript source: --%s',
  (form) => {
    const { stdout } = demo('--virtual', 'future-callback', `--${form}`);
    const lines = [
      ...stdout.matchAll(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) (asynctest1?\.ts):(\d+) (.*)$/gm),
    ];
    const times = lines.map(([, second, ms]) => Date.parse(`${second}Z`) + Number(ms));
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 0, 0, 0, 0, 0, 0, 200, 1000, 1000, 3200]);
    const programs = dirname(sourceOf('future-callback', form));
    for (const [, , , file = '', line, message] of lines) {
      const source = readFileSync(join(programs, file), 'utf8').split('\n')[Number(line) - 1];
      const argument = message === 'operation is done!' ? 'future.result()' : `'${message}'`;
      expect(source?.trim()).toBe(`LOG.info(${argument});`);
    }
  },
);

test('the report of the unretrieved error leads to the line in the TypeScript source', () => {
  const { stdout } = demo('--virtual', 'future-cancel-unchecked');
  const report = stdout.slice(stdout.indexOf('Task exception was never retrieved'));
  expect(report).toMatch(/^InvalidStateError: CANCELLED: <Future cancelled>$/m);
  const [, line] = /operationsub .*asynctest1\.ts:(\d+)/.exec(report) ?? [];
  const source = readFileSync(join(sourceOf('future-cancel-unchecked'), '../asynctest1.ts'), 'utf8');
  expect(source.split('\n')[Number(line) - 1]).toContain("future.setResult('operation is done!')");
});

test('one program is played by its name, and says how to play its other form', () => {
  const { stdout } = demo('--virtual', 'future-cancel');
  expect(headings(stdout)).toEqual(['future-cancel']);
  expect(stdout).toContain(
    `Written with ${FORMS['async']}; with ${FORMS['generators']}: npm run demo -- future-cancel --generators\n`,
  );
});

test('a program that lacks the form that is asked for is played in its first', () => {
  const { status, stdout } = demo('--virtual', 'future-cancel', '--callbacks');
  expect(status).toBe(0);
  expect(stdout).toContain(`Written with ${FORMS['async']};`);
});

test('--list names the programs and their forms, and plays none', () => {
  const { status, stdout } = demo('--list');
  expect(status).toBe(0);
  const rows = stdout.trimEnd().split('\n');
  expect(rows.map((row) => row.split(' ')[0])).toEqual(NAMES);
  for (const row of rows) expect(row).toContain(` ${PROGRAMS[row.split(' ')[0] ?? '']?.forms.join(', ')} `);
});

test.each(['future-callbak', '--verbose'])('%s is refused with what there is', (argument) => {
  const { status, stdout, stderr } = demo(argument);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`'${argument}' is neither a program nor an option`);
  for (const name of [...NAMES, ...OPTIONS]) expect(stderr).toContain(name);
});
