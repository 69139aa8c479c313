/** What a watch is told of the tasks: busy time, and what was reported of whom. */
import { setEventLoop } from '@aiokit/loop-core';
import { Event, Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, sleep } from '@aiokit/task';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Watching } from '../src/internal/snapshot.js';
import { warningListeners } from '../src/warnings.js';
import { hop, WatchedHostLoop } from '../../loop-core/test/watched-loops.js';
import { withDebug } from './with-debug.js';

function* forEver(): Coroutine<void> {
  yield* sleep(1_000_000);
}

test('DEBUG-14.2 a report is a lint of the tasks that its first line names', () =>
  withDebug(({ loop, take }) => {
    const listeners = warningListeners.size;
    const watching = new Watching();
    const deaf = createTask(
      function* (): Coroutine<void> {
        try {
          yield* sleep(1);
        } catch {
          yield* sleep(2);
        }
      },
      { name: 'deaf' },
    );
    const other = createTask(forEver(), { name: 'other' });
    loop.tick();
    deaf.cancel();
    loop.callLater(10, () => loop.stop());
    loop.runForever();
    createTask(forEver(), { name: 'deaf' });
    const { tasks, reports, last } = watching.look('name', false, 10);
    expect(tasks.map(({ name, lints }) => [name, lints])).toEqual([
      ['deaf', ['swallowed-cancellation']],
      ['other', []],
    ]);
    expect(reports).toEqual({ 'swallowed-cancellation': 1 });
    expect(last).toEqual([expect.stringMatching(/^swallowed-cancellation: <Task finished name='deaf'/)]);
    expect(take()).toHaveLength(1);
    other.cancel();
    for (const task of tasks) expect(task.id).toBeGreaterThan(0);
    watching.end();
    expect(warningListeners.size).toBe(listeners);
    loop.close();
    loop.takeReports();
  }));

test('DEBUG-14.2 those in a cycle of waits are marked', () =>
  withDebug(({ loop, take }) => {
    const watching = new Watching();
    onTestFinished(() => watching.end());
    const [one, two] = [new Lock(), new Lock()];
    const swap = function* (from: Lock, to: Lock): Coroutine<void> {
      using _ = yield* from.acquire();
      yield* sleep(1);
      using __ = yield* to.acquire();
    };
    const tasks = [
      createTask(swap(one, two), { name: 'there' }),
      createTask(swap(two, one), { name: 'back' }),
      createTask(swap(one, two), { name: 'third' }),
    ];
    loop.callLater(10, () => loop.stop());
    loop.runForever();
    const told = watching.look('name', false, 10);
    expect(told.tasks.map(({ name, lints }) => [name, lints])).toEqual([
      ['back', ['cycle', 'deadlock']],
      ['there', ['cycle', 'deadlock']],
      ['third', []],
    ]);
    expect(told.cycles).toHaveLength(1);
    expect(take()).toHaveLength(1);
    for (const task of tasks) task.cancel();
    loop.runUntilIdle();
  }));

test('DEBUG-14.2 an async function is not blamed for those that were woken with it', async () => {
  const loop = new WatchedHostLoop();
  setEventLoop(loop);
  const watching = new Watching();
  onTestFinished(() => {
    watching.end();
    setEventLoop(null);
    vi.restoreAllMocks();
  });
  // Whole numbers add up exactly.
  let now = Math.ceil(performance.now());
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const [start, end] = [new Event(), new Event()];
  const work = async (ms: number) => {
    await start.wait();
    now += ms;
    await end.wait();
  };
  const tasks = [0, 50, 0, 7].map((ms, index) => createTask(() => work(ms), { name: `${index}: ${ms}` }));
  await hop();
  start.set();
  for (let turns = 0; turns < 5; turns++) await hop();
  const told = watching.look('name', false, 10).tasks;
  expect(told.map(({ name, busyMs }) => [name, busyMs])).toEqual([
    ['0: 0', 0],
    ['1: 50', 50],
    ['2: 0', 0],
    ['3: 7', 7],
  ]);
  end.set();
  await loop.runUntilComplete(gather(tasks));
});

test('DEBUG-14.2 busy time is that of the steps of a task, and of nobody else', () =>
  withDebug(({ loop }) => {
    const watching = new Watching();
    onTestFinished(() => watching.end());
    let now = Math.ceil(performance.now());
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => void vi.restoreAllMocks());
    const work = function* (ms: number): Coroutine<void> {
      for (;;) {
        yield* sleep(1);
        now += ms;
      }
    };
    const tasks = [3, 5, 0].map((ms) => createTask(work(ms), { name: `work ${ms}` }));
    loop.callLater(2.5, () => loop.stop());
    loop.runForever();
    const { tasks: told, busyMs } = watching.look('busy', false, 10);
    expect(told.map(({ name, busyMs: busy }) => [name, busy])).toEqual([
      ['work 5', 10],
      ['work 3', 6],
      ['work 0', 0],
    ]);
    expect(busyMs).toBe(16);
    expect(watching.look('busy', true, 1).tasks.map(({ name }) => name)).toEqual(['work 0']);
    for (const task of tasks) task.cancel();
    loop.runUntilIdle();
  }));
