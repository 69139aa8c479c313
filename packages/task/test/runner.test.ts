import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Future } from '@aiokit/future';
import {
  type ExceptionContext,
  getEventLoop,
  isCancelledError,
  setEventLoop,
  setLogger,
} from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import {
  allTasks,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  isKeyboardInterrupt,
  KeyboardInterrupt,
  run,
  Runner,
  sleep,
  type Task,
} from '@aiokit/task';
import { afterEach, describe, expect, test } from 'vitest';
import { watchLog } from './logged.js';
import { buildProgram, runProgram } from './program.js';
import { rejection, thrownBy } from './with-loop.js';

afterEach(() => setEventLoop(null));

/** A factory that remembers its loops, and what they reported. */
function factory(): { (): VirtualLoop; readonly loops: VirtualLoop[]; readonly reports: ExceptionContext[] } {
  const loops: VirtualLoop[] = [];
  const reports: ExceptionContext[] = [];
  const make = () => {
    const loop = new VirtualLoop();
    loop.setExceptionHandler((_, context) => reports.push(context));
    loops.push(loop);
    return loop;
  };
  return Object.assign(make, { loops, reports });
}

const CANNOT = (name: string) => ({
  name: 'RuntimeError',
  code: 'LOOP_RUNNING',
  message: `${name} cannot be called from a running event loop`,
});

describe('run', () => {
  test('RUN-1.1 runs a main function, coroutine or awaitable, and gives its result', async () => {
    const greet = coroutine(function* greet(): Coroutine<string> {
      yield* sleep(1);
      return 'hello';
    });
    for (const loopFactory of [undefined, factory()]) {
      const options = { loopFactory };
      expect(await run(async () => sleep(1, 'async'), options)).toBe('async');
      expect(await run(greet(), options)).toBe('hello');
      expect(await run(greet, options)).toBe('hello');
      expect(await run(() => sleep(1, 'operation'), options)).toBe('operation');
      expect(await run(Promise.resolve('promise'), options)).toBe('promise');
      const error = new RangeError('far');
      expect(await rejection(run(async () => Promise.reject(error), options))).toBe(error);
    }
  });

  test('RUN-1.2 uses the default loop and leaves it open, or closes the one that it made', async () => {
    const loop = getEventLoop();
    expect(await run(async () => getEventLoop() === loop)).toBe(true);
    expect([loop.isClosed(), loop.isRunning(), getEventLoop() === loop]).toEqual([false, false, true]);
    const make = factory();
    await run(async () => {}, { loopFactory: make });
    expect(make.loops.map((one) => one.isClosed())).toEqual([true]);
    await rejection(run(async () => Promise.reject(new Error('far')), { loopFactory: make }));
    expect(make.loops.map((one) => one.isClosed())).toEqual([true, true]);
  });

  test('RUN-1.3 cancels the tasks that are left, waits for them, and reports what they fail with', async () => {
    const make = factory();
    const log: string[] = [];
    await run(
      async () => {
        createTask(async (own) => {
          try {
            await own.wait(sleep(1e6));
          } finally {
            await sleep(5);
            log.push('cleaned up');
          }
        });
        createTask(function* fails(): Coroutine<void> {
          try {
            yield* sleep(1e6);
          } catch {
            throw new RangeError('far');
          }
        });
        createTask(function* stubborn(): Coroutine<void> {
          try {
            yield* sleep(1e6);
          } catch {}
        });
        await sleep(1);
      },
      { loopFactory: make },
    );
    expect(log).toEqual(['cleaned up']);
    expect(
      make.reports.map(({ message, exception, task }) => [message, String(exception), String(task)]),
    ).toEqual([
      [
        'unhandled exception during asyncio.run() shutdown',
        'RangeError: far',
        expect.stringMatching(/^<Task finished .* exception=RangeError\('far'\)>$/),
      ],
    ]);
  });

  test('RUN-1.4 leaves tasks alone that were there before', async () => {
    const future = new Future<string>();
    const before = createTask(function* () {
      return yield* future;
    });
    await run(async () => void createTask(sleep(1e6)));
    expect([before.cancelling(), [...allTasks()].map((task) => task === before)]).toEqual([0, [true]]);
    future.setResult('alive');
    expect(await before).toBe('alive');
  });

  test('RUN-1.5 is refused within a run, and what cannot be run before anything is made', async () => {
    const make = factory();
    expect(await run(async () => rejection(run(async () => {})))).toMatchObject(CANNOT('asyncio.run()'));
    const nested = await run(function* (): Coroutine<unknown> {
      const promise = rejection(run(async () => {}));
      const future = new Future<unknown>();
      void promise.then((error) => future.setResult(error));
      return yield* future;
    }, {});
    expect(nested).toMatchObject(CANNOT('asyncio.run()'));
    const runner = new Runner({ loopFactory: make });
    expect(await runner.run(async () => rejection(runner.run(async () => {})))).toMatchObject(
      CANNOT('Runner.run()'),
    );
    await runner.close();
    expect(await rejection(run(5 as never, { loopFactory: make }))).toMatchObject({
      name: 'TypeError',
      message: 'An asyncio.Future, a coroutine or an awaitable is required, got 5',
    });
    expect(make.loops).toHaveLength(1);
    const other = new Future<number>({ loop: new VirtualLoop() });
    expect(await rejection(run(other))).toBeInstanceOf(RangeError);
  });

  test('RUN-1.6 a deadlock ends it, and the main task is cancelled and not reported', async () => {
    const make = factory();
    let main: Task<unknown> | null = null;
    const error = await rejection(
      run(
        function* (): Coroutine<void> {
          main = currentTask();
          yield* new Future<void>();
        },
        { loopFactory: make },
      ),
    );
    expect([(error as { code?: string }).code, String(main), make.reports]).toEqual([
      'DEADLOCK',
      expect.stringMatching(/^<Task cancelled /),
      [],
    ]);
  });
});

describe('a runner', () => {
  test('RUN-2.1 runs several programs on one loop, and ends what they leave when it is closed', async () => {
    const make = factory();
    const runner = new Runner({ loopFactory: make });
    const log: string[] = [];
    const first = await runner.run(async () => {
      createTask(function* (): Coroutine<void> {
        try {
          yield* sleep(100);
          log.push('went on in the second');
          yield* sleep(1e6);
        } catch (error) {
          log.push((error as Error).name);
          throw error;
        }
      });
      await sleep(1);
      return 1;
    });
    const second = await runner.run(sleepFor(200, 2));
    expect([first, second, log, make.loops.length]).toEqual([1, 2, ['went on in the second'], 1]);
    await runner.close();
    await runner.close();
    expect([log, runner.getLoop === undefined, make.loops[0]?.isClosed()]).toEqual([
      ['went on in the second', 'CancelledError'],
      false,
      true,
    ]);
    expect(thrownBy(() => runner.getLoop())).toMatchObject({
      code: 'RUNNER_CLOSED',
      message: 'Runner is closed',
    });
    expect(await rejection(runner.run(async () => {}))).toMatchObject({ code: 'RUNNER_CLOSED' });
  });

  test('RUN-2.2 makes its loop at the first use, and none if it is closed before', async () => {
    const make = factory();
    const runner = new Runner({ loopFactory: make });
    expect(make.loops).toEqual([]);
    expect(runner.getLoop() === make.loops[0]).toBe(true);
    await runner[Symbol.asyncDispose]();
    const unused = new Runner({ loopFactory: make });
    await unused.close();
    expect(make.loops).toHaveLength(1);
    const closed = new Runner({ loopFactory: make });
    closed.getLoop();
    make.loops[1]?.close();
    await closed.close();
  });

  test('RUN-2.3 turns debug mode on or off, on the default loop for as long as it is open', async () => {
    watchLog();
    const loop = getEventLoop();
    const runner = new Runner({ debug: true });
    expect([runner.getLoop() === loop, loop.getDebug()]).toEqual([true, true]);
    await runner.close();
    expect(loop.getDebug()).toBe(false);
    const make = factory();
    expect(await run(async () => make.loops[0]?.getDebug(), { loopFactory: make, debug: true })).toBe(true);
  });

  test('RUN-2.4 refuses options that are of the wrong kind', () => {
    expect(thrownBy(() => new Runner({ debug: 1 as never }))).toMatchObject({
      name: 'TypeError',
      message: 'debug must be true or false, got 1',
    });
    expect(thrownBy(() => new Runner({ loopFactory: 1 as never }))).toMatchObject({
      name: 'TypeError',
      message: 'loopFactory must be a function, got 1',
    });
  });

  test('RUN-3.1 at its end it waits for what else has to be shut down', async () => {
    const known = (globalThis as Record<symbol, unknown>)[Symbol.for('aiokit.realm/1')] as {
      shutdown?: unknown;
    };
    const log: unknown[] = [];
    known.shutdown = new Set([async (loop: object) => void log.push(loop)]);
    try {
      const make = factory();
      await run(async () => {}, { loopFactory: make });
      expect(log[0] === make.loops[0]).toBe(true);
    } finally {
      known.shutdown = undefined;
    }
  });
});

function* sleepFor<T>(ms: number, result: T): Coroutine<T> {
  return yield* sleep(ms, result);
}

describe('Ctrl-C', () => {
  /** Runs a program, and sends SIGINT whenever it prints "ready". */
  async function interrupt(
    text: string,
  ): Promise<{ code: number | null; signal: string | null; printed: string }> {
    const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += String(chunk);
    });
    child.stdout.on('data', (chunk) => {
      printed += String(chunk);
      for (const _ of String(chunk).matchAll(/ready/g)) child.kill('SIGINT');
    });
    child.stdin.end(buildProgram(text));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, printed };
  }

  test('RUN-4.1 cancels the main task, which cleans up, and run throws KeyboardInterrupt', async () => {
    const ended = await interrupt(`
      import { isKeyboardInterrupt, run, sleep } from '@aiokit/task';
      try {
        await run(async () => {
          try {
            console.log('ready');
            await sleep(1e6);
          } finally {
            await sleep(1);
            console.log('cleaned up');
          }
        });
      } catch (error) {
        console.log(isKeyboardInterrupt(error), error.name, error.code, error.cause.code, process.listenerCount('SIGINT'));
      }
    `);
    expect(ended).toEqual({
      code: 0,
      signal: null,
      printed: 'ready\ncleaned up\ntrue KeyboardInterrupt SIGINT CANCELLED 0\n',
    });
  });

  test('RUN-4.2 a main task that catches it goes on; a second one ends the process at once', async () => {
    const ended = await interrupt(`
      import { run, sleep } from '@aiokit/task';
      await run(async () => {
        try {
          console.log('ready');
          await sleep(1e6);
        } catch {
          console.log('caught, ready');
          await sleep(1e6);
        } finally {
          console.log('never');
        }
      });
    `);
    expect(ended).toEqual({ code: null, signal: 'SIGINT', printed: 'ready\ncaught, ready\n' });
  });

  test('RUN-4.3 one that catches it and ends has its result', async () => {
    const ended = await interrupt(`
      import { run, sleep } from '@aiokit/task';
      console.log(await run(function* () {
        try {
          console.log('ready');
          yield* sleep(1e6);
        } catch {}
        return 'kept';
      }));
    `);
    expect(ended).toEqual({ code: 0, signal: null, printed: 'ready\nkept\n' });
  });

  test('RUN-4.4 is left to a handler that the program has', async () => {
    const ended = await interrupt(`
      import { run, sleep } from '@aiokit/task';
      const controller = new AbortController();
      process.once('SIGINT', () => { console.log('mine'); controller.abort(); });
      await run(async () => {
        console.log('ready');
        await new Promise((resolve) => {
          const timer = setTimeout(() => {}, 1e6);
          controller.signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); });
        });
      });
    `);
    expect(ended).toEqual({ code: 0, signal: null, printed: 'ready\nmine\n' });
  });

  test('RUN-4.5 is an error of its own kind', () => {
    const error = new KeyboardInterrupt('interrupted');
    expect([isKeyboardInterrupt(error), isKeyboardInterrupt(new Error('no')), error.code]).toEqual([
      true,
      false,
      'SIGINT',
    ]);
    expect(isCancelledError(error)).toBe(false);
  });
});

describe('a main task that can never end', () => {
  test('RUN-5.1 is named with all that wait, and the process exits with code 13', () => {
    const { status, stdout, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      import { createTask, run } from '@aiokit/task';
      process.on('exit', () => console.log('exit'));
      run(async function main() {
        const lost = new Future();
        createTask(function* helper() { yield* lost; }, { name: 'helper' });
        await lost;
      });
    `);
    expect([status, stdout]).toEqual([13, 'exit\n']);
    const [head, ...lines] = stderr.split('\n');
    expect(head).toBe('nothing can end the main task any more; waiting:');
    expect(lines[0]).toMatch(/^ {2}<Task pending name='Task-\d+' coro=<main\(\)> wait_for=/);
    expect(lines[1]).toMatch(/^ {2}<Task pending name='helper' coro=<helper\(\)> wait_for=<Future pending /);
  });

  test('RUN-5.2 also if it is what is left that can never end', () => {
    const { status, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      import { createTask, run, sleep } from '@aiokit/task';
      run(async () => {
        createTask(function* stubborn() {
          try { yield* sleep(1e6); } finally { yield* new Future(); }
        });
        await sleep(1);
      });
    `);
    expect(status).toBe(13);
    expect(stderr).toMatch(/^nothing can end the main task any more; waiting:\n {2}<Gathering pending /);
    expect(stderr).toContain('coro=<stubborn()>');
  });

  test('RUN-5.3 and a program that ends leaves nothing behind', () => {
    const { status, stdout, stderr } = runProgram(`
      import { run, sleep } from '@aiokit/task';
      await run(async () => sleep(1));
      console.log(process.listenerCount('beforeExit'), process.listenerCount('SIGINT'), process.exitCode);
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '0 0 undefined\n', stderr: '' });
    setLogger(null);
  });
});
