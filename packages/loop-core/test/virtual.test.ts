import { completed, currentLoop, type EventLoop, realm, type Runnable } from '@aiokit/loop-core';
import {
  DeadlockError,
  HostWaitError,
  VirtualLoop,
  type VirtualLoopOptions,
} from '@aiokit/loop-core/virtual';
import fc from 'fast-check';
import { afterEach, assert, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Outcome } from './outcome.js';
import { hop, thrownBy, WatchedVirtualLoop } from './watched-loops.js';

/** Makes coroutines runnable for one test, as the task package does: by their first result. */
function makeTasks(make: (loop: EventLoop, coroutine: Iterator<unknown>) => unknown): void {
  realm.createTask = make as never;
  onTestFinished(() => {
    realm.createTask = undefined;
  });
}

/** What every run leaves, however it ended: a loop that runs on, and is nobody's running loop. */
function checkUsable(loop: VirtualLoop): void {
  assert.equal(realm.running, undefined);
  assert.equal(loop.isRunning(), false);
  const steps: string[] = [];
  loop.callSoon(() => {
    steps.push('ran');
    loop.callSoon(() => steps.push('went on'));
  });
  loop.runUntilIdle();
  assert.deepEqual(steps, ['ran', 'went on']);
}

/** Lets time pass for whoever looks at the clock of the host, and for nobody else. */
function hurry(): { passes(ms: number): void } {
  const now = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return {
    passes(ms) {
      ahead += ms;
    },
  };
}

afterEach(() => void vi.restoreAllMocks());

describe('the clock', () => {
  test('LOOP-5.1 begins at 0, or where it is told to', () => {
    expect(new VirtualLoop().time()).toBe(0);
    expect(new VirtualLoop({ startMs: 1.7e12 }).time()).toBe(1.7e12);
    expect(new VirtualLoop({ startMs: -5 }).time()).toBe(-5);
  });

  test('LOOP-3.10 jumps from deadline to deadline, and stands still between', () => {
    const loop = new WatchedVirtualLoop({ startMs: 100 });
    const steps: string[] = [];
    const look = (name: string): void => void steps.push(`${name} at ${loop.time()}`);
    loop.callLater(86_400_000, look, 'a day');
    loop.callLater(0.25, look, 'a quarter');
    loop.callAt(90, look, 'the past');
    loop.callSoon(look, 'soon');
    loop.callLater(5, () => {
      look('five');
      loop.callSoon(() => loop.callSoon(look, 'soon after five'));
      loop.callLater(0, look, 'at once after five');
      loop.callLater(2, look, 'seven');
    });
    loop.runUntilIdle();
    expect(steps).toEqual([
      'soon at 100',
      'the past at 100',
      'a quarter at 100.25',
      'five at 105',
      'at once after five at 105',
      'soon after five at 105',
      'seven at 107',
      'a day at 86400100',
    ]);
  });

  test('LOOP-3.11 does not jump to what was cancelled, nor does a run that ends there', () => {
    const loop = new WatchedVirtualLoop();
    loop.callLater(50, () => {}).cancel();
    const timer = loop.callLater(100, () => {});
    loop.callLater(10, () => timer.cancel());
    loop.runUntilIdle();
    expect(loop.time()).toBe(10);
  });

  test('LOOP-3.10 stands still while a callback is ready', () => {
    const loop = new WatchedVirtualLoop();
    let left = 1000;
    const again = (): void => {
      if (--left > 0) loop.callSoon(again);
    };
    let seen = -1;
    loop.callSoon(again);
    loop.callLater(1, () => {
      seen = left;
    });
    loop.runUntilIdle();
    expect(seen).toBe(0);
  });
});

describe('options', () => {
  test.each<[object, string]>([
    [{ choose: 1 }, 'TypeError: choose must be a function, got 1'],
    [{ choose: null }, 'TypeError: choose must be a function, got null'],
    [{ startMs: '1' }, "TypeError: startMs must be a finite number, got '1'"],
    [{ startMs: Number.NaN }, 'RangeError: startMs must be a finite number, got NaN'],
    [{ startMs: Infinity }, 'RangeError: startMs must be a finite number, got Infinity'],
    [{ startMs: -Infinity }, 'RangeError: startMs must be a finite number, got -Infinity'],
    [
      { hostWaitLimitMs: -1 },
      'RangeError: hostWaitLimitMs must be a number of milliseconds, 0 or more, got -1',
    ],
    [
      { hostWaitLimitMs: Number.NaN },
      'RangeError: hostWaitLimitMs must be a number of milliseconds, 0 or more, got NaN',
    ],
    [
      { hostWaitLimitMs: '1' },
      "TypeError: hostWaitLimitMs must be a number of milliseconds, 0 or more, got '1'",
    ],
    [
      { hostWaitLimitMs: null },
      'TypeError: hostWaitLimitMs must be a number of milliseconds, 0 or more, got null',
    ],
  ])('%j is refused by name', (options, error) => {
    expect(String(thrownBy(() => new VirtualLoop(options)))).toBe(error);
  });

  test('absent ones may be undefined', () => {
    const options = { choose: undefined, startMs: undefined, hostWaitLimitMs: undefined };
    expect(new VirtualLoop(options as unknown as VirtualLoopOptions).time()).toBe(0);
    expect(() => new VirtualLoop({ hostWaitLimitMs: Infinity })).not.toThrow();
  });
});

describe('runForever', () => {
  test('LOOP-9.1 ends with the iteration in which stop() was called; the rest is left', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      loop.callSoon(() => steps.push('next'));
      loop.stop();
      steps.push('stopped');
    });
    loop.callSoon(() => steps.push('same iteration'));
    loop.runForever();
    expect(steps).toEqual(['stopped', 'same iteration']);
    loop.tick();
    expect(steps).toEqual(['stopped', 'same iteration', 'next']);
  });

  test('LOOP-9.2 after stop() runs one iteration, timers that are due included, and no jump', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      steps.push('first');
      loop.callSoon(() => steps.push('second'));
    });
    loop.callLater(0, () => steps.push('due'));
    const timer = loop.callLater(1, () => steps.push('later'));
    loop.stop();
    loop.runForever();
    expect(steps).toEqual(['first', 'due']);
    loop.tick();
    loop.tick();
    expect([steps, loop.time()]).toEqual([['first', 'due', 'second'], 0]);
    timer.cancel();
  });

  test('throws a DeadlockError when nothing can ever run, and the loop is usable again', () => {
    const loop = new WatchedVirtualLoop();
    loop.callLater(3, () => {});
    const error = thrownBy(() => loop.runForever());
    expect(error).toBeInstanceOf(DeadlockError);
    expect(error.code).toBe('DEADLOCK');
    expect(error.message).toBe('nothing can run and no timer is pending; waiting: nobody');
    expect(loop.time()).toBe(3);
    checkUsable(loop);
  });

  test('names every pending task of the loop in the error', () => {
    const loop = new WatchedVirtualLoop();
    const other = new VirtualLoop();
    realm.pending = (asked) => (asked === loop ? [new Outcome(loop), { toString: () => 'one' }] : []);
    try {
      expect(thrownBy(() => loop.runForever()).message).toBe(
        'nothing can run and no timer is pending; waiting:\n  <Outcome pending>\n  one',
      );
      expect(thrownBy(() => other.runForever()).message).toBe(
        'nothing can run and no timer is pending; waiting: nobody',
      );
    } finally {
      realm.pending = undefined;
    }
  });

  test('throws a HostWaitError when only the host can make progress', () => {
    const loop = new WatchedVirtualLoop();
    const release = loop.hold({ toString: () => 'a promise' });
    const timer = loop.callLater(1, () => {});
    const error = thrownBy(() => loop.runForever());
    expect(error).toBeInstanceOf(HostWaitError);
    expect(error.code).toBe('HOST_WAIT');
    expect(error.message).toBe(
      'only the host can make progress; waiting: nobody\nfor the host:\n  a promise\n' +
        'timers pending: 1; the clock stands still while a hold is open',
    );
    expect([loop.time(), timer.cancelled()]).toEqual([0, false]);
    release();
    timer.cancel();
    checkUsable(loop);
  });

  test('LOOP-9.13 LOOP-9.7 refuses a closed loop, and a run within a run', () => {
    const loop = new WatchedVirtualLoop();
    const errors: Error[] = [];
    loop.callSoon(() => {
      errors.push(thrownBy(() => loop.runForever()));
      errors.push(thrownBy(() => loop.runUntilIdle()));
      errors.push(thrownBy(() => loop.runUntilComplete(new Outcome(loop))));
      loop.stop();
    });
    loop.runForever();
    for (const error of errors) {
      expect(error).toMatchObject({ message: 'This event loop is already running', code: 'LOOP_RUNNING' });
    }
    expect(errors).toHaveLength(3);
    checkUsable(loop);
    loop.close();
    for (const run of [() => loop.runForever(), () => loop.runUntilIdle()]) {
      expect(thrownBy(run)).toMatchObject({ message: 'Event loop is closed', code: 'LOOP_CLOSED' });
    }
  });

  test("LOOP-9.8 within another loop's run is refused, and the outer one goes on", () => {
    const loop = new WatchedVirtualLoop();
    const other = new WatchedVirtualLoop();
    loop.callSoon(() => {
      expect(thrownBy(() => other.runUntilIdle())).toMatchObject({
        message: 'Cannot run the event loop while another loop is running',
        code: 'LOOP_RUNNING',
      });
      expect(currentLoop()).toBe(loop);
      expect([loop.isRunning(), other.isRunning()]).toEqual([true, false]);
    });
    loop.runUntilIdle();
    checkUsable(loop);
    checkUsable(other);
  });

  test('LOOP-9.11 close() is refused while it is at work', () => {
    const loop = new WatchedVirtualLoop();
    let error: Error | undefined;
    loop.callSoon(() => {
      error = thrownBy(() => loop.close());
    });
    loop.runUntilIdle();
    expect(error).toMatchObject({ message: 'Cannot close a running event loop', code: 'LOOP_RUNNING' });
    expect(loop.isClosed()).toBe(false);
  });

  test('LOOP-6.2 goes on after a callback that throws, and leaves what is not its own alone', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      throw new Error('one');
    });
    loop.enqueue({
      run() {
        throw new Error('two');
      },
    });
    loop.callSoon(() => steps.push('went on'));
    loop.runUntilIdle();
    expect(steps).toEqual(['went on']);
    expect(loop.takeReports().map(({ message, exception }) => `${message}: ${String(exception)}`)).toEqual([
      'Exception in callback anonymous(): Error: one',
      'Exception in callback Object(): Error: two',
    ]);
  });
});

describe('what is enqueued', () => {
  test('LOOP-1.1 keeps its order among callbacks, also a runnable that is a function', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    const callable = Object.assign(() => steps.push('called'), { run: () => steps.push('run') });
    loop.callSoon((text: string) => steps.push(text), 'callSoon');
    loop.enqueue(callable);
    loop.enqueue({ run: () => steps.push('enqueue') });
    loop.callSoon(() => steps.push('callSoon again'));
    loop.runUntilIdle();
    expect(steps).toEqual(['callSoon', 'run', 'enqueue', 'callSoon again']);
  });

  test.each([undefined, null, 1, {}, Object.create(null), () => {}])(
    'LOOP-6.2 what cannot be run is reported, and the loop goes on',
    (bad) => {
      const loop = new WatchedVirtualLoop();
      loop.enqueue(bad as never);
      checkUsable(loop);
      expect(loop.takeReports().map(({ exception }) => (exception as Error).name)).toEqual(['TypeError']);
    },
  );
});

describe('runUntilIdle', () => {
  test('ends when nothing is ready and no timer is pending', () => {
    const loop = new WatchedVirtualLoop();
    const steps: number[] = [];
    loop.runUntilIdle();
    loop.callLater(5, () => {
      steps.push(1);
      loop.callLater(5, () => steps.push(2));
    });
    loop.runUntilIdle();
    expect([steps, loop.time()]).toEqual([[1, 2], 10]);
    loop.runUntilIdle();
    expect(loop.time()).toBe(10);
  });

  test('LOOP-9.1 ends at stop(); the next run goes on', () => {
    const loop = new WatchedVirtualLoop();
    const steps: number[] = [];
    loop.callLater(5, () => {
      steps.push(1);
      loop.stop();
    });
    loop.callLater(6, () => steps.push(2));
    loop.runUntilIdle();
    expect([steps, loop.time()]).toEqual([[1], 5]);
    loop.runUntilIdle();
    expect(steps).toEqual([1, 2]);
  });

  test('LOOP-9.2 after stop() runs one iteration', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      steps.push('first');
      loop.callSoon(() => steps.push('second'));
    });
    loop.stop();
    loop.runUntilIdle();
    expect(steps).toEqual(['first']);
    loop.runUntilIdle();
    expect(steps).toEqual(['first', 'second']);
  });

  test('ends at a hold, and does not jump over it', () => {
    const loop = new WatchedVirtualLoop();
    const release = loop.hold({});
    const steps: string[] = [];
    loop.callSoon(() => steps.push('ready'));
    loop.callLater(1, () => steps.push('timer'));
    loop.runUntilIdle();
    expect([steps, loop.time()]).toEqual([['ready'], 0]);
    release();
    loop.runUntilIdle();
    expect(steps).toEqual(['ready', 'timer']);
  });
});

describe('runUntilComplete', () => {
  test('LOOP-9.3 gives the result, or throws what it failed with, however early it is done', () => {
    const loop = new WatchedVirtualLoop();
    const error = new Error('far');
    for (const delayMs of [undefined, 0, 20]) {
      const [good, bad] = [new Outcome<string>(loop), new Outcome<string>(loop)];
      const end = (): void => {
        good.resolve('result');
        bad.fail(error);
      };
      if (delayMs === undefined) end();
      else loop.callLater(delayMs, end);
      expect(loop.runUntilComplete(good)).toBe('result');
      expect(thrownBy(() => loop.runUntilComplete(bad))).toBe(error);
      expect([good.waiters(), bad.waiters()]).toEqual([0, 0]);
    }
    expect(loop.time()).toBe(20);
    checkUsable(loop);
  });

  test('LOOP-9.3 of an operation that did not have to wait', () => {
    const loop = new WatchedVirtualLoop();
    expect(loop.runUntilComplete(completed('value'))).toBe('value');
  });

  test('LOOP-9.4 LOOP-9.5 stopped before, throws and leaves no callback', () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    loop.callLater(4, () => loop.stop());
    expect(thrownBy(() => loop.runUntilComplete(main))).toMatchObject({
      message: 'Event loop stopped before Future completed.',
      code: 'LOOP_STOPPED',
    });
    expect(main.waiters()).toBe(0);
    checkUsable(loop);
  });

  test('names what it waits for, and once, in a DeadlockError', () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    realm.pending = () => [main, { toString: () => '<Task pending>' }];
    try {
      expect(thrownBy(() => loop.runUntilComplete(main)).message).toBe(
        'nothing can run and no timer is pending; waiting:\n  <Outcome pending>\n  <Task pending>',
      );
    } finally {
      realm.pending = undefined;
    }
    expect(main.waiters()).toBe(0);
    checkUsable(loop);
  });

  test('names what it waits for, and the holds, in a HostWaitError', () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    const releases = ['one', 'two'].map((name) => loop.hold({ toString: () => name }));
    expect(thrownBy(() => loop.runUntilComplete(main)).message).toBe(
      'only the host can make progress; waiting:\n  <Outcome pending>\nfor the host:\n  one\n  two',
    );
    expect(main.waiters()).toBe(0);
    for (const release of releases) release();
    checkUsable(loop);
  });

  test.each([undefined, null, 1, 'text', {}])('LOOP-9.10 refuses %j, and nothing has changed', (bad) => {
    const loop = new WatchedVirtualLoop();
    const shown = typeof bad === 'string' ? `'${bad}'` : String(bad);
    expect(thrownBy(() => loop.runUntilComplete(bad as never))).toEqual(
      new TypeError(
        `main must be a future, a promise or, once @aiokit/task is loaded, a coroutine, got ${shown}`,
      ),
    );
    checkUsable(loop);
  });

  test('LOOP-9.10 refuses what belongs to another loop, and nothing has changed', () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome(new VirtualLoop());
    expect(thrownBy(() => loop.runUntilComplete(main))).toEqual(
      new RangeError('The future belongs to a different loop than the one that is to wait for it'),
    );
    expect(main.waiters()).toBe(0);
    checkUsable(loop);
  });

  test('names the way out when an async function was woken, which it cannot run', async () => {
    const loop = new WatchedVirtualLoop();
    const slept = new Outcome<void>(loop);
    const main = new Outcome<void>(loop);
    const body = (async () => {
      await slept;
      main.resolve();
    })();
    loop.callLater(1, () => slept.resolve());
    await hop();
    expect(thrownBy(() => loop.runUntilComplete(main))).toEqual(
      new HostWaitError(
        'an async function was woken: use runUntilCompleteAsync; waiting:\n  <Outcome pending>',
      ),
    );
    await body;
    expect(loop.runUntilComplete(main)).toBe(undefined);
    checkUsable(loop);
  });

  test('LOOP-9.10 refuses a coroutine while nothing makes tasks', () => {
    const loop = new WatchedVirtualLoop();
    const coroutine = (function* () {
      yield* [];
    })();
    expect(() => loop.runUntilComplete(coroutine)).toThrow(
      'main must be a future, a promise or, once @aiokit/task is loaded, a coroutine, got ',
    );
    checkUsable(loop);
  });

  test('a promise needs the host, and stays as it was', async () => {
    const loop = new WatchedVirtualLoop();
    const then = vi.fn<Promise<never>['then']>();
    for (const main of [Promise.resolve(1), { then }]) {
      expect(thrownBy(() => loop.runUntilComplete(main as never))).toEqual(
        new HostWaitError('a promise needs the host: use runUntilCompleteAsync(promise)'),
      );
      checkUsable(loop);
    }
    await hop();
    expect(then).not.toHaveBeenCalled();
  });

  test('LOOP-9.3 makes a task of a coroutine', () => {
    const loop = new WatchedVirtualLoop();
    makeTasks((on, coroutine) => {
      expect(on).toBe(loop);
      const task = new Outcome<unknown>(on);
      on.callSoon(() => task.resolve(coroutine.next().value));
      return task;
    });
    expect(loop.runUntilComplete([7][Symbol.iterator]() as Iterator<unknown, number>)).toBe(7);
  });
});

describe('runUntilCompleteAsync', () => {
  /** An async function's end as something that a loop can wait for. */
  function started<T>(loop: VirtualLoop, body: () => Promise<T>): Outcome<T> {
    const outcome = new Outcome<T>(loop);
    body().then(
      (value) => outcome.resolve(value),
      (error) => outcome.fail(error),
    );
    return outcome;
  }

  /** Waits in virtual time. */
  function sleep(loop: VirtualLoop, delayMs: number): Outcome<void> {
    const slept = new Outcome<void>(loop);
    loop.callLater(delayMs, () => slept.resolve());
    return slept;
  }

  test('LOOP-9.3 gives the result, or rejects with what it failed with', async () => {
    const loop = new WatchedVirtualLoop();
    const [good, bad] = [new Outcome<string>(loop), new Outcome<string>(loop)];
    loop.callLater(5, () => good.resolve('result'));
    await expect(loop.runUntilCompleteAsync(good)).resolves.toBe('result');
    bad.fail(new Error('far'));
    await expect(loop.runUntilCompleteAsync(bad)).rejects.toThrow(new Error('far'));
    expect([good.waiters(), bad.waiters(), loop.time()]).toEqual([0, 0, 5]);
    checkUsable(loop);
  });

  test('LOOP-9.3 waits for a promise too, which holds nothing', async () => {
    const loop = new WatchedVirtualLoop();
    const main = (async () => {
      await sleep(loop, 60_000);
      await hop();
      return `at ${loop.time()}`;
    })();
    await expect(loop.runUntilCompleteAsync(main)).resolves.toBe('at 60000');
    await expect(loop.runUntilCompleteAsync(Promise.reject(new Error('far')))).rejects.toThrow('far');
    checkUsable(loop);
  });

  test('rejects with a HostWaitError when a promise takes longer than hostWaitLimitMs', async () => {
    const clock = hurry();
    const loop = new WatchedVirtualLoop({ hostWaitLimitMs: 1000 });
    const main = new Promise<never>(() => {});
    setImmediate(() => clock.passes(1001));
    await expect(loop.runUntilCompleteAsync(main)).rejects.toThrow(
      new HostWaitError('only the host can make progress; waiting:\n  <Promise>\nfor the host:'),
    );
    checkUsable(loop);
  });

  test('async functions have their turn before the clock jumps', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    const run = async (name: string, delayMs: number): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        await sleep(loop, delayMs);
        steps.push(`${name} ${loop.time()}`);
        await Promise.resolve().then(() => {});
        expect(loop.time()).toBe((round + 1) * delayMs);
      }
    };
    const main = started(loop, () => Promise.all([run('a', 10), run('b', 10), run('c', 15)]));
    await loop.runUntilCompleteAsync(main);
    expect(steps).toEqual(['a 10', 'b 10', 'c 15', 'a 20', 'b 20', 'c 30', 'a 30', 'b 30', 'c 45']);
  });

  test('LOOP-11.1 host code that a step woke runs before the next iteration', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    const signal = new Outcome<void>(loop);
    const main = started(loop, async () => {
      await signal;
      steps.push('async function');
    });
    await hop();
    loop.callSoon(() => {
      signal.resolve();
      loop.callSoon(() => {
        steps.push('iteration of the wake-up');
        loop.callSoon(() => steps.push('the one after'));
      });
    });
    await loop.runUntilCompleteAsync(main);
    expect(steps).toEqual(['iteration of the wake-up', 'async function', 'the one after']);
  });

  test('LOOP-11.2 host code has its turn though callbacks schedule callbacks', async () => {
    const loop = new WatchedVirtualLoop({ hostWaitLimitMs: 60_000 });
    const main = new Outcome<number>(loop);
    const release = loop.hold({});
    let steps = 0;
    const poll = (): void => {
      steps++;
      // The number keeps a loop that never lets go from hanging the test.
      if (main.done() || steps > 1_000_000) release();
      else loop.callSoon(poll);
    };
    poll();
    setImmediate(() => main.resolve(1));
    await expect(loop.runUntilCompleteAsync(main)).resolves.toBe(1);
    expect(steps).toBeLessThan(1_000_000);
  });

  test('the clock stands still while a hold is open, and runs on when it is released', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    const release = loop.hold({});
    const main = sleep(loop, 60_000);
    main.addDoneCallback(() => steps.push(`slept ${loop.time()}`));
    const wait = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) await hop();
      steps.push(`released ${loop.time()}`);
      release();
    };
    await Promise.all([loop.runUntilCompleteAsync(main), wait()]);
    expect(steps).toEqual(['released 0', 'slept 60000']);
  });

  test('what a hold lets in runs though the clock stands still', async () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    const release = loop.hold({});
    setImmediate(() => {
      release();
      main.resolve('from the host');
    });
    await expect(loop.runUntilCompleteAsync(main)).resolves.toBe('from the host');
    expect(loop.time()).toBe(0);
  });

  test('each hold is its own, also of one object, and released once', async () => {
    const loop = new WatchedVirtualLoop();
    const what = { toString: () => 'what' };
    const [first, second] = [loop.hold(what), loop.hold(what)];
    first();
    first();
    expect(thrownBy(() => loop.runForever())).toBeInstanceOf(HostWaitError);
    second();
    const third = loop.hold(what);
    second();
    expect(thrownBy(() => loop.runForever())).toBeInstanceOf(HostWaitError);
    third();
    expect(thrownBy(() => loop.runForever())).toBeInstanceOf(DeadlockError);
    await loop.runUntilCompleteAsync(sleep(loop, 1));
  });

  test('rejects with a HostWaitError when the host takes longer than hostWaitLimitMs', async () => {
    const clock = hurry();
    const loop = new WatchedVirtualLoop({ hostWaitLimitMs: 1000 });
    const main = new Outcome<string>(loop);
    const release = loop.hold({ toString: () => 'fetch' });
    let settled = false;
    const run = loop.runUntilCompleteAsync(main);
    run.catch(() => {
      settled = true;
    });
    for (let round = 0; round < 5; round++) await hop();
    clock.passes(900);
    for (let round = 0; round < 5; round++) await hop();
    expect(settled).toBe(false);
    clock.passes(101);
    const error = await run.then(undefined, (reason) => reason);
    expect(error).toBeInstanceOf(HostWaitError);
    expect(error.message).toBe(
      'only the host can make progress; waiting:\n  <Outcome pending>\nfor the host:\n  fetch',
    );
    expect(main.waiters()).toBe(0);
    release();
    checkUsable(loop);
  });

  test('the limit is for one wait: progress begins it anew', async () => {
    const clock = hurry();
    const loop = new WatchedVirtualLoop({ hostWaitLimitMs: 1000 });
    const main = new Outcome<string>(loop);
    const release = loop.hold({});
    const wait = async (): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        await hop();
        await hop();
        clock.passes(900);
        loop.callSoon(() => {});
      }
      release();
      main.resolve('in time');
    };
    const [result] = await Promise.all([loop.runUntilCompleteAsync(main), wait()]);
    expect(result).toBe('in time');
  });

  test('a limit of 0 waits for one turn of the host', async () => {
    const clock = hurry();
    const loop = new WatchedVirtualLoop({ hostWaitLimitMs: 0 });
    const quick = new Outcome<string>(loop);
    const release = loop.hold({});
    void Promise.resolve().then(() => quick.resolve('microtask'));
    await expect(loop.runUntilCompleteAsync(quick)).resolves.toBe('microtask');
    setImmediate(() => clock.passes(1));
    await expect(loop.runUntilCompleteAsync(new Outcome<string>(loop))).rejects.toThrow(HostWaitError);
    release();
  });

  test('rejects with a DeadlockError when not even the host has anything left', async () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    loop.callLater(5, () => {});
    await expect(loop.runUntilCompleteAsync(main)).rejects.toThrow(
      new DeadlockError('nothing can run and no timer is pending; waiting:\n  <Outcome pending>'),
    );
    expect([main.waiters(), loop.time()]).toEqual([0, 5]);
    checkUsable(loop);
  });

  test('LOOP-9.4 LOOP-9.5 rejects if it is stopped, by a callback or by host code', async () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<string>(loop);
    const stopped = { message: 'Event loop stopped before Future completed.', code: 'LOOP_STOPPED' };
    loop.callSoon(() => loop.stop());
    await expect(loop.runUntilCompleteAsync(main)).rejects.toMatchObject(stopped);
    const release = loop.hold({});
    setImmediate(() => loop.stop());
    await expect(loop.runUntilCompleteAsync(main)).rejects.toMatchObject(stopped);
    release();
    expect(main.waiters()).toBe(0);
    checkUsable(loop);
  });

  test('LOOP-9.2 after stop() runs one iteration', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      steps.push('first');
      loop.callSoon(() => steps.push('second'));
    });
    loop.stop();
    await expect(loop.runUntilCompleteAsync(new Outcome(loop))).rejects.toMatchObject({
      code: 'LOOP_STOPPED',
    });
    expect(steps).toEqual(['first']);
    loop.runUntilIdle();
  });

  test('LOOP-9.7 LOOP-9.9 LOOP-9.11 it is a run', async () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<void>(loop);
    const run = loop.runUntilCompleteAsync(main);
    expect(loop.isRunning()).toBe(true);
    expect(thrownBy(() => loop.runForever()).code).toBe('LOOP_RUNNING');
    expect(thrownBy(() => loop.close()).code).toBe('LOOP_RUNNING');
    await expect(loop.runUntilCompleteAsync(main)).rejects.toMatchObject({ code: 'LOOP_RUNNING' });
    main.resolve();
    await run;
    loop.close();
    await expect(loop.runUntilCompleteAsync(main)).rejects.toMatchObject({ code: 'LOOP_CLOSED' });
    expect(loop.isRunning()).toBe(false);
  });

  test('LOOP-9.10 refuses what cannot be waited for, and nothing has changed', async () => {
    const loop = new WatchedVirtualLoop();
    await expect(loop.runUntilCompleteAsync({} as never)).rejects.toThrow(TypeError);
    checkUsable(loop);
  });

  test('goes where an oracle leads it', async () => {
    const loop = new WatchedVirtualLoop({ choose: (_, n) => n - 1 });
    const steps: string[] = [];
    const main = new Outcome<string>(loop);
    for (const name of ['a', 'b']) loop.enqueue({ run: () => steps.push(name) });
    loop.callLater(5, () => main.resolve('result'));
    await expect(loop.runUntilCompleteAsync(main)).resolves.toBe('result');
    expect(steps).toEqual(['b', 'a']);
  });
});

describe('callWhenIdle', () => {
  test.each([
    ['FIFO', {}],
    ['an oracle', { choose: () => 0 }],
  ])('runs when nothing else is ready, and before the clock jumps: %s', (_, options) => {
    const loop = new WatchedVirtualLoop(options);
    const steps: string[] = [];
    const note = (text: string): void => void steps.push(`${text} ${loop.time()}`);
    loop.callLater(5, note, 'timer');
    loop.callWhenIdle(() => {
      note('idle');
      loop.callSoon(note, 'after idle');
      loop.callWhenIdle(() => note('idle again'));
    });
    loop.callWhenIdle(() => note('too'));
    loop.callWhenIdle(() => note('never')).cancel();
    loop.callSoon(() => {
      note('a');
      loop.callSoon(note, 'b');
    });
    loop.runUntilIdle();
    expect(steps).toEqual(['a 0', 'b 0', 'idle 0', 'too 0', 'after idle 0', 'idle again 0', 'timer 5']);
  });

  test('waits for the host’s promises too', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    const main = new Outcome<void>(loop);
    loop.callWhenIdle(() => {
      steps.push('idle');
      main.resolve(undefined);
    });
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => loop.callSoon(() => steps.push('promise')));
    await loop.runUntilCompleteAsync(main);
    expect(steps).toEqual(['promise', 'idle']);
  });

  test('is gone when the loop is closed, and refuses what is no function', () => {
    const loop = new WatchedVirtualLoop();
    expect(thrownBy(() => loop.callWhenIdle(1 as never))).toBeInstanceOf(TypeError);
    loop.callWhenIdle(() => {});
    loop.close();
    expect(thrownBy(() => loop.callWhenIdle(() => {})).code).toBe('LOOP_CLOSED');
  });
});

describe('close', () => {
  test('LOOP-9.14 drops what is scheduled, holds included', () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    loop.callSoon(() => steps.push('callSoon'));
    loop.callLater(1, () => steps.push('timer'));
    loop.enqueue({ run: () => steps.push('enqueue') });
    const release = loop.hold({});
    loop.close();
    release();
    loop.close();
    expect([loop.isClosed(), loop.isRunning(), steps]).toEqual([true, false, []]);
    for (const schedule of [
      () => loop.callSoon(() => {}),
      () => loop.callSoon(Math.max, 1, 2),
      () => loop.callLater(1, () => {}),
      () => loop.callAt(1, () => {}),
      () => loop.enqueue({ run() {} }),
    ]) {
      expect(thrownBy(schedule)).toMatchObject({ message: 'Event loop is closed', code: 'LOOP_CLOSED' });
      expect(thrownBy(schedule).code).toBe('LOOP_CLOSED');
    }
    expect(steps).toEqual([]);
  });

  test('LOOP-9.13 is as final under an oracle', () => {
    const loop = new WatchedVirtualLoop({ choose: () => 0 });
    const steps: string[] = [];
    loop.callSoon(() => steps.push('callSoon'));
    loop.enqueue({ run: () => steps.push('enqueue') });
    loop.callLater(0, () => steps.push('timer'));
    loop.close();
    expect(thrownBy(() => loop.callSoon(() => {})).code).toBe('LOOP_CLOSED');
    expect(thrownBy(() => loop.enqueue({ run() {} })).code).toBe('LOOP_CLOSED');
    expect(thrownBy(() => loop.runUntilIdle()).code).toBe('LOOP_CLOSED');
    expect(steps).toEqual([]);
  });

  test('makes room for a new default loop', () => {
    const loop = new WatchedVirtualLoop();
    realm.loop = loop;
    loop.close();
    expect(realm.loop).toBe(undefined);
    const other = new WatchedVirtualLoop();
    realm.loop = other;
    new VirtualLoop().close();
    expect(realm.loop).toBe(other);
    realm.loop = undefined;
  });
});

describe('an oracle', () => {
  const step = (steps: string[], name: string): Runnable => ({ run: () => void steps.push(name) });

  test('is asked among all that is ready, and 0 is what FIFO would do', () => {
    const asked: string[] = [];
    const loop = new WatchedVirtualLoop({
      choose(kind, n) {
        asked.push(`${kind} ${n}`);
        return 0;
      },
    });
    const steps: string[] = [];
    loop.enqueue(step(steps, 'a'));
    loop.callLater(0, () => steps.push('b'));
    loop.enqueue({
      run() {
        steps.push('c');
        loop.enqueue(step(steps, 'd'));
      },
    });
    loop.runUntilIdle();
    expect(steps).toEqual(['a', 'c', 'b', 'd']);
    expect(asked).toEqual(['step 3', 'step 2', 'step 2']);
  });

  test('LOOP-2.2 a timer that becomes due in an iteration is FIFO’s last, and may come at once', () => {
    const run = (choice: (n: number) => number): string => {
      const loop = new WatchedVirtualLoop({ choose: (_, n) => choice(n) });
      const steps: string[] = [];
      loop.enqueue({
        run() {
          steps.push('a');
          loop.callLater(0, () => steps.push('timer'));
        },
      });
      loop.enqueue({
        run() {
          steps.push('b');
          loop.enqueue(step(steps, 'c'));
        },
      });
      loop.runUntilIdle();
      return steps.join(' ');
    };
    expect(run(() => 0)).toBe('a b c timer');
    let first = true;
    const onceFirst = (n: number): number => {
      const choice = first ? 0 : n - 1;
      first = false;
      return choice;
    };
    expect(run(onceFirst)).toBe('a timer b c');
  });

  test('that always answers 0 runs random programs as FIFO does', () => {
    const how = fc.constantFrom('enqueue', 'callSoon', -1, 0, 1, 2);
    const tree: fc.Memo<readonly unknown[]> = fc.memo(
      (depth): fc.Arbitrary<readonly unknown[]> =>
        depth > 1 ? fc.array(fc.tuple(how, tree()), { maxLength: 4 }) : fc.constant([]),
    );
    fc.assert(
      fc.property(tree(4), (program) => {
        const [fifo, asked] = [undefined, () => 0].map((choose) => {
          const loop = new VirtualLoop(choose && { choose });
          const steps: string[] = [];
          const plan = (children: readonly unknown[], name: string): void =>
            (children as [string | number, unknown[]][]).forEach(([way, below], index) => {
              const run = () => {
                steps.push(`${name}.${index} ${loop.time()}`);
                plan(below, `${name}.${index}`);
              };
              if (way === 'enqueue') loop.enqueue({ run });
              else if (way === 'callSoon') loop.callSoon(run);
              else loop.callLater(way as number, run);
            });
          plan(program, '');
          loop.runUntilIdle();
          loop.close();
          return steps;
        });
        expect(asked).toEqual(fifo);
      }),
    );
  });

  test('may let what was made ready since come first', () => {
    const loop = new WatchedVirtualLoop({ choose: (_, n) => n - 1 });
    const steps: string[] = [];
    loop.enqueue(step(steps, 'a'));
    loop.enqueue({
      run() {
        steps.push('b');
        loop.enqueue(step(steps, 'c'));
      },
    });
    loop.runUntilIdle();
    expect(steps).toEqual(['b', 'c', 'a']);
  });

  test('LOOP-1.1 keeps the order among what has one order, and among the callSoons of one callback', () => {
    const loop = new WatchedVirtualLoop({ choose: (_, n) => n - 1 });
    const steps: string[] = [];
    const order = {};
    for (const name of ['a1', 'a2', 'a3']) loop.enqueue(step(steps, name), order);
    loop.enqueue({
      run() {
        steps.push('b');
        loop.callSoon(() => {
          steps.push('b1');
          loop.callSoon(() => steps.push('b11'));
        });
        loop.callSoon(() => steps.push('b2'));
      },
    });
    for (const name of ['c1', 'c2']) loop.callSoon(() => steps.push(name));
    loop.runUntilIdle();
    const of = (prefix: string): string[] => steps.filter((name) => name.startsWith(prefix));
    expect(of('a')).toEqual(['a1', 'a2', 'a3']);
    expect(of('c')).toEqual(['c1', 'c2']);
    expect(steps.indexOf('b1')).toBeLessThan(steps.indexOf('b2'));
    expect(steps.indexOf('b1')).toBeLessThan(steps.indexOf('b11'));
    expect(steps.toSorted()).toEqual(['a1', 'a2', 'a3', 'b', 'b1', 'b11', 'b2', 'c1', 'c2']);
    expect(steps[0]).toBe('c1');
  });

  test('LOOP-2.2 fires timers when they are due, not before, and in any order', () => {
    const run = (choice: (n: number) => number): string[] => {
      const loop = new VirtualLoop({ choose: (_, n) => choice(n) });
      const steps: string[] = [];
      for (const name of ['one', 'two']) loop.callLater(5, () => steps.push(`${name} ${loop.time()}`));
      loop.callLater(6, () => steps.push(`three ${loop.time()}`));
      loop.enqueue(step(steps, 'ready'));
      loop.runUntilIdle();
      loop.close();
      return steps;
    };
    expect(run(() => 0)).toEqual(['ready', 'one 5', 'two 5', 'three 6']);
    expect(run((n) => n - 1)).toEqual(['ready', 'two 5', 'one 5', 'three 6']);
  });

  test.each([-1, 2, 0.5, Number.NaN, '1', undefined])(
    'that answers %s is a RangeError, and the loop stays usable',
    (bad) => {
      let answer: unknown = bad;
      const loop = new WatchedVirtualLoop({ choose: () => answer as number });
      const steps: string[] = [];
      for (const name of ['a', 'b']) loop.enqueue(step(steps, name));
      const shown = typeof bad === 'string' ? `'${bad}'` : String(bad);
      expect(thrownBy(() => loop.runUntilIdle())).toEqual(
        new RangeError(`the choice of a step must be an integer from 0 to 1, got ${shown}`),
      );
      expect([steps, realm.running, loop.isRunning()]).toEqual([[], undefined, false]);
      answer = 1;
      loop.runUntilIdle();
      expect(steps).toEqual(['b', 'a']);
      answer = 0;
      checkUsable(loop);
    },
  );

  test('that throws ends the run with its error, and nothing is lost', () => {
    let choices = 1;
    const loop = new WatchedVirtualLoop({
      choose() {
        if (--choices < 0) throw new Error('no more choices');
        return 0;
      },
    });
    const steps: string[] = [];
    for (const name of ['a', 'b', 'c']) loop.enqueue(step(steps, name));
    expect(thrownBy(() => loop.runUntilIdle())).toEqual(new Error('no more choices'));
    expect(steps).toEqual(['a']);
    choices = 9;
    loop.runUntilIdle();
    expect(steps).toEqual(['a', 'b', 'c']);
  });

  test('is asked by choose(), unless there is nothing to choose', () => {
    const asked: string[] = [];
    const loop = new VirtualLoop({
      choose(kind, n) {
        asked.push(`${kind} ${n}`);
        return n - 1;
      },
    });
    expect([loop.choose('grant', 3), loop.choose('grant', 1)]).toEqual([2, 0]);
    expect(asked).toEqual(['grant 3']);
    expect(new VirtualLoop().choose('grant', 3)).toBe(0);
    const bad = new VirtualLoop({ choose: () => 3 });
    expect(thrownBy(() => bad.choose('grant', 3))).toEqual(
      new RangeError('the choice of a grant must be an integer from 0 to 2, got 3'),
    );
  });

  test('LOOP-6.2 a step that throws is reported, and the others run', () => {
    const loop = new WatchedVirtualLoop({ choose: (_, n) => n - 1 });
    const steps: string[] = [];
    loop.enqueue(step(steps, 'a'));
    loop.enqueue({
      run() {
        throw new Error('b');
      },
    });
    loop.runUntilIdle();
    expect(steps).toEqual(['a']);
    expect(loop.takeReports().map(({ exception }) => String(exception))).toEqual(['Error: b']);
  });

  test('LOOP-4.1 a callback that is cancelled does not run, whenever its turn comes', () => {
    const loop = new WatchedVirtualLoop({ choose: (_, n) => n - 1 });
    const steps: string[] = [];
    const handle = loop.callSoon((text: string) => steps.push(text), 'cancelled');
    loop.enqueue({ run: () => handle.cancel() });
    loop.runUntilIdle();
    expect([steps, handle.cancelled()]).toEqual([[], true]);
  });

  test('LOOP-9.2 stop() ends the run after a step', () => {
    const loop = new WatchedVirtualLoop({ choose: () => 0 });
    const steps: string[] = [];
    for (const name of ['a', 'b']) loop.enqueue(step(steps, name));
    loop.stop();
    loop.runForever();
    expect(steps).toEqual(['a']);
    loop.runUntilIdle();
    expect(steps).toEqual(['a', 'b']);
    loop.tick();
  });

  /** Three chains of two steps: a step of each is followed by one that it schedules. */
  function interleaving(choose: (kind: string, n: number) => number): string {
    const loop = new VirtualLoop({ choose });
    const steps: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      loop.enqueue({
        run() {
          steps.push(name);
          loop.callSoon(() => steps.push(name.toUpperCase()));
        },
      });
    }
    loop.runUntilIdle();
    loop.close();
    return steps.join('');
  }

  test('can lead a program of three callbacks through each of its interleavings, once', () => {
    const found: string[] = [];
    const path: { choice: number; n: number }[] = [];
    do {
      let at = 0;
      found.push(
        interleaving((_, n) => {
          const known = path[at++];
          if (!known) path.push({ choice: 0, n });
          return known?.choice ?? 0;
        }),
      );
      while (path.length > 0 && (path.at(-1)?.choice as number) + 1 === path.at(-1)?.n) path.pop();
      const last = path.at(-1);
      if (last) last.choice++;
    } while (path.length > 0);

    const expected: string[] = [];
    const extend = (steps: string, left: readonly string[]): void => {
      if (steps.length === 6) expected.push(steps);
      for (const chain of left) {
        const rest = left
          .map((other) => (other === chain ? other.slice(1) : other))
          .filter((one) => one !== '');
        extend(steps + chain[0], rest);
      }
    };
    extend('', ['aA', 'bB', 'cC']);
    expect(expected).toHaveLength(90);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  /** A generator of numbers below 1, the same for the same seed. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  test('with the same seed leads to the same run', () => {
    const runs = Array.from({ length: 40 }, (_, seed) => {
      const once = (): string => {
        const next = random(seed);
        return interleaving((_kind, n) => Math.floor(next() * n));
      };
      const first = once();
      expect(once()).toBe(first);
      return first;
    });
    expect(new Set(runs).size).toBeGreaterThan(10);
  });
});
