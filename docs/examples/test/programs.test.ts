/** The programs, unchanged, in virtual time, against what the tutorial's programs and asyncio's log. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventLoop, newEventLoop, setEventLoop, setLogger, type TimerHandle } from '@aiokit/loop-core';
import { afterEach, expect, test, vi } from 'vitest';
import { compile, compileProgram } from '../compile.mjs';
import { PROGRAMS, sourceOf } from '../programs.mjs';
import { HostlikeLoop } from '../virtual-loop.mjs';
import { type Altered, altered, type Line, linesOf, TUTORIAL } from './asyncio-programs.ts';

interface LoggedLine extends Line {
  readonly text: string;
}

interface Played {
  readonly name: string;
  readonly form: string;
}

/** Each program in each form that it has. */
const formsOf = (name: string): Played[] => (PROGRAMS[name]?.forms ?? []).map((form) => ({ name, form }));
const inVirtualTime = Object.keys(PROGRAMS).filter((name) => !PROGRAMS[name]?.host);

class AlteredLoop extends HostlikeLoop {
  readonly #from: number;
  readonly #to: number;

  constructor({ from, to }: Pick<Altered, 'from' | 'to'>) {
    super();
    this.#from = from;
    this.#to = to;
  }

  override callLater<A extends unknown[]>(
    delayMs: number,
    callback: (...args: A) => void,
    ...args: A
  ): TimerHandle {
    return super.callLater(delayMs === this.#from ? this.#to : delayMs, callback, ...args);
  }
}

/** The source line of a program that a text names first, as `asynctest1.ts:12` or in a traceback. */
function lineOf({ name, form }: Played, text = ''): string | undefined {
  const [, file, line] = /\b((?:asynctest1?|test|download|pool)\.ts):(\d+)/.exec(text) ?? [];
  if (file === undefined) return undefined;
  const source = readFileSync(join(sourceOf(name, form), '..', file), 'utf8');
  return source.split('\n')[Number(line) - 1];
}

/** Collects what is logged, each line with the time on the loop's clock. */
function listen(played: Played, loop: EventLoop): LoggedLine[] {
  const began = loop.time();
  const lines: LoggedLine[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => {
    const [, module = '', message = ''] =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([\w-]+)\.ts:\d+ (.*)/.exec(text) ?? [];
    lines.push({ at: loop.time() - began, module, message, text });
    if (/^(asynctest1?|test)$/.test(module)) expect(lineOf(played, text)).toContain('LOG.info(');
  });
  vi.resetModules();
  setEventLoop(loop);
  return lines;
}

/** Runs a program to its end and returns what it logs. */
async function play(name: string, form: string, delays = { from: 0, to: 0 }): Promise<LoggedLine[]> {
  const loop = new AlteredLoop(delays);
  const lines = listen({ name, form }, loop);
  await import(sourceOf(name, form));
  expect(loop.isClosed()).toBe(true);
  return lines;
}

/** The same on the host's loop, whose clock and timers are stood in for. */
async function playOnHost(name: string, form: string): Promise<LoggedLine[]> {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
  const loop = newEventLoop();
  const lines = listen({ name, form }, loop);
  let ended = false;
  const end = import(sourceOf(name, form)).finally(() => {
    ended = true;
  });
  const settle = async () => {
    for (let hops = 0; hops < 10; hops++) await new Promise(setImmediate);
  };
  while (lines.length === 0 && vi.getTimerCount() === 0 && !ended) await settle();
  await settle();
  for (let passed = 0; !ended && passed < 20_000; passed += 100) {
    await vi.advanceTimersByTimeAsync(100);
    await settle();
  }
  await end;
  expect(loop.isClosed()).toBe(true);
  return lines;
}

/** Names what differs from asyncio's log on purpose: where reports are written, and what nobody awaits in callbacks. */
const asTutorial = ({ at, module, message }: Line): Line => ({
  at,
  module: module.startsWith('asynctest') ? module : 'base_events',
  message: message.replace(/^Future (?=exception was never)/, 'Task '),
});

/** A log as asyncio-programs.py prints it. */
function printed(lines: readonly Line[]): string {
  return lines
    .filter(({ message }) => !/^(start|enabling debugging|entering event loop)$/.test(message))
    .map(({ at, message }) => {
      const tasks = [...message.matchAll(/coro=<(\w+)\(\)>/g)].map(([, name]) => `'${name}'`);
      return `${at} ${message
        .replace(/(?<=^Pending tasks at exit: ){.*/, `[${tasks.join(', ')}]`)
        .replace('bound setResult()', 'Future.set_result()')}`;
    })
    .join('; ');
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  setEventLoop(null);
  setLogger(null);
});

test.each(
  Object.keys(TUTORIAL)
    .filter((name) => name !== 'future-cancel-unchecked')
    .flatMap(formsOf),
)('$name with $form logs what the tutorial shows', async ({ name, form }) => {
  const lines = await play(name, form);
  expect(lines.map(asTutorial)).toEqual(linesOf(TUTORIAL[name as keyof typeof TUTORIAL]));
});

test.each(formsOf('future-cancel-unchecked'))(
  '$name with $form logs what the tutorial shows',
  async ({ name, form }) => {
    const lines = await play(name, form);
    const checked = await play('future-cancel', form);
    expect(lines.slice(0, 7).map(asTutorial)).toEqual(checked.slice(0, 7).map(asTutorial));
    const end = lines.slice(7).map(asTutorial);
    expect(end.map((line) => ({ ...line, at: line.at - 200 }))).toEqual(
      linesOf(TUTORIAL['future-cancel-unchecked']),
    );
  },
);

test.each(altered.flatMap((row) => formsOf(row.name).map(({ form }) => ({ ...row, form }))))(
  '$name with $form, $from ms altered to $to ms, logs as asyncio',
  async ({ name, form, from, to, log }) => {
    const lines = await play(name, form, { from, to });
    // With callbacks there is no task that could be destroyed.
    const expected = form === 'callbacks' ? log.replace(/; \d+ Task was destroyed.*$/, '') : log;
    expect(printed(lines)).toBe(expected);
  },
);

test('each program was played in asyncio too', () => {
  const names = altered.map(({ name }) => name);
  const ours = ['slow-callback', 'blocked', 'timeline', 'download', 'threads', 'pool'];
  const others = ['exception-awaited', 'debug-mode', ...ours];
  expect([...new Set(names), ...others].sort()).toEqual(Object.keys(PROGRAMS).sort());
});

test.each(inVirtualTime.filter((name) => name !== 'pool').flatMap(formsOf))(
  '$name with $form logs the same on the host loop as in virtual time',
  async ({ name, form }) => {
    const onHost = await playOnHost(name, form);
    vi.useRealTimers();
    expect(printed(onHost)).toBe(printed(await play(name, form)));
  },
);

test.each(formsOf('future-cancel-unchecked'))(
  '$name with $form reports the error with the traceback that leads to its line',
  async ({ name, form }) => {
    const lines = await play(name, form);
    const [, future, error, ...traceback] = lines.at(-1)?.text.split('\n') ?? [];
    expect(future).toMatch(
      /^future: <Task finished .* exception=InvalidStateError\('CANCELLED: <Future cancelled>'\)>$/,
    );
    expect(error).toBe('InvalidStateError: CANCELLED: <Future cancelled>');
    expect(traceback.slice(0, 2).join('\n')).toContain('setResult');
    expect(lineOf({ name, form }, traceback.join('\n'))).toContain('future.setResult(');
  },
);

test.each(formsOf('chain-wrong-order'))(
  '$name with $form says which task is left',
  async ({ name, form }) => {
    const [exit, report] = (await play(name, form)).slice(-2);
    const task = String.raw`<Task pending name='Task-\d+' coro=<create\(\)> wait_for=<Sleep pending>>`;
    expect(exit?.message).toMatch(new RegExp(`^Pending tasks at exit: {${task}}$`));
    expect(report?.text).toMatch(new RegExp(`Task was destroyed but it is pending!\ntask: ${task}$`));
  },
);

test('never-retrieved reports the error with the traceback that leads to its line', async () => {
  const played = { name: 'never-retrieved', form: 'generators' };
  const text = (await play(played.name, played.form)).at(-1)?.text ?? '';
  expect(text).toMatch(
    /Task exception was never retrieved\nfuture: <Task finished .*coro=<bug\(\) done> exception=/,
  );
  expect(lineOf(played, text.slice(text.indexOf('Error: not consumed')))).toContain('throw new Error(');
});

test('exception-awaited catches the error', async () => {
  const lines = await play('exception-awaited', 'generators');
  expect(lines.map(({ message }) => message)).toEqual(['exception consumed']);
});

test('download is cancelled where it waits, and cleans up', { timeout: 30_000 }, async () => {
  const program = join(import.meta.dirname, '../dist/test-download.mjs');
  await compile(sourceOf('download'), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const messages = [...stdout.matchAll(/^\S+ \S+ \S+:\d+ (.*)$/gm)].map(([, message = '']) => message);
  const shares = messages.flatMap((message) => /^received (\d+) %$/.exec(message)?.[1] ?? []).map(Number);
  expect(shares).toEqual([...new Set(shares)].sort((one, other) => one - other));
  expect(shares.at(-1)).toBe(50);
  const others = messages.filter((message) => !message.startsWith('received'));
  expect(others.filter((message) => !message.startsWith('server:'))).toEqual([
    'the download begins',
    'cancelling the download',
    'cleaning up',
    'the partial file is removed',
    "cancelled: <Task cancelled name='download' coro=<anonymous() done>>",
    'is there a file? no',
  ]);
  expect(others).toContain('server: the client has left');
});

test('threads: the loop stands still, then goes on, answers a thread, and Ctrl-C ends all', {
  timeout: 30_000,
}, async () => {
  const folder = join(import.meta.dirname, '../dist/test-threads');
  const program = join(folder, 'threads.mjs');
  await compileProgram('threads', undefined, program);
  const preload = pathToFileURL(join(import.meta.dirname, '../interrupt.mjs')).href;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--import', preload, program],
    { encoding: 'utf8', env: { ...process.env, PRESS_WHEN_ASKED: '1' } },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [, line] = /^ +at compute \(.*threads\.ts:(\d+)/m.exec(stdout) ?? [];
  const source = readFileSync(sourceOf('threads'), 'utf8').split('\n');
  expect(source.slice(Number(line) - 2, Number(line)).join('\n')).toContain("const digest = hash('text', 3)");
  const messages = [...stdout.matchAll(/^\S+ \S+ threads\.ts:\d+ (.*)$/gm)].map(([, message]) => message);
  expect(messages.filter((message) => !message?.includes('has done round'))).toEqual([
    'hash on the loop: bed2ca45; the clock stood still for a moment: true',
    'hash in a thread: bed2ca45; the clock went on: true',
    "no answer within 50 ms, then 'what is the matter?' has an answer",
    'two threads compute on and on; Ctrl-C ends them',
    'cancelled: true, threads left: 0',
    'ended by Ctrl-C',
  ]);
  expect(messages).toContain('Ann has done round 1');
});

/** Plays the pool, with Ctrl-C after some time; each line is a message. */
async function playPool(interruptAfterMs: number): Promise<string[]> {
  const loop = new HostlikeLoop();
  const lines = listen({ name: 'pool', form: 'async' }, loop);
  loop.callLater(interruptAfterMs, () => process.emit('SIGINT', 'SIGINT'));
  await import(sourceOf('pool'));
  loop.close();
  return lines.map(({ message }) => message);
}

const counts = (line = ''): number[] => [...line.matchAll(/\d+/g)].map(Number);

test.each([0, 1, 450, 2000, 3000])(
  'pool does what was put when Ctrl-C comes after %i ms',
  async (afterMs) => {
    const lines = await playPool(afterMs);
    expect(lines.pop()).toBe('ended by Ctrl-C');
    const [put = 0, done, left] = counts(lines.pop());
    expect([done, left]).toEqual([put, 0]);
    expect(put < 100).toBe(afterMs < 2500);
    const progress = lines.map(counts);
    for (const [before = 0, after = 0] of progress) expect(before - after).toBeLessThanOrEqual(5 + 4);
  },
);

test('pool does all if nobody interrupts it', async () => {
  const lines = await playPool(60_000);
  expect(lines.at(-1)).toBe('put 100, done 100, left 0');
});
