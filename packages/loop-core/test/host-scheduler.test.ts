import { asyncContext, HostScheduler, type Logger, realm, setLogger } from '@aiokit/loop-core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runProgram } from './compliance/program.js';
import { FakeHost } from './fake-host.js';
import { hop, thrownBy, until } from './watched-loops.js';

/** A scheduler. The test fails if something was reported that it did not take. */
function makeScheduler(): { loop: HostScheduler; takeReports: () => unknown[][] } {
  const reports: unknown[][] = [];
  const unexpected = (): never => {
    throw new Error('only errors are logged');
  };
  const logger: Logger = {
    debug: unexpected,
    info: unexpected,
    warn: unexpected,
    error: (...report) => void reports.push(report),
  };
  setLogger(logger);
  onTestFinished(() => {
    setLogger(null);
    expect(reports).toEqual([]);
    expect(realm.running).toBe(undefined);
  });
  return { loop: new HostScheduler(), takeReports: () => reports.splice(0) };
}

/** Lets the host's promises settle, and none of its timers and immediates. */
async function microtasks(count = 20): Promise<void> {
  for (let index = 0; index < count; index++) await Promise.resolve();
}

/** Schedules a callback that schedules itself, until it returns false. */
function flood(loop: HostScheduler, step: () => boolean): void {
  const again = (): void => {
    if (step()) loop.callSoon(again);
  };
  loop.callSoon(again);
}

describe('iterations', () => {
  test('LOOP-1.1 LOOP-2.1 one for all that is ready, the next for what that scheduled', async () => {
    const { loop } = makeScheduler();
    const steps: string[] = [];
    loop.callSoon(() => {
      steps.push('first');
      loop.enqueue({ run: () => steps.push('of the next iteration') });
    });
    queueMicrotask(() => steps.push('microtask'));
    loop.enqueue({ run: () => steps.push('second') });
    loop.callLater(0, () => steps.push('third'));
    expect(steps).toEqual([]);
    await microtasks();
    expect(steps).toEqual(['first', 'second', 'third', 'of the next iteration', 'microtask']);
  });

  test('LOOP-11.1 the host’s promises have a turn after one in which hostTurn() was called', async () => {
    const { loop } = makeScheduler();
    const steps: string[] = [];
    loop.callSoon(() => {
      void Promise.resolve().then(() => steps.push('promise'));
      loop.hostTurn();
      loop.callSoon(() => {
        steps.push('second iteration');
        void Promise.resolve().then(() => steps.push('another promise'));
        loop.callSoon(() => steps.push('third iteration'));
      });
    });
    await microtasks();
    expect(steps).toEqual(['promise', 'second iteration', 'third iteration', 'another promise']);
  });

  test('LOOP-11.2 the host’s promises have a turn at least every 16', async () => {
    // Its clock stands still, so that only promises have turns.
    const host = new FakeHost();
    host.now = 0;
    const { loop } = makeScheduler();
    const turns: number[] = [];
    let iteration = 0;
    flood(loop, () => ++iteration < 200);
    while (iteration < 200) {
      await Promise.resolve();
      turns.push(iteration);
    }
    const gaps = turns.map((turn, at) => turn - (turns[at - 1] ?? 0));
    expect(Math.max(...gaps)).toBe(16);
  });

  test.each([
    ['cheap', 0.01, 400, 416],
    ['dear', 1, 4, 5],
    ['slow', 10, 1, 1],
  ])('LOOP-11.2 timers and I/O have a turn under a flood of %s ones', async (_, stepMs, least, most) => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    let steps = 0;
    const turns: number[] = [];
    const turn = (): void => {
      turns.push(steps);
      if (turns.length < 4) setImmediate(turn);
    };
    setImmediate(turn);
    flood(loop, () => {
      host.now += stepMs;
      return ++steps < 10_000 && turns.length < 4;
    });
    await until(() => turns.length === 4);
    await hop();
    await hop();
    const gaps = turns.slice(1).map((now, at) => now - (turns[at] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(most);
  });

  test('LOOP-1.5 however many are ready, each runs once', async () => {
    const { loop } = makeScheduler();
    let runs = 0;
    for (let index = 0; index < 20_000; index++) loop.callSoon(() => runs++);
    await microtasks();
    for (let index = 0; index < 10; index++) loop.callSoon(() => runs++);
    await microtasks();
    expect(runs).toBe(20_010);
  });

  test('LOOP-10.1 LOOP-10.2 it is the running loop in its callbacks, and not afterwards', async () => {
    const { loop } = makeScheduler();
    const seen: unknown[] = [];
    loop.callSoon(() => seen.push(realm.running === loop));
    await microtasks();
    expect([seen, realm.running]).toEqual([[true], undefined]);
  });

  test('LOOP-12.2 are outside every store once contexts are kept', async () => {
    const { loop } = makeScheduler();
    const { context } = realm;
    let ran = 0;
    for (const keeper of [undefined, asyncContext]) {
      realm.context = keeper;
      loop.callSoon(() => ran++);
      await microtasks();
    }
    realm.context = context;
    expect(ran).toBe(2);
  });
});

describe('callbacks and handles', () => {
  test('LOOP-1.4 get exactly the arguments that were given', async () => {
    const { loop } = makeScheduler();
    const calls: unknown[] = [];
    const callback = (...args: unknown[]): void => void calls.push(args);
    for (const args of [[], [undefined], [1, 2], [1, 2, 3, 4, 5]]) {
      loop.callSoon(callback, ...args);
      loop.callLater(0, callback, ...args);
    }
    await microtasks();
    expect(calls).toEqual([
      [],
      [],
      [undefined],
      [undefined],
      [1, 2],
      [1, 2],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  test('LOOP-4.1 LOOP-4.2 LOOP-4.3 LOOP-4.4 cancelled, a callback does not run', async () => {
    const { loop } = makeScheduler();
    const steps: string[] = [];
    const early = loop.callSoon(() => steps.push('early'));
    const ran = loop.callSoon(() => {
      steps.push('ran');
      late.cancel();
      ran.cancel();
    });
    const late = loop.callSoon(() => steps.push('late'));
    early.cancel();
    early.cancel();
    expect([early.cancelled(), ran.cancelled(), late.cancelled()]).toEqual([true, false, false]);
    await microtasks();
    expect(steps).toEqual(['ran']);
    expect([early.cancelled(), ran.cancelled(), late.cancelled()]).toEqual([true, true, true]);
  });

  test.each([
    ['callSoon', (loop: HostScheduler, bad: never) => loop.callSoon(bad)],
    ['callLater', (loop: HostScheduler, bad: never) => loop.callLater(1, bad)],
    ['callAt', (loop: HostScheduler, bad: never) => loop.callAt(1, bad)],
  ])('LOOP-5.2 %s refuses what cannot be called, by name', (_, schedule) => {
    const { loop } = makeScheduler();
    for (const bad of [undefined, null, 1, {}]) {
      expect(thrownBy(() => schedule(loop, bad as never))).toEqual(
        new TypeError(`callback must be a function, got ${String(bad)}`),
      );
    }
    expect(thrownBy(() => schedule(loop, 'text' as never)).message).toBe(
      "callback must be a function, got 'text'",
    );
  });

  test.each<[unknown, string]>([
    [Number.NaN, 'RangeError: $ must be a finite number, got NaN'],
    [Infinity, 'RangeError: $ must be a finite number, got Infinity'],
    ['1', "TypeError: $ must be a finite number, got '1'"],
    [undefined, 'TypeError: $ must be a finite number, got undefined'],
    [1n, 'TypeError: $ must be a finite number, got 1'],
  ])('LOOP-5.3 a delay or deadline of %s is refused by name', (bad, error) => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    expect(String(thrownBy(() => loop.callLater(bad as number, () => {})))).toBe(
      error.replace('$', 'delayMs'),
    );
    expect(String(thrownBy(() => loop.callAt(bad as number, () => {})))).toBe(error.replace('$', 'when'));
    expect(host.delays).toEqual([]);
  });
});

describe('timers', () => {
  test('LOOP-3.1 LOOP-3.2 are the host’s, and never early', async () => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    const steps: string[] = [];
    for (const delay of [20, 10.5, 30]) {
      loop.callLater(delay, () => steps.push(`${delay} at ${host.now}`));
    }
    expect(host.delays).toEqual([20, 11, 30]);
    host.ring(0.75);
    await microtasks();
    expect([steps, host.delays]).toEqual([[], [20, 11, 30, 1]]);
    while (host.timers.length > 0) {
      host.ring();
      await microtasks();
    }
    expect(steps).toEqual(['10.5 at 1011.25', '20 at 1020', '30 at 1030']);
  });

  test('LOOP-3.8 a long delay is armed in pieces', async () => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    const longest = 2 ** 31 - 1;
    let fired = -1;
    const timer = loop.callLater(longest + 5, () => {
      fired = host.now;
    });
    host.ring();
    await microtasks();
    expect([fired, host.delays, timer.when()]).toEqual([-1, [longest, 5], 1000 + longest + 5]);
    host.ring();
    await microtasks();
    expect(fired).toBe(timer.when());
  });

  test('LOOP-3.7 LOOP-11.4 cancelled, one leaves no timer of the host', async () => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    const steps: string[] = [];
    const timers = [10, 20].map((delay) => loop.callLater(delay, () => steps.push('fired')));
    timers[0]?.cancel();
    expect(host.timers).toHaveLength(1);
    host.ring();
    timers[1]?.cancel();
    await microtasks();
    timers[1]?.cancel();
    expect([steps, host.timers]).toEqual([[], []]);
    expect(timers.map((timer) => timer.cancelled())).toEqual([true, true]);
  });

  test('LOOP-3.4 what is over already runs in the next iteration', async () => {
    const host = new FakeHost();
    const { loop } = makeScheduler();
    const steps: string[] = [];
    loop.callLater(-1, () => steps.push('negative'));
    loop.callAt(5, () => steps.push('past'));
    expect(steps).toEqual([]);
    await microtasks();
    expect([steps, host.delays]).toEqual([['negative', 'past'], []]);
  });
});

describe('what callbacks throw', () => {
  test('LOOP-6.1 LOOP-6.2 is logged, and the iteration and the loop go on', async () => {
    const { loop, takeReports } = makeScheduler();
    const steps: string[] = [];
    const error = new Error('far');
    loop.callSoon(function guilty() {
      throw error;
    });
    loop.callSoon(() => {
      const nothing: unknown = undefined;
      throw nothing;
    });
    class Step {
      run(): void {
        throw error;
      }
    }
    loop.enqueue(new Step());
    loop.enqueue(undefined as never);
    loop.enqueue(Object.assign(Object.create(null) as object, { run: () => new Step().run() }));
    loop.enqueue((() => steps.push('not a runnable')) as never);
    loop.callSoon(() => steps.push('same iteration'));
    await microtasks();
    loop.callSoon(() => steps.push('later'));
    await microtasks();
    expect(steps).toEqual(['same iteration', 'later']);
    expect(takeReports()).toEqual([
      ['Exception in callback guilty()', error],
      ['Exception in callback anonymous()', undefined],
      ['Exception in callback Step()', error],
      ['Exception in callback anonymous()', expect.any(TypeError)],
      ['Exception in callback anonymous()', error],
      ['Exception in callback Function()', expect.any(TypeError)],
    ]);
  });

  test('LOOP-6.1 goes to the console where no logger was set', async () => {
    const { loop } = makeScheduler();
    setLogger(null);
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
    loop.callExceptionHandler({ message: 'a message', exception: 1 });
    expect(spy.mock.calls).toEqual([['a message', 1]]);
    spy.mockRestore();
    await microtasks();
  });
});

describe('a process', () => {
  test('LOOP-11.4 without immediates ends when nothing is left', { timeout: 60_000 }, () => {
    expect(
      runProgram(`
        import { HostScheduler } from '@aiokit/loop-core/host-scheduler';
        delete globalThis.setImmediate;
        const loop = new HostScheduler();
        let steps = 0;
        const until = performance.now() + 20;
        const step = () => (++steps && performance.now() < until ? loop.callSoon(step) : console.log('over'));
        step();
      `),
    ).toEqual({ status: 0, printed: 'over\n' });
  });

  test('LOOP-6.2 goes on though the console cannot print what was thrown', { timeout: 60_000 }, () => {
    const { status, printed } = runProgram(`
      import { HostScheduler } from '@aiokit/loop-core/host-scheduler';
      process.on('unhandledRejection', (error) => console.log('host:', error.message));
      const loop = new HostScheduler();
      const hostile = { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('hidden'); } };
      loop.callSoon(() => { throw hostile; });
      loop.callSoon(() => console.log('same iteration'));
      setTimeout(() => loop.callSoon(() => console.log('later')), 1);
    `);
    expect([status, printed.replaceAll('host: hidden\n', '')]).toEqual([0, 'same iteration\nlater\n']);
  });
});
