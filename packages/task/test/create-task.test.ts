import { Future } from '@aiokit/future';
import { isCancelledError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import {
  allTasks,
  createEagerTaskFactory,
  coroutine,
  type Coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  gather,
  sleep,
  Task,
  TaskGroup,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts } from './hosts.js';
import { runProgram } from './program.js';
import { hop, play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

function* value<T>(result: T): Coroutine<T> {
  return result;
}

describe('createTask', () => {
  test('TASK-1.1 takes coroutines, functions that make them, async functions, and operations', () =>
    playAsync(async (scope) => {
      const named = coroutine(value<string>);
      const tasks = [
        createTask(value('generator')),
        createTask(named('coroutine')),
        createTask(() => value('function of a generator')),
        createTask(() => named('function of a coroutine')),
        createTask(function* () {
          return 'generator function';
        }),
        createTask(async () => 'async function'),
        createTask(() => Promise.resolve('function of a promise')),
        createTask(sleep(1, 'operation')),
        createTask(() => sleep(1, 'function of an operation')),
        createTask(async (own) => (own !== scope && own.task === currentTask() ? 'its own scope' : '')),
      ];
      expect(await gather(tasks)).toEqual([
        'generator',
        'coroutine',
        'function of a generator',
        'function of a coroutine',
        'generator function',
        'async function',
        'function of a promise',
        'operation',
        'function of an operation',
        'its own scope',
      ]);
    }));

  test('TASK-1.2 refuses the rest, and says what to use for a promise; nothing is scheduled', () =>
    play(function* (loop) {
      async function* asyncGenerator(): AsyncGenerator<number> {}
      const shown = 'a promise: use ensureFuture(promise) or fromPromise(promise)';
      for (const [source, what] of [
        [Promise.resolve(1), shown],
        [5, '5'],
        [null, 'null'],
        [undefined, 'undefined'],
        [{}, '[object Object]'],
        [asyncGenerator(), '[object AsyncGenerator]'],
      ] as const) {
        expect(thrownBy(() => createTask(source as never))).toMatchObject({
          name: 'TypeError',
          message: `a coroutine was expected, got ${what}`,
        });
      }
      expect(allTasks(loop).size).toBe(1);
      const returned = createTask((() => 5) as never);
      expect(yield* thrownIn(returned)).toMatchObject({
        name: 'TypeError',
        message: 'a coroutine was expected, got a function that returned 5',
      });
      const threw = createTask((() => {
        throw new RangeError('far');
      }) as never);
      expect(yield* thrownIn(threw)).toBeInstanceOf(RangeError);
    }));

  test('TASK-1.3 on a closed loop it throws, and no task is left; what was given is the caller’s', () => {
    const loop = new VirtualLoop();
    loop.close();
    const steps = value(1);
    expect(thrownBy(() => createTask(steps, { loop }))).toMatchObject({
      name: 'RuntimeError',
      code: 'LOOP_CLOSED',
      message: 'Event loop is closed',
    });
    expect(allTasks(loop).size).toBe(0);
    expect(steps.next()).toEqual({ done: true, value: 1 });
  });

  test('TASK-1.4 on another loop than the one that runs', () => {
    const loop = new VirtualLoop();
    const task = createTask(value('elsewhere'), { loop });
    expect([task.getLoop() === loop, loop.runUntilComplete(task)]).toEqual([true, 'elsewhere']);
    loop.close();
  });

  test('TASK-1.5 a task that nobody keeps is held until it is done', () =>
    withLoop(async (loop) => {
      const log: string[] = [];
      (() =>
        void createTask(
          (function* () {
            yield* new Future<void>();
            log.push('never');
          })(),
          { name: 'kept' },
        ))();
      loop.runUntilIdle();
      (globalThis as unknown as { gc(): void }).gc();
      await hop();
      const [task] = allTasks(loop);
      expect(task?.getName()).toBe('kept');
      task?.cancel();
      loop.runUntilIdle();
      expect([allTasks(loop).size, log]).toEqual([0, []]);
    }));
});

describe('ensureFuture', () => {
  test('TASK-1.10 returns a future as it is, wraps a promise, and makes tasks of the rest', () =>
    playAsync(async (_, loop) => {
      const future = new Future<number>();
      expect(ensureFuture(future) === future).toBe(true);
      expect(ensureFuture(future, { loop }) === future).toBe(true);
      future.setResult(1);
      const wrapped = ensureFuture(Promise.resolve('p'));
      expect([wrapped instanceof Task, await wrapped]).toEqual([false, 'p']);
      for (const source of [value(2), () => value(2), sleep(1, 2), async () => 2]) {
        const task = ensureFuture<number>(source);
        expect([task instanceof Task, await task]).toEqual([true, 2]);
      }
      const other = new VirtualLoop();
      expect(thrownBy(() => ensureFuture(future, { loop: other }))).toMatchObject({
        name: 'RangeError',
        message: 'The future belongs to a different loop than the one specified as the loop argument',
      });
      expect(thrownBy(() => ensureFuture(5 as never))).toMatchObject({
        name: 'TypeError',
        message: 'An asyncio.Future, a coroutine or an awaitable is required, got 5',
      });
    }));
});

describe('currentTask and allTasks', () => {
  test('TASK-5.1 the task that is stepped; null in callbacks and elsewhere', () =>
    play(function* (loop) {
      const seen: unknown[] = [];
      loop.callSoon(() => seen.push(currentTask()));
      const tasks: Task<void>[] = [];
      const isCurrent = (options?: { loop: VirtualLoop }) =>
        currentTask(options) === (tasks[0] as Task<unknown>);
      tasks.push(
        createTask(
          (function* () {
            seen.push(isCurrent(), isCurrent({ loop }), currentTask({ loop: new VirtualLoop() }));
            yield* sleep(0);
            seen.push(isCurrent());
          })(),
        ),
      );
      yield* gather(tasks);
      expect(seen).toEqual([null, true, true, null, true]);
    }));

  inBothHosts((host) => {
    test('TASK-5.2 of an async function, through all its waits', () =>
      playAsync(async (scope) => {
        const who = () => currentTask(host.options(scope)) === scope.task;
        const seen = [who()];
        await host.wait(scope, sleep(1));
        seen.push(who());
        await Promise.resolve();
        seen.push(who());
        await (async () => {
          await Promise.resolve();
          seen.push(who());
        })();
        expect(seen).toEqual([true, true, true, true]);
        if (!host.hasContext) expect(currentTask()).toBe(null);
      }));
  });

  test('TASK-5.3 all tasks of a loop that are not done, in the order in which they were made', () =>
    play(function* (loop) {
      const main = currentTask();
      const [first, second, third] = [createTask(value(1)), createTask(value(2)), createTask(sleep(5))];
      const other = new VirtualLoop();
      const elsewhere = createTask(value(1), { loop: other });
      expect([...allTasks()].every((task, index) => task === [main, first, second, third][index])).toBe(true);
      expect([...allTasks(other)].every((task) => task === elsewhere)).toBe(true);
      yield* gather(first, second);
      expect([allTasks(loop).size, allTasks(loop).has(third as Task<unknown>)]).toEqual([2, true]);
      yield* third;
      elsewhere.cancel();
    }));
});

describe('pending tasks', () => {
  const pending = { message: 'Task was destroyed but it is pending!' };
  const never = (name: string, loop?: VirtualLoop) =>
    createTask(() => new Future<void>(), { name, ...(loop && { loop }) });

  test('TASK-6.1 are reported when their loop is closed, once, those of other loops not', () =>
    withLoop((loop) => {
      const other = new VirtualLoop();
      const tasks = [never('one'), never('two')];
      const elsewhere = never('elsewhere', other);
      loop.runUntilIdle();
      loop.close();
      const reports = loop.takeReports();
      expect(reports.map(({ message, task }) => [message, (task as Task<void>).getName()])).toEqual([
        [pending.message, 'one'],
        [pending.message, 'two'],
      ]);
      expect([allTasks(loop).size, allTasks(other).has(elsewhere as Task<unknown>)]).toEqual([0, true]);
      elsewhere.cancel();
      other.runUntilIdle();
      other.close();
      for (const task of tasks) expect(task.done()).toBe(false);
    }));

  test('TASK-6.2 those of gather, and of a run that waits for them, are not reported', () =>
    withLoop((loop) => {
      const all = gather(
        (function* () {
          yield* new Future<void>();
        })(),
      );
      expect(thrownBy(() => loop.runUntilComplete(all))).toMatchObject({
        code: 'DEADLOCK',
      });
      const main = (function* () {
        yield* new Future<void>();
      })();
      expect(thrownBy(() => loop.runUntilComplete(main))).toMatchObject({ code: 'DEADLOCK' });
      loop.close();
    }));

  test('TASK-6.3 and what waits is named by a deadlock', () =>
    withLoop((loop) => {
      const lost = new Future<void>();
      const task = createTask(
        function* stuck() {
          yield* lost;
        },
        { name: 'main' },
      );
      const error = thrownBy(() => loop.runUntilComplete(task));
      expect(error.message).toBe(
        "nothing can run and no timer is pending; waiting:\n  <Task pending name='main' coro=<stuck()> wait_for=<Future pending cb=[Task.wakeup()]> cb=[stop()]>",
      );
      task.cancel();
      loop.runUntilIdle();
    }));

  test('TASK-6.4 are reported when the process ends', () => {
    const { status, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      import { createTask } from '@aiokit/task';
      createTask(function* forgotten() { yield* new Future(); }, { name: 'lost' });
    `);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^Task was destroyed but it is pending!\ntask: <Task pending name='lost' coro=<forgotten\(\)>/,
    );
  });

  test('TASK-6.5 an async function whose loop was closed is heard no more', async () => {
    const loop = new VirtualLoop();
    loop.setExceptionHandler(() => {});
    const gates = [withResolvers(), withResolvers()] as const;
    const tasks = [
      createTask(() => gates[0].promise, { loop }),
      createTask(() => gates[1].promise, { loop }),
    ];
    for (const task of tasks) task.addDoneCallback(() => {});
    loop.runUntilIdle();
    loop.close();
    gates[0].resolve();
    gates[1].reject(new Error('unheard'));
    await hop();
    expect(tasks.map((task) => task.done())).toEqual([false, false]);
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('eager start', () => {
  test('EAGER-1.1 runs the first step within createTask; one that does not wait is done on return', () =>
    play(function* () {
      const log: string[] = [];
      const main = currentTask();
      function* steps(): Coroutine<string> {
        log.push(currentTask() === main ? 'main' : 'its own');
        return 'done';
      }
      const task = createTask(steps(), { eagerStart: true });
      expect([task.done(), task.result(), task.getCoro(), log, currentTask() === main]).toEqual([
        true,
        'done',
        null,
        ['its own'],
        true,
      ]);
    }));

  test('EAGER-1.2 one that waits goes on as any other; what it throws is stored', () =>
    play(function* () {
      const log: string[] = [];
      const waits = createTask(
        (function* () {
          log.push('first');
          yield* sleep(1);
          return 'later';
        })(),
        { eagerStart: true },
      );
      const fails = createTask(
        (function* () {
          throw new RangeError('far');
        })(),
        { eagerStart: true },
      );
      expect([log, waits.done(), fails.done()]).toEqual([['first'], false, true]);
      expect([yield* waits, yield* thrownIn(fails)]).toEqual(['later', new RangeError('far')]);
    }));

  test('EAGER-1.3 on a loop that does not run it starts as usual', () => {
    const loop = new VirtualLoop();
    const log: string[] = [];
    const task = createTask(
      (function* () {
        log.push('run');
      })(),
      { loop, eagerStart: true },
    );
    expect(log).toEqual([]);
    loop.runUntilComplete(task);
    expect(log).toEqual(['run']);
    loop.close();
  });

  test('EAGER-1.4 async functions too, from generators and from async functions', async () => {
    await playAsync(async (scope) => {
      const log: string[] = [];
      const task = createTask(
        async (own) => {
          log.push(currentTask() === own.task ? 'its own' : 'other');
          await sleep(1);
          return 'done';
        },
        { eagerStart: true },
      );
      log.push(currentTask() === scope.task ? 'main' : 'other');
      expect([log, await task]).toEqual([['its own', 'main'], 'done']);
      const generator = createTask(function* (): Coroutine<boolean[]> {
        const own = currentTask();
        const inner = createTask(async () => currentTask() === own, { eagerStart: true });
        return [currentTask() === own, yield* inner];
      });
      expect(await generator).toEqual([true, false]);
      const cancelled = createTask(
        async (own) => {
          own.task.cancel('self');
          await sleep(1000);
        },
        { eagerStart: true },
      );
      expect(isCancelledError(await rejection(cancelled))).toBe(true);
    });
  });

  test('EAGER-1.5 a factory makes every task so, unless it is told otherwise', () =>
    play(function* (loop) {
      loop.setTaskFactory(eagerTaskFactory);
      const eager = createTask(value(1));
      const lazy = createTask(value(1), { eagerStart: false, name: 'lazy' });
      expect([eager.done(), lazy.done(), lazy.getName()]).toEqual([true, false, 'lazy']);
      yield* new TaskGroup().run(function* (group) {
        expect(group.createTask(value(1)).done()).toBe(true);
      });
      const made: string[] = [];
      loop.setTaskFactory(
        createEagerTaskFactory((source, options) => {
          made.push(String(options.name));
          loop.setTaskFactory(null);
          return createTask(source, options);
        }),
      );
      const own = createTask(value('own'), { name: 'mine' });
      expect([own.done(), made]).toEqual([true, ['mine']]);
      expect(thrownBy(() => createEagerTaskFactory(5 as never))).toMatchObject({
        name: 'TypeError',
        message: 'make must be a function, got 5',
      });
      yield* lazy;
    }));

  test('EAGER-1.6 any factory is given the loop, the source and the options, and may return any future', () =>
    play(function* (loop) {
      const calls: unknown[][] = [];
      const future = new Future<string>();
      loop.setTaskFactory((...args) => {
        calls.push(args);
        return future;
      });
      const steps = value(1);
      const made = createTask(steps, { name: 'x' });
      loop.setTaskFactory(null);
      expect([made === (future as never), calls.length]).toEqual([true, 1]);
      expect(calls[0]?.[0] === loop && calls[0]?.[1] === steps).toBe(true);
      expect(calls[0]?.[2]).toEqual({ name: 'x' });
      future.setResult('made');
      yield* future;
    }));
});
