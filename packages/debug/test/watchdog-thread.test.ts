/** What the watchdog's thread does, turn by turn, on a clock that the test moves. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeWatchdog, watchInNode } from '../src/internal/watchdog-thread.js';

/** A watchdog with a limit of 100 ms that looks every 25. */
function watchdog() {
  const pulse = { count: 1, isQuiet: false, step: '' };
  const reports: string[] = [];
  const questions: ((where: string) => void)[] = [];
  let now = 0;
  const tick = makeWatchdog(
    { beats: () => pulse.count, quiet: () => pulse.isQuiet, place: () => pulse.step },
    100,
    25,
    {
      now: () => now,
      ask: (answer) => void questions.push(answer),
      write: (report) => void reports.push(report),
      over: ({ blockedMs, where }) => void reports.push(`over after ${blockedMs}${where}`),
    },
  );
  const pass = (ms: number, beating = false) => {
    for (const end = now + ms; now < end; ) {
      now += 25;
      if (beating) pulse.count++;
      tick();
    }
    return reports.splice(0);
  };
  const sleep = (ms: number) => {
    now += ms;
    tick();
    return reports.splice(0);
  };
  return { pulse, questions, pass, sleep };
}

const still = (seconds: string, rest = '') =>
  `the loop has been blocked for ${seconds} seconds, and still is${rest}`;

test('DEBUG-11.1 whoever beats is never asked', () => {
  const { questions, pass } = watchdog();
  expect(pass(10_000, true)).toEqual([]);
  expect(questions).toEqual([]);
});

test('DEBUG-11.1 a block is reported at the limit, not one turn before, and whenever it is twice as long', () => {
  const { pulse, questions, pass } = watchdog();
  const ask = () => {
    questions.pop()?.(' at f');
  };
  expect(pass(75)).toEqual([]);
  expect(questions).toEqual([]);
  pass(25);
  ask();
  expect(pass(75)).toEqual([still('0.100', ' at f')]);
  expect(questions).toEqual([]);
  pass(25);
  ask();
  expect(pass(175)).toEqual([still('0.200', ' at f')]);
  pass(25);
  ask();
  expect(pass(25)).toEqual([still('0.400', ' at f')]);
  pulse.count++;
  expect(pass(25)).toEqual(['over after 425 at f']);
  expect(pass(25, true)).toEqual([]);
});

test('DEBUG-11.2 what does not answer is reported without a place, which comes when it returns', () => {
  const { pulse, questions, pass } = watchdog();
  expect(pass(575)).toEqual([]);
  const [report = ''] = pass(25);
  expect(report).toMatch(
    /^the loop has been blocked for 0\.600 seconds, and still is\nIt runs code of the host/,
  );
  questions[0]?.(' at readFileSync');
  pulse.count++;
  expect(pass(25)).toEqual(['over after 600 at readFileSync']);
});

test('DEBUG-11.2 an answer that comes after the block is no report', () => {
  const { pulse, questions, pass } = watchdog();
  pass(100);
  pulse.count++;
  questions[0]?.(' at f');
  expect(pass(25)).toEqual([]);
  pass(100);
  questions[0]?.(' at f');
  expect(pass(0)).toEqual([]);
});

test('DEBUG-11.2 the place of one block is not said of the next', () => {
  const { pulse, questions, pass } = watchdog();
  pulse.step = "task 'first'";
  pass(100);
  questions.pop()?.(' at f');
  pulse.count++;
  pulse.step = '';
  pass(25);
  pass(75);
  const [report] = pass(600);
  expect(report).toContain('It runs code of the host');
  expect(report).not.toMatch(/at f|first/);
});

test('DEBUG-11.3 where nobody answers, the last step that was noted is named, also when the block is over', () => {
  const { pulse, questions, pass } = watchdog();
  pulse.step = "task 'guilty'";
  pass(100);
  questions[0]?.('');
  const place = "\nThe last step of a task that began is of task 'guilty'";
  expect(pass(25)).toEqual([still('0.100', place)]);
  pulse.step = "task 'innocent'";
  pulse.count++;
  expect(pass(25)).toEqual([`over after 125${place}`]);
});

test('DEBUG-11.4 a machine that slept is no block', () => {
  const { pulse, questions, sleep } = watchdog();
  expect(sleep(1_000_000)).toEqual([]);
  pulse.count++;
  expect(sleep(25)).toEqual([]);
  expect(questions).toEqual([]);
});

test('DEBUG-11.4 whoever is to be left alone is', () => {
  const { pulse, questions, pass } = watchdog();
  pulse.isQuiet = true;
  expect(pass(10_000)).toEqual([]);
  expect(questions).toEqual([]);
});

type Reply = (error: unknown, reply?: { result?: { value?: unknown } }) => void;

/** The thread of Node, with an inspector and a stderr of the test's, and a main thread that never beats. */
function thread(Session: new () => object, writeSync: (file: number, text: string) => void): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const shared = new SharedArrayBuffer(64);
  const modules = {
    fs: { writeSync },
    inspector: { Session },
    worker_threads: {
      workerData: { shared, limitMs: 100, periodMs: 25, question: 'where()' },
      parentPort: { postMessage() {} },
    },
  };
  watchInNode(makeWatchdog, (name) => modules[name] as never);
}

const failing = (method: string) =>
  class {
    constructor() {
      if (method === 'constructor') throw new Error(method);
    }
    connectToMainThread() {
      if (method === 'connect') throw new Error(method);
    }
    post(_name: string, _options: object, reply: Reply) {
      if (method === 'post') throw new Error(method);
      if (method === 'error') reply(new Error(method));
      if (method === 'nothing') reply(null);
      if (method === 'answer') reply(null, { result: { value: ' at f' } });
    }
    disconnect() {}
  };

test.each([
  ['constructor', ''],
  ['connect', ''],
  ['post', ''],
  ['error', '\nIt runs code of the host'],
  ['nothing', ''],
  ['hangs', '\nIt runs code of the host'],
  ['answer', ' at f'],
])('DEBUG-9 an inspector whose %s fails keeps no report back', (method, place) => {
  const reports: string[] = [];
  thread(failing(method), (_, text) => void reports.push(text));
  vi.advanceTimersByTime(700);
  expect(reports[0]?.startsWith('the loop has been blocked for')).toBe(true);
  expect(reports[0]).toContain(
    `and still is${place}${place === '\nIt runs code of the host' ? ' that' : '\n'}`,
  );
});

test('DEBUG-9 a stderr that is full is tried again', () => {
  let tries = 0;
  thread(failing('answer'), () => {
    if (++tries < 3) throw new Error('EAGAIN');
  });
  vi.advanceTimersByTime(100);
  expect(tries).toBe(3);
});
