import { HostLoop, HostScheduler, type Logger, realm, setLogger } from '@aiokit/loop-core';
import { describe, expect, test, vi } from 'vitest';
import { runProgram } from './compliance/program.js';
import { FakeHost } from './fake-host.js';
import { Outcome } from './outcome.js';
import { hop, thrownBy, until, WatchedHostLoop } from './watched-loops.js';

/** Takes what it is given, and keeps nothing. */
const nothing: (...args: unknown[]) => void = () => {};

/** A logger that keeps what errors it is told of. */
function makeLogger(): { logger: Logger; errors: unknown[] } {
  const errors: unknown[] = [];
  return {
    errors,
    logger: { debug: nothing, info: nothing, warn: nothing, error: (text) => void errors.push(text) },
  };
}

/** Lets the host's promises settle, and none of its timers and immediates. */
async function microtasks(count = 20): Promise<void> {
  for (let index = 0; index < count; index++) await Promise.resolve();
}

/** Waits until nothing is ready or pending any more, however slow the machine is. */
const settle = (loop: WatchedHostLoop): Promise<void> => until(() => loop.pending === 0);

/** Schedules a callback that schedules itself, until it returns false. */
function flood(loop: HostLoop, step: () => unknown): void {
  const again = (): void => {
    if (step() !== false) loop.callSoon(again);
  };
  loop.callSoon(again);
}

/** Whether a condition comes true when garbage is collected. */
async function collected(condition: () => boolean): Promise<boolean> {
  const { gc } = globalThis as unknown as { gc: () => void };
  for (let round = 0; round < 10 && !condition(); round++) {
    await hop();
    gc();
  }
  return condition();
}

describe('the turn of the host’s promises', () => {
  test('LOOP-1.1 all that is ready runs in one turn, whatever else was asked of the host meanwhile', async () => {
    new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.callSoon(() => steps.push('first'));
    queueMicrotask(() => steps.push('microtask'));
    loop.callSoon(() => steps.push('second'));
    loop.enqueue({ run: () => steps.push('third') });
    loop.callLater(0, () => steps.push('timer'));
    await microtasks();
    expect(steps).toEqual(['first', 'second', 'third', 'timer', 'microtask']);
  });

  test('LOOP-11.1 comes after the iteration in which hostTurn() was called, before the next', async () => {
    new FakeHost();
    const loop = new WatchedHostLoop();
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
    loop.callSoon(() => steps.push('first iteration'));
    await microtasks();
    expect(steps).toEqual([
      'first iteration',
      'promise',
      'second iteration',
      'third iteration',
      'another promise',
    ]);
  });

  test('LOOP-11.2 comes at least every 16 iterations', async () => {
    const loop = new WatchedHostLoop({ sliceMs: Infinity });
    const turns: number[] = [];
    let iteration = 0;
    let over = false;
    flood(loop, () => {
      over = ++iteration === 200;
      return !over;
    });
    const promises = (async () => {
      while (!over) {
        await Promise.resolve();
        turns.push(iteration);
      }
    })();
    await promises;
    const gaps = turns.map((turn, at) => turn - (turns[at - 1] ?? 0));
    expect(Math.max(...gaps)).toBe(16);
  });
});

describe('the turn of the host’s timers and I/O', () => {
  /** How many steps are run before an immediate that was asked for at the beginning. */
  async function stepsBeforeImmediate(
    sliceMs: number | undefined,
    stepMs: number,
    most: number,
  ): Promise<number> {
    const host = new FakeHost();
    const loop = new WatchedHostLoop(sliceMs === undefined ? {} : { sliceMs });
    let steps = 0;
    let turn = -1;
    setImmediate(() => {
      turn = steps;
    });
    flood(loop, () => {
      host.now += stepMs;
      return ++steps < most && turn < 0;
    });
    await until(() => turn >= 0 && loop.pending === 0);
    return turn;
  }

  test('LOOP-11.2 comes after 4 ms of cheap callbacks, give or take 32 of them', async () => {
    const turn = await stepsBeforeImmediate(undefined, 0.01, 10_000);
    expect(turn).toBeGreaterThanOrEqual(400);
    expect(turn).toBeLessThanOrEqual(432);
  });

  test('LOOP-11.2 comes after each callback that is slow', async () => {
    expect(await stepsBeforeImmediate(undefined, 10, 100)).toBeLessThanOrEqual(2);
  });

  test('LOOP-11.2 comes after as many milliseconds as sliceMs says', async () => {
    const turn = await stepsBeforeImmediate(100, 1, 1000);
    expect(turn).toBeGreaterThanOrEqual(100);
    expect(turn).toBeLessThanOrEqual(132);
  });

  test('LOOP-11.2 comes after each look at the clock with a sliceMs of 0', async () => {
    expect(await stepsBeforeImmediate(0, 0.01, 1000)).toBeLessThanOrEqual(32);
  });

  test('comes when nothing is ready any more with a sliceMs of Infinity', async () => {
    expect(await stepsBeforeImmediate(Infinity, 10, 1000)).toBe(1000);
  });

  test('LOOP-11.2 comes amid an iteration, which then goes on where it was', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: (number | string)[] = [];
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    for (let index = 0; index < 100; index++) {
      const step = (value: number): void => {
        host.now += 1;
        steps.push(value);
      };
      if (index % 3 === 0) loop.callSoon(step, index);
      else if (index % 3 === 1) loop.enqueue({ run: () => step(index) });
      else loop.callSoon((...args: number[]) => step(args[0] as number), index, 0, 0);
    }
    loop.callSoon(() => loop.callSoon(() => steps.push('next iteration')));
    await until(() => steps.at(-1) === 'next iteration');
    over = true;
    expect(steps).toEqual([...Array.from({ length: 100 }, (_, index) => index), 'next iteration']);
    expect(turns).toBeGreaterThanOrEqual(15);
  });

  test('LOOP-11.3 a flood does not keep the timers of the loop waiting', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    let steps = 0;
    let fired = -1;
    loop.callLater(1, () => {
      fired = steps;
    });
    flood(loop, () => {
      host.now += 0.01;
      steps++;
      return fired < 0 && steps < 10_000;
    });
    await until(() => fired >= 0 && loop.pending === 0);
    expect(fired).toBeGreaterThanOrEqual(99);
    expect(fired).toBeLessThanOrEqual(110);
  });

  test('what begins after a rest has a slice of its own', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    for (let round = 0; round < 5; round++) {
      host.now += 1000;
      let ran = false;
      loop.callSoon(() => {
        ran = true;
      });
      await microtasks();
      expect(ran).toBe(true);
    }
  });

  test('comes by messages where there are no immediates', async () => {
    const immediate = setImmediate;
    vi.stubGlobal('setImmediate', undefined);
    try {
      const loop = new WatchedHostLoop({ sliceMs: 0 });
      const steps: string[] = [];
      await new Promise<void>((resolve) => {
        flood(loop, () => {
          if (steps.push('step') < 100) return true;
          resolve();
          return false;
        });
        immediate(() => steps.push('immediate'));
      });
      expect(steps.indexOf('immediate')).toBeGreaterThan(0);
      expect(steps.indexOf('immediate')).toBeLessThan(100);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('timers', () => {
  test('LOOP-11.4 one timer of the host at most is set, for the first deadline', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const fired: number[] = [];
    for (const delay of [30, 10, 50, 10, 20, 40]) {
      loop.callLater(delay, () => fired.push(host.now));
      await microtasks();
    }
    expect([host.most, host.delays]).toEqual([1, [30, 10]]);
    while (host.timers.length > 0) {
      host.ring();
      await microtasks();
      expect(host.most).toBe(1);
    }
    expect(fired).toEqual([1010, 1010, 1020, 1030, 1040, 1050]);
    expect(host.delays).toEqual([30, 10, 10, 10, 10, 10]);
  });

  test('a hundred timers of one turn take one timer of the host', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    let fired = 0;
    for (let index = 0; index < 100; index++) loop.callLater(5 + (index % 10), () => fired++);
    for (let index = 0; index < 100; index++) loop.callLater(1, () => fired++).cancel();
    await microtasks();
    expect(host.delays).toEqual([5]);
    while (fired < 100) {
      host.ring();
      await hop();
      await hop();
    }
    expect([fired, host.delays.length, host.most]).toEqual([100, 10, 1]);
  });

  test('LOOP-3.1 what the host fires early is armed again', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const fired: number[] = [];
    loop.callLater(10, () => fired.push(host.now));
    await microtasks();
    for (const early of [0.7, 0.8, 0.7]) {
      host.ring(early);
      await microtasks();
      expect(fired).toEqual([]);
      expect(host.timers).toHaveLength(1);
    }
    expect(host.delays).toEqual([10, 1, 1, 1]);
    host.ring();
    await microtasks();
    expect(fired).toHaveLength(1);
    expect(fired[0]).toBeGreaterThanOrEqual(1010);
  });

  test('LOOP-3.1 a fraction of a millisecond is rounded up', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    loop.callLater(0.25, () => {});
    await microtasks();
    expect(host.delays).toEqual([1]);
    host.ring();
    await microtasks();
  });

  test('LOOP-3.8 a long delay is armed in pieces of 2³¹ - 1 milliseconds', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const fired: number[] = [];
    const longest = 2 ** 31 - 1;
    loop.callLater(2 * longest + 5, () => fired.push(host.now));
    await microtasks();
    for (const next of [longest, longest, 5]) {
      expect(host.timers.map(({ delayMs }) => delayMs)).toEqual([next]);
      expect(fired).toEqual([]);
      host.ring();
      await microtasks();
    }
    expect(fired).toEqual([1000 + 2 * longest + 5]);
  });

  test('LOOP-3.8 amid a long delay a shorter one is in time', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const long = loop.callLater(2 ** 40, () => {});
    await microtasks();
    loop.callLater(7, () => steps.push('short'));
    await microtasks();
    expect(host.timers.map(({ delayMs }) => delayMs)).toEqual([7]);
    host.ring();
    await microtasks();
    expect(steps).toEqual(['short']);
    expect(host.timers.map(({ delayMs }) => delayMs)).toEqual([2 ** 31 - 1]);
    long.cancel();
  });

  test('a timer that rings while the loop is at work is armed again afterwards', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.callLater(10, () => steps.push(`fired at ${host.now}`));
    await microtasks();
    loop.callSoon(() => {
      host.ring(5);
      steps.push('rang');
    });
    await microtasks();
    expect([steps, host.timers.length]).toEqual([['rang'], 1]);
    host.ring();
    await microtasks();
    expect(steps).toEqual(['rang', 'fired at 1010']);
  });

  test('what is due already needs no timer of the host', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.callLater(0, () => steps.push('zero'));
    loop.callLater(-5, () => steps.push('negative'));
    loop.callAt(0, () => steps.push('past'));
    await microtasks();
    expect([steps, host.delays]).toEqual([['past', 'negative', 'zero'], []]);
  });

  test('LOOP-11.4 the host’s timer keeps no process alive once the last of the loop is cancelled', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const alive = (): boolean[] => host.timers.map((timer) => timer.alive);
    const [first, second] = [loop.callLater(10, () => {}), loop.callLater(20, () => {})];
    await microtasks();
    expect(alive()).toEqual([true]);
    first.cancel();
    await microtasks();
    expect(alive()).toEqual([true]);
    second.cancel();
    await microtasks();
    expect(alive()).not.toContain(true);
    const fired: number[] = [];
    loop.callLater(30, () => fired.push(host.now));
    await microtasks();
    expect(alive()).toContain(true);
    expect(host.most).toBe(1);
    while (fired.length === 0) {
      host.ring();
      await microtasks();
    }
    expect([fired, alive()]).toEqual([[1030], []]);
  });

  test('LOOP-11.4 a timer that cannot be unref’d is cleared', async () => {
    const host = new FakeHost({ numbers: true });
    const loop = new WatchedHostLoop();
    const fired: number[] = [];
    const timer = loop.callLater(10, () => {});
    await microtasks();
    timer.cancel();
    await microtasks();
    expect(host.timers).toEqual([]);
    loop.callLater(20, () => fired.push(host.now));
    loop.callLater(20, () => fired.push(host.now));
    await microtasks();
    host.ring();
    await microtasks();
    expect([fired, host.timers, host.most]).toEqual([[1020, 1020], [], 1]);
  });

  test('LOOP-9.14 close() clears the host’s timer', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const timer = loop.callLater(10, () => {});
    await microtasks();
    loop.close();
    expect(host.timers).toEqual([]);
    timer.cancel();
    await microtasks();
    expect(host.timers).toEqual([]);
  });
});

describe('callbacks', () => {
  test.each<[string, unknown[]]>([
    ['none', []],
    ['one', [1]],
    ['undefined', [undefined]],
    ['null', [null]],
    ['a function', [Math.max]],
    ['two', [1, 2]],
    ['two, both undefined', [undefined, undefined]],
    ['many', Array.from({ length: 50 }, (_, index) => index)],
  ])('LOOP-1.4 LOOP-3.5 get exactly the arguments that were given: %s', async (_, args) => {
    const loop = new WatchedHostLoop();
    const calls: unknown[] = [];
    function callback(this: unknown, ...given: unknown[]): void {
      calls.push([this, given.length, given]);
    }
    loop.callSoon(callback, ...args);
    loop.callLater(0, callback, ...args);
    loop.callAt(0, callback, ...args);
    await microtasks();
    const expected = [undefined, args.length, args];
    expect(calls).toEqual([expected, expected, expected]);
  });

  test('LOOP-1.1 a runnable that is a function is run, and takes nobody’s place', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const callable = Object.assign(() => steps.push('called'), { run: () => steps.push('run') });
    loop.enqueue(callable);
    loop.enqueue({ run: () => steps.push('another') });
    loop.callSoon(callable);
    loop.callSoon(() => steps.push('callSoon'));
    await settle(loop);
    expect(steps).toEqual(['run', 'another', 'called', 'callSoon']);
  });

  test('LOOP-1.5 however many there were, each runs once, and what they took is given back', async () => {
    class Slots extends WatchedHostLoop {
      get slots(): number {
        return Math.max(this.ready.length, this.batch.length);
      }
    }
    const loop = new Slots();
    let runs = 0;
    const burst = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) loop.callSoon(() => runs++);
      await until(() => loop.pending === 0);
    };
    await burst(20_000);
    expect(runs).toBe(20_000);
    for (let round = 0; round < 3; round++) await burst(10);
    expect([runs, loop.slots < 10_000]).toEqual([20_030, true]);
    await burst(20_000);
    await burst(100);
    expect(runs).toBe(40_130);
  });

  test('LOOP-10.1 LOOP-10.2 the running loop is theirs, and what it was before', async () => {
    const [loop, other] = [new WatchedHostLoop(), new WatchedHostLoop()];
    const seen: unknown[] = [];
    loop.callSoon(() => {
      seen.push(realm.running === loop);
      other.callSoon(() => seen.push(realm.running === other));
      throw new Error('far');
    });
    await settle(loop);
    expect([seen, realm.running]).toEqual([[true, true], undefined]);
    expect(loop.takeReports()).toHaveLength(1);
  });
});

describe('handles', () => {
  const note = (steps: string[], text: string) => (): void => void steps.push(text);

  test('LOOP-4.1 LOOP-4.4 cancelled before its iteration, a callback does not run', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const handles = ['a', 'b', 'c'].map((name) => loop.callSoon(note(steps, name)));
    handles.push(loop.callSoon((...names: string[]) => steps.push(...names), 'd', 'e'));
    handles[1]?.cancel();
    handles[3]?.cancel();
    expect(handles.map((handle) => handle.cancelled())).toEqual([false, true, false, true]);
    await settle(loop);
    expect(steps).toEqual(['a', 'c']);
    expect(handles.map((handle) => handle.cancelled())).toEqual([false, true, false, true]);
  });

  test('LOOP-4.2 cancelled in its iteration, by one before it', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      late.cancel();
      many.cancel();
      timer.cancel();
    });
    const late = loop.callSoon((text: string) => steps.push(text), 'late');
    const many = loop.callSoon((...texts: string[]) => steps.push(...texts), 'many', 'arguments');
    const timer = loop.callLater(0, note(steps, 'timer'));
    loop.callSoon(note(steps, 'last'));
    await settle(loop);
    expect(steps).toEqual(['last']);
  });

  test('LOOP-4.3 cancelled by itself or after it ran, nothing changes, also for who has its place by then', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const own = loop.callSoon(() => own.cancel());
    const early = loop.callSoon(note(steps, 'early'));
    loop.callSoon(() => {
      early.cancel();
      early.cancel();
    });
    await settle(loop);
    for (let round = 0; round < 4; round++) {
      for (const name of ['a', 'b', 'c']) loop.callSoon(note(steps, name));
      own.cancel();
      early.cancel();
      await settle(loop);
      early.cancel();
    }
    expect(steps).toEqual(['early', ...Array.from({ length: 4 }, () => ['a', 'b', 'c']).flat()]);
    expect([own.cancelled(), early.cancelled()]).toEqual([true, true]);
  });

  test('LOOP-4.1 cancelled after thousands of others were scheduled', async () => {
    const loop = new WatchedHostLoop({ sliceMs: Infinity });
    const runs: number[] = [];
    const handles = Array.from({ length: 5000 }, (_, index) =>
      loop.callSoon((at: number) => runs.push(at), index),
    );
    for (const [index, handle] of handles.entries()) if (index % 100 !== 7) handle.cancel();
    await settle(loop);
    expect(runs).toEqual(Array.from({ length: 50 }, (_, index) => index * 100 + 7));
  });

  test('LOOP-3.6 LOOP-3.7 a timer says when it is due, also when it is over', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const timers = [loop.callLater(5, () => {}), loop.callAt(1234.5, () => {}), loop.callLater(-5, () => {})];
    timers[1]?.cancel();
    expect(timers.map((timer) => timer.when())).toEqual([1005, 1234.5, 995]);
    await microtasks();
    host.ring();
    await microtasks();
    expect(timers.map((timer) => timer.when())).toEqual([1005, 1234.5, 995]);
    expect(timers.map((timer) => timer.cancelled())).toEqual([false, true, false]);
  });

  test('cancelled, a timer keeps neither its callback nor its arguments alive', async () => {
    const loop = new WatchedHostLoop();
    let held: object | undefined = {};
    const seen = new WeakRef(held);
    const timer = loop.callLater(60_000, nothing, held);
    const pair = loop.callSoon(nothing, held, held);
    timer.cancel();
    pair.cancel();
    held = undefined;
    expect(await collected(() => seen.deref() === undefined)).toBe(true);
    expect([timer.cancelled(), pair.cancelled()]).toEqual([true, true]);
  });
});

describe('what callbacks throw', () => {
  test('LOOP-6.1 LOOP-6.2 is reported with its callback; the iteration and the loop go on', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const guilty: (...args: unknown[]) => void = () => {
      throw new RangeError('far');
    };
    class Step {
      run(): void {
        const text: unknown = 'a text';
        throw text;
      }
    }
    loop.callSoon(guilty);
    loop.callSoon(() => steps.push('same iteration'));
    loop.callSoon(guilty, 1, 2);
    loop.enqueue(new Step());
    loop.callLater(0, guilty);
    loop.callSoon(() => loop.callSoon(() => steps.push('next iteration')));
    await settle(loop);
    expect(steps).toEqual(['same iteration', 'next iteration']);
    const reports = loop.takeReports();
    expect(reports.map(({ message, exception }) => [message, String(exception)])).toEqual([
      ['Exception in callback guilty()', 'RangeError: far'],
      ['Exception in callback guilty()', 'RangeError: far'],
      ['Exception in callback Step()', 'a text'],
      ['Exception in callback guilty()', 'RangeError: far'],
    ]);
    expect(reports.every(({ handle }) => typeof (handle as { run?: unknown }).run === 'function')).toBe(true);
  });

  test.each([undefined, null, 1, {}, Object.create(null), () => {}])(
    'LOOP-6.2 what cannot be run is reported, and the loop goes on',
    async (bad) => {
      const loop = new WatchedHostLoop();
      const steps: string[] = [];
      loop.enqueue(bad as never);
      loop.callSoon(() => steps.push('same iteration'));
      await settle(loop);
      loop.callSoon(() => steps.push('later'));
      await settle(loop);
      expect(steps).toEqual(['same iteration', 'later']);
      expect(loop.takeReports().map(({ exception }) => (exception as Error).name)).toEqual(['TypeError']);
    },
  );

  test.each([undefined, null, 5, {}])('LOOP-6.3 a report of %j is one nevertheless', (context) => {
    const loop = new HostLoop();
    const { logger, errors } = makeLogger();
    setLogger(logger);
    loop.callExceptionHandler(context as never);
    setLogger(null);
    loop.close();
    expect(errors).toHaveLength(1);
  });

  test.each([new HostLoop(), new HostScheduler()])(
    'LOOP-6.3 what the logger throws is the host’s to report',
    (loop) => {
      const hostReports = vi.spyOn(Promise, 'reject').mockReturnValue(Promise.resolve());
      const error = new Error('no disk');
      const { logger } = makeLogger();
      logger.error = () => {
        throw error;
      };
      setLogger(logger);
      loop.callExceptionHandler({ message: 'by hand' });
      setLogger(null);
      const reported = hostReports.mock.calls;
      vi.restoreAllMocks();
      expect(reported).toEqual([[error]]);
    },
  );

  test('LOOP-6.2 a runnable without a prototype is reported as any other', async () => {
    const loop = new WatchedHostLoop();
    const bare = Object.assign(Object.create(null) as object, {
      run() {
        throw new Error('bare');
      },
    });
    loop.enqueue(bare);
    await settle(loop);
    expect(loop.takeReports()).toMatchObject([
      { message: 'Exception in callback anonymous()', handle: bare },
    ]);
  });
});

describe('runForever', () => {
  test('LOOP-9.1 LOOP-9.9 ends with the iteration in which stop() was called; what it scheduled goes on', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.callSoon(() => {
      loop.callSoon(() => steps.push('next iteration'));
      loop.stop();
      steps.push(`stopped ${loop.isRunning()}`);
    });
    loop.callSoon(() => steps.push('same iteration'));
    const run = loop.runForever().then(() => steps.push('over'));
    expect(loop.isRunning()).toBe(true);
    await run;
    expect(loop.isRunning()).toBe(false);
    await hop();
    await hop();
    expect(steps).toEqual(['stopped true', 'same iteration', 'over', 'next iteration']);
  });

  test('LOOP-9.1 is ended by stop() from outside a callback, though nothing is scheduled', async () => {
    const loop = new WatchedHostLoop();
    setImmediate(() => loop.stop());
    await loop.runForever();
    expect(loop.isRunning()).toBe(false);
  });

  test('LOOP-9.2 LOOP-9.6 stop() before ends it after one iteration, and only it', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    loop.stop();
    loop.callSoon(() => {
      steps.push('iteration');
    });
    await loop.runForever();
    expect(steps).toEqual(['iteration']);
    loop.stop();
    await hop();
    await loop.runForever();
    const run = loop.runForever();
    await hop();
    expect(loop.isRunning()).toBe(true);
    loop.stop();
    await run;
  });

  test('LOOP-9.7 LOOP-9.11 a second run and close() are refused meanwhile', async () => {
    const loop = new WatchedHostLoop();
    const run = loop.runForever();
    const running = { message: 'This event loop is already running', code: 'LOOP_RUNNING' };
    await expect(loop.runForever()).rejects.toMatchObject(running);
    await expect(loop.runUntilComplete(new Outcome(loop))).rejects.toMatchObject(running);
    expect(thrownBy(() => loop.close())).toMatchObject({
      message: 'Cannot close a running event loop',
      code: 'LOOP_RUNNING',
    });
    expect([loop.isRunning(), loop.isClosed()]).toEqual([true, false]);
    loop.stop();
    await run;
  });

  test('two loops may run at once', async () => {
    const loops = [new WatchedHostLoop(), new WatchedHostLoop()];
    const runs = loops.map((loop) => loop.runForever());
    expect(loops.map((loop) => loop.isRunning())).toEqual([true, true]);
    for (const loop of loops) loop.callSoon(() => loop.stop());
    await Promise.all(runs);
    expect(loops.map((loop) => loop.isRunning())).toEqual([false, false]);
  });

  test('leaves the host’s interval that keeps the process alive cleared', async () => {
    const set = vi.spyOn(globalThis, 'setInterval');
    const clear = vi.spyOn(globalThis, 'clearInterval');
    try {
      const loop = new WatchedHostLoop();
      const run = loop.runForever();
      const [interval] = set.mock.results;
      expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([2 ** 31 - 1]);
      expect(clear).not.toHaveBeenCalled();
      for (const [tick] of set.mock.calls) tick();
      loop.stop();
      await run;
      expect(clear.mock.calls).toEqual([[interval?.value]]);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('runUntilComplete', () => {
  test('LOOP-9.3 gives the result, or rejects with what it failed with', async () => {
    const loop = new WatchedHostLoop();
    const error = new Error('far');
    const [good, bad] = [new Outcome<string>(loop), new Outcome<string>(loop)];
    loop.callLater(1, () => {
      good.resolve('result');
      bad.fail(error);
    });
    for (const state of ['pending', 'done']) {
      expect([state, await loop.runUntilComplete(good)]).toEqual([state, 'result']);
      expect(await loop.runUntilCompleteAsync(good)).toBe('result');
      await expect(loop.runUntilComplete(bad)).rejects.toBe(error);
    }
    expect([good.waiters(), bad.waiters(), loop.isRunning()]).toEqual([0, 0, false]);
  });

  test('LOOP-9.3 waits for a promise too, also if the loop ends before it', async () => {
    const loop = new WatchedHostLoop();
    expect(await loop.runUntilComplete(Promise.resolve('result'))).toBe('result');
    await expect(loop.runUntilComplete(Promise.reject(new Error('far')))).rejects.toThrow('far');
    let settle = (): void => {};
    const late = new Promise<void>((resolve) => {
      settle = resolve;
    });
    loop.callSoon(() => loop.stop());
    await expect(loop.runUntilComplete(late)).rejects.toMatchObject({ code: 'LOOP_STOPPED' });
    loop.close();
    settle();
    await hop();
  });

  test('LOOP-9.4 LOOP-9.5 stopped before, rejects and leaves no callback', async () => {
    const loop = new WatchedHostLoop();
    const main = new Outcome<string>(loop);
    loop.callSoon(() => loop.stop());
    await expect(loop.runUntilComplete(main)).rejects.toMatchObject({
      message: 'Event loop stopped before Future completed.',
      code: 'LOOP_STOPPED',
    });
    expect(main.waiters()).toBe(0);
  });

  test('LOOP-9.10 refuses what cannot be waited for, and nothing has changed', async () => {
    const loop = new WatchedHostLoop();
    await expect(loop.runUntilComplete({} as never)).rejects.toThrow(
      new TypeError(
        'main must be a future, a promise or, once @aiokit/task is loaded, a coroutine, got [object Object]',
      ),
    );
    expect([loop.isRunning(), loop.pending]).toEqual([false, 0]);
  });
});

describe('close', () => {
  test('LOOP-9.13 LOOP-9.14 drops what is scheduled, and refuses everything from then on', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const note: (...args: unknown[]) => void = () => void steps.push('ran');
    const handles = [
      loop.callSoon(note),
      loop.callSoon(note, 1, 2),
      loop.callLater(0, note),
      loop.callLater(1, note),
    ];
    loop.enqueue({ run: note });
    expect(loop.isClosed()).toBe(false);
    loop.close();
    loop.close();
    expect([loop.isClosed(), loop.isRunning()]).toEqual([true, false]);
    const closed = { message: 'Event loop is closed', code: 'LOOP_CLOSED' };
    for (const schedule of [
      () => loop.callSoon(note),
      () => loop.callSoon(note, 1, 2),
      () => loop.callLater(1, note),
      () => loop.callAt(1, note),
      () => loop.enqueue({ run: note }),
    ]) {
      expect(thrownBy(schedule)).toMatchObject(closed);
      expect(thrownBy(schedule)).toMatchObject(closed);
    }
    await expect(loop.runForever()).rejects.toMatchObject(closed);
    await expect(loop.runUntilComplete(new Outcome(loop))).rejects.toMatchObject(closed);
    expect(() => loop.stop()).not.toThrow();
    for (const handle of handles) handle.cancel();
    await hop();
    await hop();
    expect(steps).toEqual([]);
  });

  test('LOOP-9.14 amid an iteration, the rest of it does nothing', async () => {
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    const late: (...args: unknown[]) => void = () => void steps.push('late');
    loop.callSoon(() => {
      loop.close();
      steps.push('closed');
      throw new Error('after close');
    });
    loop.callSoon(late);
    loop.enqueue({ run: late });
    loop.callSoon(late, 1, 2);
    loop.callSoon(late);
    loop.callLater(0, late);
    await hop();
    await hop();
    expect([steps, realm.running]).toEqual([['closed'], undefined]);
    expect(loop.takeReports().map(({ exception }) => String(exception))).toEqual(['Error: after close']);
  });

  test('LOOP-9.14 amid an iteration that the host interrupts', async () => {
    const host = new FakeHost();
    const loop = new WatchedHostLoop();
    const steps: string[] = [];
    for (let index = 0; index < 20; index++) {
      loop.callSoon(() => {
        host.now += 3;
        steps.push('ran');
      });
    }
    setImmediate(() => loop.close());
    await hop();
    await hop();
    await hop();
    expect(loop.isClosed()).toBe(true);
    expect(steps.length).toBeLessThan(20);
    const { length } = steps;
    for (let round = 0; round < 5; round++) await hop();
    expect(steps).toHaveLength(length);
  });

  test('tells who listens, while what the loop holds is still there', () => {
    const loop = new WatchedHostLoop();
    const told: unknown[] = [];
    const listener = (closing: unknown): void =>
      void told.push([closing === loop, loop.isClosed(), loop.pending]);
    loop.callLater(60_000, () => {});
    realm.closing ??= new Set();
    realm.closing.add(listener);
    loop.close();
    loop.close();
    realm.closing.delete(listener);
    expect(told).toEqual([[true, false, 1]]);
  });

  test('keeps nothing alive that was scheduled, or refused', async () => {
    const loop = new WatchedHostLoop();
    const seen: WeakRef<object>[] = [];
    const held = (): object => {
      const made = { run() {} };
      seen.push(new WeakRef(made));
      return made;
    };
    loop.callSoon(nothing, held());
    loop.callSoon(nothing, held(), held());
    loop.callLater(60_000, nothing, held());
    loop.enqueue(held() as never);
    await hop();
    loop.callSoon(nothing, held());
    loop.close();
    thrownBy(() => loop.enqueue(held() as never));
    thrownBy(() => loop.callSoon(nothing, held(), held()));
    thrownBy(() => loop.callLater(1, nothing, held()));
    await hop();
    const left = (): number => seen.filter((ref) => ref.deref() !== undefined).length;
    await collected(() => left() === 0);
    expect([left(), loop.isClosed()]).toEqual([0, true]);
  });

  test('is not kept alive by the host’s timer', async () => {
    const seen = (() => {
      const loop = new HostLoop();
      loop.callLater(3_600_000, () => {});
      setImmediate(() => loop.close());
      return new WeakRef(loop);
    })();
    await hop();
    expect(await collected(() => seen.deref() === undefined)).toBe(true);
  });
});

describe('a process', () => {
  test('LOOP-11.4 is kept by runForever, and not by runUntilComplete', { timeout: 60_000 }, () => {
    const program = (text: string): { status: number | null; printed: string } =>
      runProgram(`
        import { HostLoop, setEventLoop } from '@aiokit/loop-core';
        import { WaitQueue } from '@aiokit/loop-core/wait-queue';
        const loop = new HostLoop();
        setEventLoop(loop);
        process.once('beforeExit', () => console.log('nothing left'));
        ${text}
      `);
    expect(program('loop.runUntilComplete(new WaitQueue({}).join());')).toEqual({
      status: 0,
      printed: 'nothing left\n',
    });
    const forever =
      'setTimeout(() => loop.stop(), 1).unref(); loop.runForever().then(() => console.log("stopped"));';
    expect(program(forever)).toEqual({ status: 0, printed: 'stopped\nnothing left\n' });
  });

  test('LOOP-11.4 with nothing but cancelled timers ends at once', { timeout: 60_000 }, () => {
    expect(
      runProgram(`
        import { HostLoop } from '@aiokit/loop-core';
        const loop = new HostLoop();
        const timers = [1, 2, 3].map((hours) => loop.callLater(hours * 3_600_000, () => console.log('fired')));
        setTimeout(() => {
          for (const timer of timers) timer.cancel();
          console.log('cancelled');
        }, 1);
      `),
    ).toEqual({ status: 0, printed: 'cancelled\n' });
  });

  test('LOOP-11.4 with a closed loop ends at once', { timeout: 60_000 }, () => {
    expect(
      runProgram(`
        import { HostLoop } from '@aiokit/loop-core';
        const loop = new HostLoop();
        loop.callLater(3_600_000, () => console.log('fired'));
        loop.callSoon(() => loop.close());
      `),
    ).toEqual({ status: 0, printed: '' });
  });

  test('lives until its timers have fired, and while runForever is at work', { timeout: 60_000 }, () => {
    expect(
      runProgram(`
        import { HostLoop } from '@aiokit/loop-core';
        const loop = new HostLoop();
        loop.callLater(2, () => {}).cancel();
        loop.callLater(3, async () => {
          console.log('fired');
          setTimeout(() => loop.stop(), 5).unref();
          await loop.runForever();
          console.log('stopped');
        });
      `),
    ).toEqual({ status: 0, printed: 'fired\nstopped\n' });
  });

  test('ends though there are no immediates and the loop yielded by messages', { timeout: 60_000 }, () => {
    expect(
      runProgram(`
        import { HostLoop } from '@aiokit/loop-core';
        delete globalThis.setImmediate;
        const loop = new HostLoop({ sliceMs: 0 });
        let steps = 0;
        const step = () => (++steps < 100 ? loop.callSoon(step) : console.log('over'));
        step();
      `),
    ).toEqual({ status: 0, printed: 'over\n' });
  });

  test('LOOP-6.3 goes on though its logger throws; that is the host’s to report', { timeout: 60_000 }, () => {
    const { status, printed } = runProgram(`
      import { HostLoop, HostScheduler, realm, setLogger } from '@aiokit/loop-core';
      process.on('unhandledRejection', (error) => console.log('host:', error.message));
      setLogger({ ...console, error() { throw new Error('no disk'); } });
      for (const loop of [new HostLoop(), new HostScheduler()]) {
        loop.callSoon(() => { throw new Error('in the callback'); });
        loop.callSoon(() => console.log('same iteration'));
        await new Promise((resolve) => setImmediate(resolve));
        loop.callSoon(() => console.log('later'));
        await new Promise((resolve) => setImmediate(resolve));
        console.log(realm.running);
        loop.callExceptionHandler({ message: 'by hand' });
      }
    `);
    const steps = 'same iteration\nlater\nundefined\n'.repeat(2);
    expect([status, printed.replaceAll('host: no disk\n', '')]).toEqual([0, steps]);
    expect(printed).toContain('host: no disk');
  });
});

describe('memory', () => {
  test('a pending callback of one argument or none keeps no object of the loop alive', async () => {
    const { gc } = globalThis as unknown as { gc: () => void };
    const loop = new HostLoop();
    const count = 100_000;
    const used = (): number => {
      gc();
      gc();
      return process.memoryUsage().heapUsed;
    };
    for (let index = 0; index < count; index++) loop.callSoon(nothing);
    await hop();
    await hop();
    const before = used();
    for (let index = 0; index < count / 2; index++) {
      loop.callSoon(nothing);
      loop.callSoon(nothing, index);
    }
    const bytes = (used() - before) / count;
    loop.close();
    expect(bytes).toBeLessThanOrEqual(24);
  });
});

describe('as text', () => {
  test('a loop is shown as asyncio shows it', async () => {
    const loop = new HostLoop();
    expect(String(loop)).toBe('<HostLoop running=false closed=false debug=false>');
    const run = loop.runForever();
    expect(String(loop)).toBe('<HostLoop running=true closed=false debug=false>');
    loop.stop();
    await run;
    loop.close();
    const { inspect } = await import('node:util');
    expect(inspect(loop)).toBe('<HostLoop running=false closed=true debug=false>');
  });

  test.each<[unknown, string]>([
    [-1, 'RangeError: sliceMs must be a number of milliseconds, 0 or more, got -1'],
    [Number.NaN, 'RangeError: sliceMs must be a number of milliseconds, 0 or more, got NaN'],
    ['4', "TypeError: sliceMs must be a number of milliseconds, 0 or more, got '4'"],
    [null, 'TypeError: sliceMs must be a number of milliseconds, 0 or more, got null'],
  ])('a sliceMs of %s is refused by name', (sliceMs, error) => {
    expect(String(thrownBy(() => new HostLoop({ sliceMs: sliceMs as number })))).toBe(error);
    expect(() => new HostLoop({ sliceMs: undefined as never })).not.toThrow();
  });
});
