import { getEventLoop, type HostLoop, realm, setEventLoop } from '@aiokit/loop-core';
import { install } from '@aiokit/debug';
import { Future } from '@aiokit/future';
import type { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterAll, assert, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadCopy } from './second-copy.js';
import { watchWarnings } from './watch-warnings.js';
import { hop, thrownBy, WatchedHostLoop, WatchedVirtualLoop } from '../../loop-core/test/watched-loops.js';

const checkHooks = (): void => assert.equal(realm.hooks, undefined, 'hooks that a test left');

beforeEach(checkHooks);

afterAll(checkHooks);

/** A clock of the host that the test moves. */
function fakeClock(): { now: number } {
  const clock = { now: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  onTestFinished(() => void vi.restoreAllMocks());
  return clock;
}

/** Turns debug mode on until the end of the test. */
function debugged<L extends HostLoop | VirtualLoop>(loop: L): L {
  loop.setDebug(true);
  onTestFinished(() => loop.close());
  return loop;
}

const COROUTINE_FUNCTIONS = {
  'an async function': async () => {},
  'a generator function': function* () {},
  'an async generator function': async function* () {},
};

describe('slow callbacks', () => {
  test('DEBUG-1 are named, with the time they took', async () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const loop = debugged(new WatchedHostLoop());
    function f(ms: number): void {
      clock.now += ms;
    }
    loop.callSoon(f, 123.4);
    loop.callSoon(f, 99.9);
    loop.callSoon(f, 100);
    loop.callAt(0, f, 2500);
    const task = { run: () => f(150), toString: () => '<Task pending>' };
    loop.enqueue(task);
    loop.callSoon((_: number, ms: number) => f(ms), 1, 101);
    for (let round = 0; round < 10; round++) await hop();
    expect(warnings).toEqual([
      'Executing <Handle f()> took 0.123 seconds',
      'Executing <Handle f()> took 0.100 seconds',
      'Executing <Task pending> took 0.150 seconds',
      'Executing <Handle anonymous()> took 0.101 seconds',
      'Executing <TimerHandle when=0 f()> took 2.500 seconds',
    ]);
  });

  test('DEBUG-1 are those of slowCallbackDurationMs and more', () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const loop = debugged(new WatchedVirtualLoop());
    loop.slowCallbackDurationMs = 5;
    for (const ms of [4, 5]) {
      loop.callSoon(function f() {
        clock.now += ms;
      });
    }
    loop.runUntilIdle();
    expect(warnings).toEqual(['Executing <Handle f()> took 0.005 seconds']);
  });

  test('DEBUG-1 are reported also if they throw, and if they were scheduled before', () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const loop = new WatchedVirtualLoop();
    loop.callSoon(function early() {
      clock.now += 200;
    });
    loop.callSoon(function fails() {
      clock.now += 300;
      throw new Error('far');
    });
    debugged(loop).runUntilIdle();
    expect(loop.takeReports()).toHaveLength(1);
    expect(warnings).toEqual([
      'Executing <Handle early()> took 0.200 seconds',
      'Executing <Handle fails()> took 0.300 seconds',
    ]);
  });

  test.each([undefined, () => 0])(
    'DEBUG-1 are not those that debug mode began or ended in (oracle: %s)',
    (choose) => {
      const clock = fakeClock();
      const warnings = watchWarnings({ slow: true });
      const loop = debugged(new WatchedVirtualLoop(choose ? { choose } : {}));
      loop.setDebug(false);
      const toggle = (enabled: boolean): void => {
        clock.now += 500;
        loop.setDebug(enabled);
        clock.now += 500;
      };
      loop.callSoon(toggle, true);
      loop.callSoon(toggle, false);
      loop.runUntilIdle();
      loop.callSoon(toggle, true);
      loop.runUntilIdle();
      expect(warnings).toEqual([]);
      loop.callSoon(function f() {
        clock.now += 500;
      });
      loop.runUntilIdle();
      expect(warnings).toEqual(['Executing <Handle f()> took 0.500 seconds']);
    },
  );

  test('DEBUG-1 are reported under an oracle', () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const loop = debugged(new WatchedVirtualLoop({ choose: (_, n) => n - 1 }));
    const step = {
      run() {
        clock.now += 1000;
        throw new Error('far');
      },
      toString: () => '<Step>',
    };
    loop.enqueue(step);
    loop.enqueue({ run() {} });
    loop.runUntilIdle();
    expect(loop.takeReports()).toHaveLength(1);
    expect(warnings).toEqual(['Executing <Step> took 1.000 seconds']);
  });
});

describe('callbacks', () => {
  describe.each(Object.entries(COROUTINE_FUNCTIONS))('%s', (_, callback) => {
    test.each([
      ['HostLoop', () => new WatchedHostLoop()],
      ['VirtualLoop', () => new WatchedVirtualLoop()],
      ['VirtualLoop with an oracle', () => new WatchedVirtualLoop({ choose: () => 0 })],
    ])('DEBUG-1 is refused on a %s, and nothing is scheduled', (_name, make) => {
      const loop = debugged<HostLoop | VirtualLoop>(make());
      const given = callback as never;
      expect(thrownBy(() => loop.callSoon(given))).toEqual(
        new TypeError('coroutines cannot be used with callSoon()'),
      );
      for (const schedule of [() => loop.callLater(1, given), () => loop.callAt(1, given)]) {
        expect(thrownBy(schedule)).toEqual(new TypeError('coroutines cannot be used with callAt()'));
      }
      expect(thrownBy(() => loop.callSoon(1 as never))).toEqual(
        new TypeError('callback must be a function, got 1'),
      );
    });
  });

  test('DEBUG-1 are as good as ever otherwise, classes and bound functions included', () => {
    const loop = debugged(new WatchedVirtualLoop());
    const steps: unknown[] = [];
    loop.callSoon(steps.push.bind(steps, 'bound'));
    loop.callSoon((...args: unknown[]) => steps.push(args), 1, undefined);
    loop.callLater(1, () => steps.push('timer'));
    const cancelled = loop.callSoon(() => steps.push('cancelled'));
    cancelled.cancel();
    loop.runUntilIdle();
    expect([steps, cancelled.cancelled()]).toEqual([['bound', [1, undefined], 'timer'], true]);
  });

  test('DEBUG-1 are not looked at without debug mode', async () => {
    const loop = new WatchedHostLoop();
    let ran = false;
    // eslint-disable-next-line typescript/no-misused-promises -- the mistake that debug mode finds
    loop.callSoon(async () => {
      ran = true;
      await Promise.resolve();
    });
    await hop();
    expect(ran).toBe(true);
  });
});

describe('where things were made', () => {
  test('DEBUG-1 a report says where the callback was scheduled', () => {
    const loop = debugged(new WatchedVirtualLoop());
    const fail = (): void => {
      throw new Error('far');
    };
    (function scheduler() {
      loop.callSoon(fail);
    })();
    (function timerMaker() {
      loop.callLater(1, fail);
    })();
    loop.runUntilIdle();
    const [soon, later] = loop.takeReports();
    expect(soon?.handleTraceback).toMatch(/^ +at scheduler .*debug-mode\.test\.ts:/);
    expect(later?.handleTraceback).toMatch(/^ +at timerMaker .*debug-mode\.test\.ts:/);
    expect(soon?.handleTraceback).not.toMatch(/Error/);
    expect(soon?.sourceTraceback).toBe(undefined);
  });

  test('DEBUG-1 a report says where the future or task was made', () => {
    const loop = debugged(new WatchedVirtualLoop());
    const [future, unknown] = [new Future({ loop }), new Future({ loop })];
    (function maker() {
      realm.hooks?.created?.(future);
    })();
    for (const context of [{ future }, { task: future }, { future: unknown }, {}]) {
      loop.callExceptionHandler({ message: 'm', ...context });
    }
    const traces = loop.takeReports().map(({ sourceTraceback }) => sourceTraceback);
    expect(traces[0]).toMatch(/^ +at maker .*debug-mode\.test\.ts:/);
    expect([traces[1], traces[3]]).toEqual([traces[0], undefined]);
    expect(traces[2]).not.toMatch(/at maker/);
  });

  test('DEBUG-1 a report may be frozen, and one that says so itself is believed', () => {
    const loop = debugged(new WatchedVirtualLoop());
    loop.callExceptionHandler(Object.freeze({ message: 'm', sourceTraceback: 'here' }));
    expect(loop.takeReports()).toMatchObject([{ message: 'm', sourceTraceback: 'here' }]);
  });

  test('DEBUG-1 ten frames are kept, however deep the stack is', () => {
    const loop = debugged(new WatchedVirtualLoop());
    const limit = Error.stackTraceLimit;
    const deep = (levels: number): void => {
      if (levels > 0) return deep(levels - 1);
      loop.callSoon(() => {
        throw new Error('far');
      });
    };
    deep(50);
    expect(Error.stackTraceLimit).toBe(limit);
    loop.runUntilIdle();
    const [report] = loop.takeReports();
    expect(report?.handleTraceback?.split('\n')).toHaveLength(10);
  });

  test('DEBUG-1 a host whose errors know no limit will do', () => {
    const loop = debugged(new WatchedVirtualLoop());
    const host = Error as { stackTraceLimit?: number | undefined };
    const { stackTraceLimit } = host;
    delete host.stackTraceLimit;
    try {
      loop.callLater(0, () => {
        throw new Error('far');
      });
    } finally {
      host.stackTraceLimit = stackTraceLimit;
    }
    expect(host.stackTraceLimit).toBe(stackTraceLimit);
    loop.runUntilIdle();
    expect(loop.takeReports()).toHaveLength(1);
  });
});

describe('debug mode', () => {
  test('DEBUG-1 is off at first, and turned off leaves no hooks', () => {
    const loop = new WatchedVirtualLoop();
    expect([loop.getDebug(), realm.hooks]).toEqual([false, undefined]);
    loop.setDebug(true);
    expect([loop.getDebug(), typeof realm.hooks]).toEqual([true, 'object']);
    expect(String(loop)).toContain('debug=true');
    loop.setDebug(true);
    loop.setDebug(false);
    expect([loop.getDebug(), realm.hooks]).toEqual([false, undefined]);
  });

  test.each([undefined, 1, 'true', null])('DEBUG-1 %j is refused by name, and nothing has changed', (bad) => {
    const loop = new WatchedVirtualLoop();
    const shown = typeof bad === 'string' ? `'${bad}'` : String(bad);
    expect(thrownBy(() => loop.setDebug(bad as never))).toEqual(
      new TypeError(`enabled must be true or false, got ${shown}`),
    );
    expect([loop.getDebug(), realm.hooks]).toEqual([false, undefined]);
  });

  test('DEBUG-1 is of one loop: another is not slowed, watched or traced', () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const [loop, other] = [debugged(new WatchedVirtualLoop()), new WatchedVirtualLoop()];
    for (const one of [loop, other]) {
      one.callSoon(function slow() {
        clock.now += 200;
        throw new Error('far');
      });
      realm.hooks?.created?.(new Future({ loop: one }));
      one.runUntilIdle();
    }
    expect(warnings).toEqual(['Executing <Handle slow()> took 0.200 seconds']);
    expect(loop.takeReports()[0]?.handleTraceback).toMatch(/ at /);
    expect(other.takeReports()[0]?.handleTraceback).toBe(undefined);
    other.setDebug(true);
    loop.setDebug(false);
    expect(typeof realm.hooks).toBe('object');
    other.setDebug(false);
  });

  test('DEBUG-1 is for a framework’s loop what that asks of it', () => {
    const clock = fakeClock();
    const warnings = watchWarnings({ slow: true });
    const time = () => 0;
    const item = function step() {};
    const [quiet, slow] = [{ time }, { time, slowCallbackDurationMs: 5 }].map((more) => more as HostLoop);
    for (const loop of [quiet, slow] as HostLoop[]) {
      realm.debug?.(loop, true);
      realm.hooks?.before?.(loop, item);
      clock.now += 60_000;
      realm.hooks?.after?.(loop, item);
      realm.debug?.(loop, false);
    }
    expect(warnings).toEqual(['Executing <Handle step()> took 60.000 seconds']);
  });

  test('DEBUG-1 ends with the loop', () => {
    const loop = new WatchedVirtualLoop();
    loop.setDebug(true);
    loop.close();
    expect(realm.hooks).toBe(undefined);
  });

  test('DEBUG-1 leaves another package’s hooks alone', () => {
    const hooks = {};
    realm.hooks = hooks;
    const loop = new WatchedVirtualLoop();
    loop.setDebug(true);
    expect(realm.hooks).toBe(hooks);
    loop.setDebug(false);
    expect(realm.hooks).toBe(hooks);
    realm.hooks = undefined;
  });

  test('DEBUG-1 is asked for as often as one likes', () => {
    install();
    install();
    const { size } = realm.closing as Set<unknown>;
    install();
    expect(realm.closing?.size).toBe(size);
  });

  test('DEBUG-1 may come with two copies of the package', async () => {
    onTestFinished(() => {
      realm.hooks = undefined;
    });
    const copy = await loadCopy();
    const warnings = watchWarnings({ slow: true });
    const clock = fakeClock();
    const loop = new WatchedVirtualLoop();
    loop.setDebug(true);
    copy.install();
    const other = new copy.VirtualLoop();
    other.setDebug(true);
    for (const one of [loop, other]) {
      one.callSoon(function slow() {
        clock.now += 200;
      });
      one.runUntilIdle();
    }
    expect(warnings).toEqual([
      'Executing <Handle slow()> took 0.200 seconds',
      'Executing <Handle slow()> took 0.200 seconds',
    ]);
    loop.setDebug(false);
    other.close();
    expect(realm.hooks).toBe(undefined);
  });

  test('DEBUG-1 the default loop of asyncio’s functions has it too', () => {
    setEventLoop(null);
    const loop = getEventLoop();
    loop.setDebug(true);
    expect(
      thrownBy(() => getEventLoop().callSoon(COROUTINE_FUNCTIONS['an async function'] as never)).name,
    ).toBe('TypeError');
    loop.close();
  });
});
