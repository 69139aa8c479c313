/** The command's arguments, and what it prints. */
import { expect, test } from 'vitest';
import { type CliProcess, main, parseCommand, tableOf } from '../src/internal/cli-main.js';

const stream = (isTTY: boolean) => {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => void written.push(text), on() {}, off() {} };
};

async function run(...args: string[]) {
  const [stdin, stdout, stderr] = [stream(false), stream(false), stream(false)];
  const process: CliProcess = { stdin, stdout, stderr, env: {}, exitCode: undefined, on() {}, off() {} };
  await main(args, process);
  return { out: stdout.written.join(''), err: stderr.written.join(''), code: process.exitCode };
}

test('DEBUG-14.4 arguments are read', () => {
  const given = parseCommand(['watch', '42', '--interval', '250', '--sort', 'busy']);
  expect(given).toEqual({ name: 'watch', pid: 42, json: false, intervalMs: 250, sort: 'busy' });
  expect(parseCommand(['ps', '7', '--json'])).toMatchObject({ name: 'ps', pid: 7, json: true });
  expect(parseCommand(['--help'])).toBeUndefined();
  expect(parseCommand([])).toBeUndefined();
});

test.each([
  [['top', '1'], 'the command must be one of ps, pstree, watch, got top'],
  [['ps'], 'the process must be a number, got none'],
  [['ps', 'app.js'], 'the process must be a number, got app.js'],
  [['ps', '-1'], "Unknown option '-1'"],
  [['ps', '0'], 'the process must be a number, got 0'],
  [['ps', '1', '2'], 'there is one process, got 2 too'],
  [['watch', '1', '--interval', '5'], '--interval must be from 100 to 3600000 milliseconds, got 5'],
  [['watch', '1', '--sort', 'age'], '--sort must be one of since, busy, name, state, waits, got age'],
])('DEBUG-14.4 %j is refused in one line', async (args, message) => {
  const { out, err, code } = await run(...args);
  expect({ out, code }).toEqual({ out: '', code: 1 });
  expect(err).toMatch(/^aiokit-debug: .*\n$/);
  expect(err).toContain(message);
});

test('DEBUG-14.4 help says what there is', async () => {
  const { out, code } = await run('--help');
  expect(code).toBeUndefined();
  for (const name of ['ps', 'pstree', 'watch']) expect(out).toContain(`aiokit-debug ${name} <pid>`);
});

test('DEBUG-14.4 watch needs a terminal', async () => {
  const { err, code } = await run('watch', '1');
  expect(err).toBe('aiokit-debug: watch needs a terminal; aiokit-debug ps 1 prints the same once\n');
  expect(code).toBe(1);
});

test('DEBUG-14.4 a list is a table', () => {
  const task = {
    state: 'waiting',
    cancelling: false,
    waitsFor: ['<Lock locked>'],
    heldBy: ['生産者'],
  } as const;
  const text = tableOf([
    { ...task, name: '生産者', sinceMs: 1500, where: 'f (a.js:1:2)' },
    { ...task, name: 'b', cancelling: true, waitsFor: [], heldBy: [], sinceMs: undefined, where: undefined },
  ]);
  expect(text).toBe(
    [
      'task    state       waits for      held by  since    where',
      '生産者  waiting     <Lock locked>  生産者   1.500 s  f (a.js:1:2)',
      'b       cancelling',
    ].join('\n'),
  );
});
