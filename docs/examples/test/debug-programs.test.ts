/** The programs on debug mode, in real time as they are played: what is said, beside what asyncio said. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../compile.mjs';
import { sourceOf } from '../programs.mjs';

const folder = join(import.meta.dirname, '../dist');

/** What a program prints and reports, in the order in which it does. */
async function play(name: string): Promise<string> {
  const program = join(folder, `test-${name}.mjs`);
  await compile(sourceOf(name), program);
  const log = join(folder, `test-${name}.log`);
  const file = openSync(log, 'w');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', program], {
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  const printed = readFileSync(log, 'utf8');
  expect({ status, printed }).toEqual({ status: 0, printed });
  return printed;
}

/** The source line that stands at a place of a report. */
function lineAt(name: string, text: string, place: RegExp): string | undefined {
  const [, line] = place.exec(text) ?? [];
  return readFileSync(sourceOf(name), 'utf8').split('\n')[Number(line) - 1]?.trim();
}

/** What both say in debug mode; of a deadlock asyncio says nothing. */
const SAID = {
  'a coroutine that is never awaited': /coroutine 'test' was never awaited\n/,
  'an exception that is never consumed': /Task exception was never retrieved\n/,
  'coroutines that are not chained': /Task was destroyed but it is pending!\n/,
  'setResult() of a future that is cancelled': /Exception in callback .*set_?[rR]esult\(/,
  'a coroutine as a callback': /TypeError: coroutines cannot be used with call_?[sS]oon\(\)/,
  'a function that blocks': /Executing <Task pending .*> took 0\.\d{3} seconds/,
  'a socket that is not closed': /unclosed transport </,
  'a deadlock': /deadlock: 2 tasks wait for each other/,
};

test('debug-mode says in debug mode what asyncio says, and where', { timeout: 30_000 }, async () => {
  const printed = await play('debug-mode');
  const parts = new Map(
    printed
      .trimStart()
      .split(/\n(?=.*, (?:as it is|in debug mode):\n)/)
      .map((part) => {
        const [title = '', ...lines] = part.trimStart().split('\n');
        const [ours = '', theirs = ''] = lines.join('\n').split('asyncio prints:\n');
        return [title.replace(/:$/, ''), { ours, theirs }] as const;
      }),
  );
  expect([...parts.keys()]).toEqual(
    Object.keys(SAID).flatMap((name) => [`${name}, as it is`, `${name}, in debug mode`]),
  );
  for (const [name, said] of Object.entries(SAID)) {
    const asItIs = parts.get(`${name}, as it is`);
    const debugged = parts.get(`${name}, in debug mode`);
    expect(debugged?.ours).toMatch(said);
    expect(debugged?.theirs).toMatch(name === 'a deadlock' ? /^ {2}\| \(nothing\)$/m : said);
    const alwaysSaid = /never consumed|not chained|cancelled/.test(name);
    expect([name, said.test(asItIs?.ours ?? '')]).toEqual([name, alwaysSaid]);
    expect(debugged?.ours).toContain(name === 'a coroutine as a callback' ? 'TypeError' : 'debug-mode.ts:');
  }
  expect(parts.get('a socket that is not closed, in debug mode')?.ours.match(/unclosed/g)).toHaveLength(1);
});

test('slow-callback says nothing with debug mode off, and names both lines with it on', async () => {
  const [off, on = ''] = (await play('slow-callback')).split(/^.*debug mode is on\n/m);
  expect(off).toMatch(/^.* debug mode is off\n$/);
  // On a machine that is busy, other steps take a millisecond too.
  const stopped = [...on.matchAll(/at operation .*slow-callback\.ts:(\d+)/g)].map(([, line]) => Number(line));
  const lines = readFileSync(sourceOf('slow-callback'), 'utf8').split('\n');
  const [, second, third] = lines.flatMap((line, index) =>
    line.includes('await sleep(10)') ? [index + 1] : [],
  );
  expect(stopped).toEqual(expect.arrayContaining([second, third]));
});

test('blocked is reported before it is over', async () => {
  const printed = await play('blocked');
  const report = printed.indexOf('and still is\n');
  expect(report).toBeGreaterThan(0);
  expect(report).toBeLessThan(printed.indexOf('the import is done'));
  expect(lineAt('blocked', printed, /at hash .*blocked\.ts:(\d+)/)).toContain(
    'while (performance.now() < end)',
  );
  expect(printed).toMatch(/the loop was blocked for \d\.\d{3} seconds/);
});

test('timeline prints a tree and names the file of a trace', async () => {
  const printed = await play('timeline');
  expect(printed).toMatch(/\(T\) green {2}waits for <Lock locked waiters=2> {2}held by red /);
  const [, count, path = ''] = /(\d+) events are in (.*)$/m.exec(printed) ?? [];
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as {
    traceEvents: { name: string; ph: string; args?: { name?: string } }[];
  };
  rmSync(dirname(path), { recursive: true });
  expect(traceEvents).toHaveLength(Number(count));
  const tracks = traceEvents.flatMap(({ name, args }) => (name === 'thread_name' ? [args?.name] : []));
  expect(tracks).toEqual(expect.arrayContaining(['red', 'green', 'blue']));
  expect(traceEvents.filter(({ ph }) => ph === 's')).not.toEqual([]);
});
