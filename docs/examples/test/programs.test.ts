/** The programs, unchanged, in virtual time, against what the tutorial's programs and asyncio's log. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventLoop, newEventLoop, setEventLoop, setLogger, type TimerHandle } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterEach, expect, test, vi } from 'vitest';

// The logs of the tutorial (asynctest.py, asynctest1.py on Python 3.5), without the line of the selector that asyncio
// chose. Of the third program the tutorial shows the end only.
const TUTORIAL = {
  'future-callback': `
    2018-01-02 08:05:12,957 asynctest.py:35 start
    2018-01-02 08:05:12,960 asynctest.py:38 enabling debugging
    2018-01-02 08:05:12,961 asynctest.py:50 entering event loop
    2018-01-02 08:05:12,961 asynctest.py:24 start operation
    2018-01-02 08:05:12,962 asynctest.py:26 operation1
    2018-01-02 08:05:12,963 asynctest1.py:13 start operationsub
    2018-01-02 08:05:12,963 asynctest1.py:14 operationsub10
    2018-01-02 08:05:13,163 asynctest.py:29 operation2
    2018-01-02 08:05:13,965 asynctest1.py:16 operationsub11
    2018-01-02 08:05:13,966 asynctest.py:16 operation is done!
    2018-01-02 08:05:16,167 asynctest.py:31 operation3`,
  'future-cancel': `
    2018-01-02 08:16:08,612 asynctest.py:34 start
    2018-01-02 08:16:08,614 asynctest.py:37 enabling debugging
    2018-01-02 08:16:08,615 asynctest.py:49 entering event loop
    2018-01-02 08:16:08,615 asynctest.py:23 start operation
    2018-01-02 08:16:08,616 asynctest.py:25 operation1
    2018-01-02 08:16:08,617 asynctest1.py:13 start operationsub
    2018-01-02 08:16:08,617 asynctest1.py:14 operationsub10
    2018-01-02 08:16:08,817 asynctest.py:28 operation2
    2018-01-02 08:16:08,818 asynctest.py:16 stop_operation
    2018-01-02 08:16:09,619 asynctest1.py:16 operationsub11
    2018-01-02 08:16:11,821 asynctest.py:30 operation3`,
  'future-cancel-unchecked': `
    2018-01-02 08:09:53,100 asynctest.py:28 operation2
    2018-01-02 08:09:53,101 asynctest.py:16 stop_operation
    2018-01-02 08:09:53,903 asynctest1.py:16 operationsub11
    2018-01-02 08:09:56,105 asynctest.py:30 operation3
    2018-01-02 08:09:56,106 base_events.py:1258 Task exception was never retrieved`,
};
type Program = keyof typeof TUTORIAL | 'callback-exception';

interface Line {
  /** In milliseconds. */
  readonly at: number;
  readonly module: string;
  readonly message: string;
}

interface LoggedLine extends Line {
  readonly text: string;
}

/** The log lines of a text, their times counted from the first one in tenths of a second. */
function linesOf(text: string): Line[] {
  const found = [...text.matchAll(/(\S+ \S+),(\d{3}) (\w+)\.py:\d+ (.*)/g)];
  const times = found.map(([, second, ms]) => Date.parse(`${second}Z`) + Number(ms));
  return found.map(([, , , module = '', message = ''], index) => ({
    at: Math.round(((times[index] ?? 0) - (times[0] ?? 0)) / 100) * 100,
    module,
    message,
  }));
}

class AlteredLoop extends VirtualLoop {
  readonly #delays: ReadonlyMap<number, number>;

  constructor(delays: ReadonlyMap<number, number>) {
    super();
    this.#delays = delays;
  }

  override callLater<A extends unknown[]>(
    delayMs: number,
    callback: (...args: A) => void,
    ...args: A
  ): TimerHandle {
    return super.callLater(this.#delays.get(delayMs) ?? delayMs, callback, ...args);
  }
}

/** The source line of a program that a text names first, as `asynctest1.ts:12` or in a traceback. */
function sourceOf(program: Program, text = ''): string | undefined {
  const [, file, line] = /(asynctest1?\.ts):(\d+)/.exec(text) ?? [];
  if (file === undefined) return undefined;
  const source = readFileSync(join(import.meta.dirname, '..', program, file), 'utf8');
  return source.split('\n')[Number(line) - 1];
}

/** Collects what is logged, each line with the time on the loop's clock. */
function listen(program: Program, loop: EventLoop): LoggedLine[] {
  const began = loop.time();
  const lines: LoggedLine[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => {
    const [, module = '', message = ''] =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([\w-]+)\.ts:\d+ (.*)/.exec(text) ?? [];
    lines.push({ at: loop.time() - began, module, message, text });
    if (module.startsWith('asynctest')) expect(sourceOf(program, text)).toContain('LOG.info(');
  });
  vi.resetModules();
  setEventLoop(loop);
  return lines;
}

/** Runs a program to its end and returns what it logs. */
async function play(
  program: Program,
  delays: ReadonlyMap<number, number> = new Map(),
): Promise<LoggedLine[]> {
  const loop = new AlteredLoop(delays);
  const lines = listen(program, loop);
  await import(`../${program}/asynctest.ts`);
  expect(loop.isClosed()).toBe(true);
  return lines;
}

/** The same on the host's loop, whose clock and timers are stood in for. */
async function playOnHost(program: Program): Promise<LoggedLine[]> {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
  const loop = newEventLoop();
  const lines = listen(program, loop);
  const end = import(`../${program}/asynctest.ts`);
  while (lines.length < 7) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(3200);
  await end;
  expect(loop.isClosed()).toBe(true);
  return lines;
}

/** Names what differs from the tutorial's form on purpose: the outcome is a future's here, a task's there. */
const asTutorial = ({ at, module, message }: Line): Line =>
  message === 'Future exception was never retrieved'
    ? { at, module: 'base_events', message: 'Task exception was never retrieved' }
    : { at, module, message };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  setEventLoop(null);
  setLogger(null);
});

test.each(['future-callback', 'future-cancel'] as const)(
  '%s logs what the tutorial shows',
  async (program) => {
    const lines = await play(program);
    expect(lines.map(asTutorial)).toEqual(linesOf(TUTORIAL[program]));
    expect(lines.map(({ at }) => at)).toEqual(
      program === 'future-callback'
        ? [0, 0, 0, 0, 0, 0, 0, 200, 1000, 1000, 3200]
        : [0, 0, 0, 0, 0, 0, 0, 200, 200, 1000, 3200],
    );
  },
);

test('future-cancel-unchecked logs what the tutorial shows', async () => {
  const lines = await play('future-cancel-unchecked');
  const checked = await play('future-cancel');
  expect(lines.slice(0, 7).map(asTutorial)).toEqual(checked.slice(0, 7).map(asTutorial));
  const end = lines.slice(7).map(asTutorial);
  expect(end.map((line) => ({ ...line, at: line.at - 200 }))).toEqual(
    linesOf(TUTORIAL['future-cancel-unchecked']),
  );
  expect(end.map(({ at }) => at)).toEqual([200, 200, 1000, 3200, 3200]);
});

test.each(['future-callback', 'future-cancel', 'future-cancel-unchecked', 'callback-exception'] as const)(
  '%s logs the same on the host loop as in virtual time',
  async (program) => {
    const onHost = await playOnHost(program);
    vi.useRealTimers();
    expect(onHost.map(asTutorial)).toEqual((await play(program)).map(asTutorial));
  },
);

test('future-cancel-unchecked reports the error with the traceback that leads to its line', async () => {
  const lines = await play('future-cancel-unchecked');
  const [, future, error, ...traceback] = lines.at(-1)?.text.split('\n') ?? [];
  expect(future).toBe(
    "future: <Future finished exception=InvalidStateError('CANCELLED: <Future cancelled>')>",
  );
  expect(error).toBe('InvalidStateError: CANCELLED: <Future cancelled>');
  expect(traceback.slice(0, 2).join('\n')).toContain('setResult');
  expect(sourceOf('future-cancel-unchecked', traceback.join('\n'))).toContain('future.setResult(');
});

test('callback-exception reports the error at once and goes on', async () => {
  const lines = await play('callback-exception');
  const index = lines.findIndex(({ message }) => message === 'operationsub11');
  const [report, end, ...rest] = lines.slice(index + 1);
  expect(report?.at).toBe(1000);
  expect(report?.message).toBe('Exception in callback operationsub11()');
  expect(report?.text).toMatch(/\nInvalidStateError: CANCELLED: <Future cancelled>\n/);
  expect(sourceOf('callback-exception', report?.text)).toContain('future.setResult(');
  expect(end).toMatchObject({ at: 3200, message: 'operation3' });
  expect(rest).toEqual([]);
});

// Printed by altered-delays.py beside it.
const altered = readFileSync(join(import.meta.dirname, 'altered-delays.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => /^(.+), (\d+) -> (\d+): (.*)$/.exec(line) ?? [])
  .map(([, program, from, to, log]) => ({
    program: program as Program,
    from: Number(from),
    to: Number(to),
    log,
  }));

test.each(altered)(
  '$program with $from ms altered to $to ms logs as asyncio',
  async ({ program, from, to, log }) => {
    const lines = await play(program, new Map([[from, to]]));
    const messages = lines.slice(7).map(({ at, message }) => `${at} ${message}`);
    expect(messages.join(', ')).toBe(log);
  },
);
