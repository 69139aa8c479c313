import { inspect } from 'node:util';
import {
  type Coroutine,
  coroutine,
  CoroutineObject,
  createTask,
  currentTask,
  gather,
  isCoroutine,
  isCoroutineFunction,
  sleep,
  TaskGroup,
  timeout,
} from '@aiokit/task';
import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { collect, installHooks, watchLog } from './logged.js';
import { runProgram } from './program.js';
import { play, playAsync, rejection, thrownBy, thrownIn, withLoop } from './with-loop.js';

const greet = coroutine(function* greet(name: string): Coroutine<string> {
  yield* sleep(10);
  return `hello ${name}`;
});

function* plain(value: number): Coroutine<number> {
  yield* sleep(10);
  return value;
}

const REUSED = {
  name: 'RuntimeError',
  code: 'REUSED',
  message: 'cannot reuse already awaited coroutine greet',
};

describe('coroutine()', () => {
  inEveryForm('CORO-1.1 begins when it is awaited, and not when it is made', function* (loop) {
    const log: string[] = [];
    const made = coroutine(function* (): Coroutine<number> {
      log.push('begun');
      return 1;
    })();
    yield* sleep(0);
    expect(log).toEqual([]);
    expect(yield* made).toBe(1);
    expect(log).toEqual(['begun']);
    expect(yield* greet('you')).toBe('hello you');
    expect(loop.time()).toBe(10);
  });

  test('CORO-1.1 plain generators are coroutines too', () => {
    expect(play(() => plain(3))).toBe(3);
    expect(isCoroutine(plain(1))).toBe(true);
  });

  test('CORO-1.2 has the name of its function, or the one that it is given', () => {
    const named = coroutine(function* hello(): Coroutine<void> {}, { name: 'other' })();
    const anonymous = coroutine((() => function* (): Coroutine<void> {})())();
    expect([greet('a'), named, anonymous].map(String)).toEqual([
      '<coroutine object greet>',
      '<coroutine object other>',
      '<coroutine object anonymous>',
    ]);
    expect(inspect(named)).toBe('<coroutine object other>');
    expect(Object.prototype.toString.call(named)).toBe('[object Coroutine]');
  });

  test('CORO-1.3 is used once: by yield*, createTask, gather or a step by hand', () =>
    withLoop((loop) => {
      function* main(): Coroutine<void> {
        const used = greet('you');
        yield* used;
        expect(yield* thrownIn(used)).toMatchObject(REUSED);
        expect(thrownBy(() => createTask(used))).toMatchObject(REUSED);
        expect(thrownBy(() => gather(used))).toMatchObject(REUSED);
      }
      loop.runUntilComplete(main());
    }));

  test('CORO-1.3 by await too, whose promise is one however often it is asked for', async () => {
    await playAsync(async () => {
      const used = greet('you');
      expect([await used, await used]).toEqual(['hello you', 'hello you']);
      expect(thrownBy(() => createTask(used))).toMatchObject(REUSED);
      const task = greet('me');
      void createTask(task);
      expect(thrownBy(() => task.then())).toMatchObject(REUSED);
      await sleep(20);
    });
  });

  test('CORO-1.3 a plain generator that is used twice is found in debug mode', () =>
    withLoop((loop) => {
      installHooks();
      const steps = plain(1);
      const task = createTask(steps);
      expect(thrownBy(() => createTask(steps))).toMatchObject({
        code: 'REUSED',
        message: 'cannot reuse already awaited coroutine',
      });
      loop.runUntilComplete(task);
    }));

  test('CORO-1.4 can be closed, by hand or by using, and never runs then', () => {
    const log: string[] = [];
    const make = coroutine(function* (): Coroutine<void> {
      log.push('begun');
      try {
        yield;
      } finally {
        log.push('closed');
      }
    });
    make().close();
    make()[Symbol.dispose]();
    make().return();
    expect(log).toEqual([]);
    const begun = make();
    expect(begun.next()).toEqual({ done: false, value: undefined });
    begun.close();
    expect(log).toEqual(['begun', 'closed']);
    const thrown = make();
    expect(thrownBy(() => thrown.throw(new Error('far')))).toMatchObject({ message: 'far' });
    expect(thrown.next()).toEqual({ done: true, value: undefined });
  });

  test('CORO-1.5 what is no generator function is a TypeError', () => {
    expect(thrownBy(() => coroutine(1 as never))).toMatchObject({
      name: 'TypeError',
      message: 'steps must be a generator function, got 1',
    });
    for (const steps of [async () => 1, async function* () {}]) {
      expect(thrownBy(() => coroutine(steps as never))).toMatchObject({
        name: 'TypeError',
        message: 'steps must be a generator function, got an async function',
      });
    }
  });

  test('CORO-1.6 isCoroutine knows generators and coroutines, isCoroutineFunction their functions', () => {
    async function* asyncGenerator(): AsyncGenerator<number> {}
    const others = [null, undefined, 1, 'text', [], {}, new Future(), sleep(0), asyncGenerator(), plain];
    expect([plain(1), greet('a')].map(isCoroutine)).toEqual([true, true]);
    expect(others.filter(isCoroutine)).toEqual([]);
    expect([plain, async () => {}].map(isCoroutineFunction)).toEqual([true, true]);
    expect([() => {}, 1, null, plain(1), greet].map(isCoroutineFunction)).toEqual(Array(5).fill(false));
  });
});

describe('a coroutine in an async function', () => {
  inBothHosts((host) => {
    const drive = <T>(steps: () => Coroutine<T>, options: { scope?: never }): CoroutineObject<T> =>
      new CoroutineObject('driven', steps, options.scope);

    test('CORO-2.1 is driven in the function’s scope: a cancellation reaches its waits', () =>
      playAsync(async (scope) => {
        const log: string[] = [];
        const task = createTask(async (own) => {
          await drive(function* () {
            try {
              yield* sleep(1000);
            } catch (error) {
              log.push(String(error));
              yield* sleep(5);
              log.push('cleaned up');
              throw error;
            }
          }, host.options(own) as never);
        });
        await host.wait(scope, sleep(1));
        task.cancel('enough');
        expect(isCancelledError(await rejection(task))).toBe(true);
        expect(log).toEqual(['CancelledError: enough', 'cleaned up']);
      }));

    test('CORO-2.2 knows the current task, and what it begins with yield* belongs to the function', () =>
      playAsync(async (scope) => {
        const seen = await drive(function* () {
          const first = currentTask();
          yield* sleep(1);
          const late = yield* thrownIn(
            timeout(10, function* () {
              yield* sleep(1000);
            }),
          );
          const sum = yield* new TaskGroup().run(function* (group) {
            const tasks = [group.createTask(plain(1)), group.createTask(plain(2))];
            return (yield* tasks[0]!) + (yield* tasks[1]!);
          });
          return [first === scope.task, currentTask() === scope.task, isTimeoutError(late), sum];
        }, host.options(scope) as never);
        expect(seen).toEqual([true, true, true, 3]);
      }));

    test('CORO-2.3 is told when it yields without the star, and what it yielded is not taken', () =>
      playAsync(async (scope) => {
        const future = new Future<number>();
        const bad: readonly (readonly [unknown, RegExp])[] = [
          [future, /^yield was used instead of yield\* in task <Task .*> with <Future pending>$/],
          [plain(1), /^yield was used instead of yield\* for generator in task <Task .*> with /],
          [Promise.resolve(1), /^Task got bad yield: a promise; use yield\* fromPromise\(promise\)$/],
          [5, /^Task got bad yield: 5$/],
          [null, /^Task got bad yield: null$/],
        ];
        for (const [value, message] of bad) {
          const error = await drive(function* () {
            try {
              yield value as never;
            } catch (caught) {
              return caught as Error;
            }
            return null;
          }, host.options(scope) as never);
          expect(error).toMatchObject({
            name: 'RuntimeError',
            code: 'BAD_YIELD',
            message: expect.stringMatching(message),
          });
        }
      }));

    test('CORO-2.4 a bare yield gives everything else its turn, and results in null', () =>
      playAsync(async (scope, loop) => {
        const log: unknown[] = [];
        loop.callSoon(() => log.push('callback'));
        await drive(function* () {
          log.push(yield);
        }, host.options(scope) as never);
        expect(log).toEqual(['callback', null]);
      }));
  });

  test('CORO-2.5 goes on outside every task', () =>
    withLoop(async (loop) => {
      expect(await loop.runUntilCompleteAsync(Promise.resolve(greet('you')))).toBe('hello you');
    }));
});

describe('a coroutine that nobody awaits', () => {
  const REPORT = "coroutine 'greet' was never awaited";

  test('CORO-3.1 is reported in debug mode when a loop is closed, with its origin, once', () => {
    const log = watchLog();
    installHooks({ origin: () => '    at guilty (file.js:1)' });
    void greet('nobody');
    void createTaskOf(greet('somebody'));
    greet('closed').close();
    for (let times = 0; times < 2; times++) new VirtualLoop().close();
    expect(log).toEqual([
      `${REPORT}\nCoroutine created at (most recent call first):\n    at guilty (file.js:1)`,
    ]);
  });

  test('CORO-3.1 when it is collected, and it is shown to debug’s hook when it is made', async () => {
    const log = watchLog();
    const made: object[] = [];
    installHooks({ coroutine: (one) => made.push(new WeakRef(one)) });
    (() => void greet('nobody'))();
    expect(made).toHaveLength(1);
    await collect();
    expect(log).toEqual([REPORT]);
  });

  test('CORO-3.1 when the process ends', () => {
    const program = (debug: boolean) => `
      import { getEventLoop, realm } from '@aiokit/loop-core';
      import { coroutine } from '@aiokit/task';
      realm.debug = (_, enabled) => {
        realm.hooks = enabled ? { origin: () => '    at here' } : undefined;
      };
      getEventLoop().setDebug(${debug});
      globalThis.kept = coroutine(function* greet() {})();
    `;
    const { status, stderr } = runProgram(program(true));
    expect(status).toBe(0);
    expect(stderr).toContain(`${REPORT}\nCoroutine created at (most recent call first):\n    at `);
    expect(runProgram(program(false))).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

/** Makes a task on a loop that is run to its end. */
function createTaskOf<T>(steps: Coroutine<T>): T {
  const loop = new VirtualLoop();
  try {
    return loop.runUntilComplete(createTask(steps, { loop }));
  } finally {
    // Its close would report what the test wants to see later.
    loop.runUntilIdle();
  }
}
