/** What docs/semantics/differences.md says of tasks, shown: the title of a test is the heading of its entry. */
import { Future } from '@aiokit/future';
import { getEventLoop, isCancelledError, isTimeoutError, setEventLoop } from '@aiokit/loop-core';
import {
  allTasks,
  coroutine,
  type Coroutine,
  createTask,
  currentTask,
  gather,
  run,
  shield,
  sleep,
  TaskGroup,
  timeout,
} from '@aiokit/task';
import { expect, test } from 'vitest';
import { collect, installHooks } from './logged.js';
import { TinyQueue } from './owners.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

test('DIFF-20 timeout(0) does not swallow a cancellation that is to come', () =>
  play(function* () {
    const task = createTask(function* () {
      currentTask()?.cancel('outside');
      yield* timeout(0, () => sleep(1000));
    });
    const error = yield* thrownIn(task);
    expect([error.name, error.message, task.cancelling()]).toEqual(['CancelledError', 'outside', 1]);
  }));

test('DIFF-21 A pending task is held until it is done', () =>
  withLoop(async (loop) => {
    (() => void createTask(() => new Future<void>(), { name: 'forgotten' }))();
    loop.runUntilIdle();
    await collect();
    const [task] = allTasks(loop);
    expect(task?.getName()).toBe('forgotten');
    task?.cancel();
    loop.runUntilIdle();
  }));

test('DIFF-22 getCoro() is null once the task is done', () =>
  play(function* () {
    const steps = (function* (): Coroutine<void> {})();
    const task = createTask(steps);
    expect(task.getCoro() === steps).toBe(true);
    yield* task;
    expect(task.getCoro()).toBe(null);
  }));

test('DIFF-23 A plain generator that is used twice is found in debug mode only', () =>
  withLoop((loop) => {
    function* plain(): Coroutine<string> {
      return 'result';
    }
    const steps = plain();
    expect(loop.runUntilComplete(gather(createTask(steps), createTask(steps)))).toContain('result');
    const named = coroutine(plain)();
    createTask(named);
    expect(thrownBy(() => createTask(named))).toMatchObject({ code: 'REUSED' });
    installHooks();
    const other = plain();
    createTask(other);
    expect(thrownBy(() => createTask(other))).toMatchObject({ code: 'REUSED' });
    loop.runUntilIdle();
  }));

test('DIFF-24 A section of an async function cancels its own waits, and not the task', () =>
  playAsync(async (scope) => {
    const counts: number[] = [];
    const beside = sleep(20, 'beside');
    const error = await rejection(
      timeout(5, async () => {
        try {
          await sleep(1000);
        } finally {
          counts.push(scope.task.cancelling());
        }
      }),
    );
    expect([isTimeoutError(error), counts, await beside]).toEqual([true, [0], 'beside']);
    const task = createTask(function* () {
      yield* thrownIn(
        timeout(5, function* () {
          try {
            yield* sleep(1000);
          } finally {
            counts.push(currentTask()?.cancelling() ?? -1);
          }
        }),
      );
    });
    await task;
    expect(counts).toEqual([0, 1]);
  }));

test('DIFF-25 A failing group asks for no cancellation again that was caught before it', () =>
  play(function* () {
    const task = createTask(function* () {
      try {
        yield* sleep(1000);
      } catch {}
      yield* thrownIn(
        new TaskGroup().run(function* (group) {
          group.createTask(function* (): Coroutine<void> {
            throw new Error('far');
          });
        }),
      );
      yield* sleep(5);
      return 'not cancelled';
    });
    yield* sleep(1);
    task.cancel();
    expect(yield* task).toBe('not cancelled');
  }));

test('DIFF-26 run() uses the default loop and ends its own tasks only', async () => {
  setEventLoop(null);
  const loop = getEventLoop();
  const future = new Future<string>();
  const before = createTask(async () => future);
  expect(await run(async () => (createTask(sleep(1e6)), getEventLoop() === loop))).toBe(true);
  expect([loop.isClosed(), before.cancelling(), allTasks(loop).size]).toEqual([false, 0, 1]);
  future.setResult('alive');
  expect(await before).toBe('alive');
  setEventLoop(null);
});

test('DIFF-27 gather() and run() take more than coroutines', async () => {
  expect(
    await run(async () => gather([sleep(1, 'an array'), async () => 'a function', Promise.resolve(1)])),
  ).toEqual(['an array', 'a function', 1]);
});

test('DIFF-29 A bare yield results in null', () =>
  play(function* () {
    expect(yield).toBe(null);
  }));

test('DIFF-30 A time limit leaves errors as they are', () =>
  play(function* () {
    const error = yield* thrownIn(
      timeout(5, function* () {
        try {
          yield* sleep(1000);
        } catch (cause) {
          throw new Error('while it was cancelled', { cause });
        }
      }),
    );
    expect([error.message, isCancelledError(error.cause)]).toEqual(['while it was cancelled', true]);
    const late = yield* thrownIn(timeout(5, () => sleep(1000)));
    expect([isTimeoutError(late), isCancelledError(late.cause)]).toEqual([true, true]);
  }));

test('DIFF-31 Time limits and groups are given their body', () =>
  play(function* () {
    const value = yield* timeout(10, function* (limit) {
      limit.reschedule(null);
      return yield* new TaskGroup().run(function* (group) {
        return yield* group.createTask(sleep(20, 'body'));
      });
    });
    expect(value).toBe('body');
  }));

test('DIFF-32 createTask() takes operations and owns them', () =>
  play(function* () {
    const queue = new TinyQueue<string>();
    queue.put('item');
    const task = createTask(queue.get());
    task.cancel();
    expect(isCancelledError(yield* thrownIn(task))).toBe(true);
    expect(yield* queue.get()).toBe('item');
  }));

test('DIFF-33 shield() of an operation gives it up', () =>
  play(function* () {
    const queue = new TinyQueue<string>();
    const kept = createTask(queue.get());
    for (const shielded of [shield(queue.get()), shield(kept)]) shielded.cancel();
    yield* sleep(0);
    queue.put('item');
    expect([yield* kept, queue.queue.size]).toEqual(['item', 0]);
  }));

test('DIFF-34 A task that fails with nothing fails with an Error', () =>
  playAsync(async () => {
    const error = await rejection(createTask(() => Promise.reject()));
    expect([error instanceof Error, error.message]).toEqual([true, 'failed with undefined']);
  }));

test('DIFF-35 A coroutine may be awaited again in async functions', () =>
  playAsync(async () => {
    const once = coroutine(function* (): Coroutine<string> {
      yield* sleep(1);
      return 'result';
    })();
    expect([await once, await once]).toEqual(['result', 'result']);
  }));

test('DIFF-36 An async function is not interrupted while it awaits a promise of the host', () =>
  playAsync(async () => {
    const log: string[] = [];
    let open = (): void => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    const task = createTask(async () => {
      await promise;
      log.push('went on');
      await sleep(1000);
    });
    await sleep(0);
    task.cancel();
    await sleep(0);
    expect(log).toEqual([]);
    open();
    expect([isCancelledError(await rejection(task)), log]).toEqual([true, ['went on']]);
  }));

test('DIFF-37 await of what is done takes a turn of the promises of the host', async () => {
  const done = new Future<void>();
  done.setResult();
  const log: string[] = [];
  await playAsync(async () => {
    const twice = async (name: string): Promise<void> => {
      log.push(`${name}1`);
      await done;
      log.push(`${name}2`);
    };
    await gather(
      () => twice('a'),
      () => twice('b'),
    );
  });
  expect(log.splice(0)).toEqual(['a1', 'b1', 'a2', 'b2']);
  play(function* () {
    function* twice(name: string): Coroutine<void> {
      log.push(`${name}1`);
      yield* done;
      log.push(`${name}2`);
    }
    yield* gather(twice('a'), twice('b'));
  });
  expect(log).toEqual(['a1', 'a2', 'b1', 'b2']);
});

test('DIFF-38 A cancellation keeps its message', () =>
  play(function* () {
    const task = createTask(sleep(1000));
    const all = gather(createTask(sleep(1000)), createTask(sleep(1)), { returnExceptions: true });
    yield* sleep(0);
    task.cancel('of the task');
    all.cancel('of all');
    const errors = [yield* thrownIn(task), yield* thrownIn(task), yield* thrownIn(all)];
    const [listed] = yield* gather([task], { returnExceptions: true });
    expect([...errors, listed].map((error) => (error as Error).message)).toEqual([
      'of the task',
      'of the task',
      'of all',
      'of the task',
    ]);
  }));

test('DIFF-39 shield() reports an error that comes too late', () =>
  withLoop((loop) => {
    const inner = new Future<void>();
    const outer = shield(inner);
    inner.setException(new Error('far'));
    outer.cancel();
    loop.tick();
    expect(loop.takeReports().map(({ message }) => message)).toEqual(['Error exception in shielded future']);
  }));
