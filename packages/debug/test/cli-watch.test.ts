/** The watch as a whole, on a terminal, a program and a clock of the test's. */
import { expect, test } from 'vitest';
import { watch } from '../src/internal/cli-watch.js';
import type { Snapshot } from '../src/internal/snapshot.js';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

function begin() {
  const written: string[] = [];
  const questions: Record<string, unknown>[] = [];
  const answers: ((answer: unknown) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const timers = new Set<() => void>();
  const open = { keys: 0, resized: 0 };
  let type: (text: string) => void = () => {};
  let resize = (): void => {};
  let fail: Error | undefined;
  let now = 0;
  let gone = (): void => {};
  let stop = (): void => {};
  const terminal = {
    columns: 80,
    rows: 10,
    write(text: string) {
      if (fail) throw fail;
      written.push(text);
    },
    keys(listener: (text: string) => void) {
      open.keys++;
      type = listener;
      return () => void open.keys--;
    },
    resized(listener: () => void) {
      open.resized++;
      resize = listener;
      return () => void open.resized--;
    },
  };
  const watched = {
    ask(question: object) {
      questions.push(question as Record<string, unknown>);
      return new Promise<unknown>((resolve, reject) => {
        answers.push(resolve);
        failures.push(reject);
      });
    },
    closed: new Promise<void>((resolve) => {
      gone = resolve;
    }),
  };
  const clock = {
    now: () => now,
    later(_: number, callback: () => void) {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const options = { intervalMs: 1000, sort: 'since', colours: true } as const;
  const end = watch(watched, terminal, clock, options, stopped);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (seenAt = 1000) => {
    const snapshot: Snapshot = {
      pid: 7,
      now: seenAt,
      busyMs: 0,
      counts: { running: 0, ready: 0, waiting: 0, host: 0 },
      tasks: [],
      cycles: [],
      reports: {},
      last: [],
    };
    answers.shift()?.(snapshot);
    failures.shift();
    await settle();
  };
  const pass = async (ms: number) => {
    now += ms;
    const due = [...timers];
    timers.clear();
    for (const timer of due) timer();
    await settle();
  };
  const left = () => ({ ...open, timers: timers.size });
  return {
    written,
    questions,
    end,
    answer,
    pass,
    left,
    type: (text: string) => type(text),
    resize: () => resize(),
    gone: () => gone(),
    stop: () => stop(),
    refuse: () => failures.shift()?.(new Error('it has gone')),
    breakTerminal: () => {
      fail = new Error('EPIPE');
    },
  };
}

const nothing = { keys: 0, resized: 0, timers: 0 };

test('DEBUG-14.7 it enters a screen of its own, draws in place, and asks again', async () => {
  const { written, questions, answer, pass, type, end } = begin();
  expect(written[0]).toContain(ENTER);
  await answer();
  expect(written.at(-1)?.startsWith('\x1b[Haiokit-debug: process 7 ')).toBe(true);
  expect(written.at(-1)).toContain('\x1b[7mTASK');
  expect(written.at(-1)?.endsWith('\x1b[K\x1b[J')).toBe(true);
  expect(questions).toHaveLength(1);
  await pass(1000);
  expect(questions).toHaveLength(2);
  await answer(2000);
  type('b');
  expect(questions.at(-1)).toEqual({ ask: 'watch', sort: 'busy', reverse: false });
  type('q');
  expect(await end).toBe('quit');
  expect(written.at(-1)).toBe(LEAVE);
});

test('DEBUG-14.7 a program that does not answer is asked once, and said to be silent', async () => {
  const { written, questions, answer, pass, type, resize, end } = begin();
  await answer();
  await pass(1000);
  await pass(1000);
  await pass(1000);
  expect(questions).toHaveLength(2);
  expect(written.at(-1)).toContain('no answer for 2.0s');
  const drawn = written.length;
  resize();
  expect(written).toHaveLength(drawn + 1);
  await answer(5000);
  expect(written.at(-1)).not.toContain('no answer');
  type('\x03');
  expect(await end).toBe('quit');
});

test('DEBUG-14.7 a picture that is held stays', async () => {
  const { written, questions, answer, pass, type, end } = begin();
  await answer();
  type('p');
  expect(written.at(-1)).toContain('held');
  await pass(1000);
  await pass(1000);
  expect(questions).toHaveLength(1);
  type('pq');
  await end;
});

test.each([
  ['a key', 'quit', ({ type }: ReturnType<typeof begin>) => type('q')],
  ['a signal', 'quit', ({ stop }: ReturnType<typeof begin>) => stop()],
  ['the end of the program', 'gone', ({ gone }: ReturnType<typeof begin>) => gone()],
  ['a refusal', 'gone', ({ refuse }: ReturnType<typeof begin>) => refuse()],
])('DEBUG-14.7 %s leaves the terminal as it was, once', async (_, why, act) => {
  const all = begin();
  act(all);
  expect(await all.end).toBe(why);
  all.stop();
  all.gone();
  await all.pass(1000);
  expect(all.written.filter((text) => text.includes(LEAVE))).toHaveLength(1);
  expect(all.written.at(-1)).toBe(LEAVE);
  expect(all.left()).toEqual(nothing);
});

test('DEBUG-14.7 a terminal that has gone ends it', async () => {
  const all = begin();
  all.breakTerminal();
  all.resize();
  await expect(all.end).rejects.toThrow('EPIPE');
  expect(all.left()).toEqual(nothing);
});
