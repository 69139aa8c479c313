/** What `aiokit-debug watch` draws, and what its keys do. */
import { expect, test } from 'vitest';
import { afterKey, frameLines, keysOf, type Picture, type View } from '../src/internal/cli-frame.js';
import { fit, harmless, widthOf } from '../src/internal/cli-text.js';
import type { Snapshot, WatchedTask } from '../src/internal/snapshot.js';

const view: View = { sort: 'since', reverse: false, offset: 0, paused: false, help: false };

const task = (name: string, rest: Partial<WatchedTask> = {}): WatchedTask => ({
  id: 1,
  name,
  state: 'waiting',
  cancelling: false,
  waitsFor: ['<Lock locked>'],
  heldBy: ['holder'],
  sinceMs: 1500,
  where: 'work (file:///home/me/app.js:7:5)',
  busyMs: 0,
  lints: [],
  ...rest,
});

const snapshot = (tasks: readonly WatchedTask[], rest: Partial<Snapshot> = {}): Snapshot => ({
  pid: 42,
  now: 10_000,
  busyMs: 0,
  counts: { running: 0, ready: 0, waiting: tasks.length, host: 0 },
  tasks,
  cycles: [],
  reports: {},
  last: [],
  ...rest,
});

const lines = (picture: Partial<Picture> & { snapshot: Snapshot }, columns = 110, rows = 24) =>
  frameLines({ before: undefined, view, silentMs: 0, ...picture }, columns, rows).lines.map((line) =>
    line.trimEnd(),
  );

test('DEBUG-14.6 a frame shows the program, its tasks and what they wait for', () => {
  const tasks = [
    task('waiter', { lints: ['cycle', 'long-wait'], sinceMs: 75_000 }),
    task('cancelled', { cancelling: true, heldBy: [], waitsFor: [], sinceMs: undefined, where: undefined }),
  ];
  expect(lines({ snapshot: snapshot(tasks) })).toEqual([
    'aiokit-debug: process 42  up 10.0s  loop busy -',
    '2 tasks: 0 running, 0 ready, 2 waiting, 0 with the host',
    'reports: none',
    'TASK              STATE      WAITS FOR            HELD BY     SINCE▼    BUSY    % LINTS     WHERE',
    'waiter            waiting    <Lock locked>        holder       1m15s              cycle lo… work (app.js:7:…',
    'cancelled         cancelling',
  ]);
});

test('DEBUG-14.6 shares are of the time since the frame before', () => {
  const before = snapshot([task('worker', { busyMs: 100 })], { now: 9000, busyMs: 100 });
  const now = snapshot([task('worker', { busyMs: 350 })], { now: 10_000, busyMs: 600 });
  const [head = '', , , , line = ''] = lines({ snapshot: now, before });
  expect(head).toContain('loop busy 50%');
  expect(line).toMatch(/ 0\.3s {2}25%/);
});

test('DEBUG-14.6 cycles, reports and silence are told', () => {
  const told = snapshot([], {
    cycles: [['a', 'b']],
    reports: { deadlock: 1, 'slow-step': 20 },
    last: ['slow-step: one', 'deadlock: two'],
  });
  expect(lines({ snapshot: told, silentMs: 2500 })).toEqual([
    'aiokit-debug: process 42  up 10.0s  loop busy -  no answer for 2.5s: is the loop blocked?',
    '0 tasks: 0 running, 0 ready, 0 waiting, 0 with the host',
    'reports: deadlock 1, slow-step 20',
    'cycle: a → b → a',
    'last: deadlock: two',
    expect.stringMatching(/^TASK/),
  ]);
});

test.each([
  [200, 60],
  [110, 24],
  [80, 10],
  [40, 6],
  [10, 3],
  [1, 1],
  [0, 0],
])('DEBUG-14.6 no line is wider and no frame is higher than a terminal of %i × %i', (columns, rows) => {
  const names = ['worker', '生産者の名前がとても長い', 'e\u0301'.repeat(50), '🧵'.repeat(30)];
  const tasks = Array.from({ length: 50 }, (_, id) => task(names[id % 4] ?? '', { id }));
  for (const help of [false, true]) {
    const all = { snapshot: snapshot(tasks), before: undefined, view: { ...view, help }, silentMs: 0 };
    const { lines: drawn } = frameLines(all, columns, rows);
    expect(drawn.length).toBeLessThanOrEqual(rows);
    for (const line of drawn) expect(widthOf(line)).toBe(columns);
  }
});

test('DEBUG-14.6 a name cannot write on the terminal by itself', () => {
  const evil = '\x1b[2J\x07name\nnext\x9b1m';
  const [line = ''] = lines({ snapshot: snapshot([task(evil)]) }).slice(-1);
  expect(line).toMatch(/^\?\[2J\?name\?next\?1m /);
  // oxlint-disable-next-line eslint/no-control-regex -- these are what must not be there
  expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  expect(harmless('a\x1b[31m\nb')).toBe('a?[31m\nb');
});

test('DEBUG-14.6 text is cut and filled by columns', () => {
  expect(fit('生産者', 6)).toBe('生産者');
  expect(fit('生産者', 5)).toBe('生産…');
  expect(fit('生産者', 4)).toBe('生… ');
  expect(fit('ab', 4)).toBe('ab  ');
  expect(fit('ab', 0)).toBe('');
});

test('DEBUG-14.7 keys put in order, turn round, hold, help and scroll', () => {
  const press = (...keys: string[]) =>
    keys.reduce<View | undefined>((now, key) => now && afterKey(now, key, 10, 5), view);
  expect(press('b')).toEqual({ ...view, sort: 'busy' });
  expect(press('b', 'n', 'r')).toEqual({ ...view, sort: 'name', reverse: true });
  expect(press('s')?.sort).toBe('state');
  expect(press('o')?.sort).toBe('waits');
  expect(press('o', 'w')).toEqual(view);
  expect(press('p')?.paused).toBe(true);
  expect(press('p', ' ')).toEqual(view);
  expect(press('h')?.help).toBe(true);
  expect(press('j', '\x1b[B', '\x1bOB')?.offset).toBe(3);
  expect(press('j', 'k', '\x1b[A')?.offset).toBe(0);
  expect(press('\x1b[6~', '\x1b[6~', '\x1b[6~')?.offset).toBe(9);
  expect(press('G', '\x1b[5~')?.offset).toBe(4);
  expect(press('G', 'g')).toEqual(view);
  expect(press('j', 'b')?.offset).toBe(0);
  expect(press('x', '\x1b')).toEqual(view);
  for (const key of ['q', '\x03', '\x04']) expect(press(key)).toBeUndefined();
});

test('DEBUG-14.7 what a terminal sends at once is taken for several keys', () => {
  expect(keysOf('jj\x1b[A\x1bOB\x1b[5~q')).toEqual(['j', 'j', '\x1b[A', '\x1bOB', '\x1b[5~', 'q']);
  expect(keysOf('\x1b')).toEqual(['\x1b']);
  expect(keysOf('')).toEqual([]);
});
