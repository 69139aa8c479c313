import { asyncContext, type EventLoop, HostLoop, HostScheduler, realm, setLogger } from '@aiokit/loop-core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from './compliance/program.js';
import { hop, until, WatchedHostLoop, WatchedVirtualLoop } from './watched-loops.js';

const store = new AsyncLocalStorage<string>();

// A bare scheduler keeps contexts from the first loop for programs on.
beforeAll(() => new HostLoop().close());

/** A loop, and how to have it run what is scheduled. */
const LOOPS: Record<string, () => { loop: EventLoop; run: (over: () => boolean) => Promise<void> | void }> = {
  HostLoop: () => ({ loop: new WatchedHostLoop(), run: until }),
  HostScheduler: () => ({ loop: new HostScheduler(), run: until }),
  VirtualLoop() {
    const loop = new WatchedVirtualLoop();
    return { loop, run: () => store.run('runner', () => loop.runUntilIdle()) };
  },
  'VirtualLoop, asynchronously': () => {
    const loop = new WatchedVirtualLoop();
    return { loop, run: (over) => store.run('runner', () => loop.runUntilCompleteAsync(until(over))) };
  },
  'VirtualLoop with an oracle': () => {
    const loop = new WatchedVirtualLoop({ choose: () => 0 });
    return { loop, run: () => store.run('runner', () => loop.runUntilIdle()) };
  },
};

describe.each(Object.entries(LOOPS))('on a %s', (_, make) => {
  test('LOOP-12.1 LOOP-12.2 callbacks and timers run in the store in which they were scheduled', async () => {
    const { loop, run } = make();
    const seen: string[] = [];
    const look = (name: string, ...rest: unknown[]): void => {
      seen.push(`${name} ${rest.length}: ${store.getStore()}`);
    };
    const schedule = (): void => {
      loop.callSoon(() => look('callSoon'));
      loop.callSoon(look, 'callSoon');
      loop.callSoon(look, 'callSoon', 1, 2);
      loop.callLater(1, look, 'callLater');
      loop.callLater(0, look, 'callLater', 1);
      loop.callAt(loop.time() - 1, look, 'callAt');
    };
    store.run('a', schedule);
    schedule();
    store.run('b', schedule);
    await run(() => seen.length === 18);
    const kinds = ['callSoon 0', 'callSoon 0', 'callSoon 2', 'callLater 0', 'callLater 1', 'callAt 0'];
    expect(seen.toSorted()).toEqual(
      kinds.flatMap((kind) => ['a', 'b', undefined].map((value) => `${kind}: ${value}`)).toSorted(),
    );
  });

  test('LOOP-12.1 through callbacks that schedule callbacks', async () => {
    const { loop, run } = make();
    const seen: unknown[] = [];
    const chain = (left: number): void => {
      seen.push(store.getStore());
      if (left === 3) loop.callLater(1, chain, left - 1);
      else if (left > 0) loop.callSoon(chain, left - 1);
    };
    store.run('a', () => loop.callSoon(chain, 5));
    await run(() => seen.length === 6);
    expect(seen).toEqual(Array.from({ length: 6 }, () => 'a'));
  });

  test('LOOP-12.1 a callback that changes the store changes it for itself', async () => {
    const { loop, run } = make();
    const seen: unknown[] = [];
    const look = (): void => void seen.push(store.getStore());
    store.run('a', () => {
      loop.callSoon(() => {
        store.enterWith('changed');
        loop.callSoon(look);
      });
      loop.callSoon(look);
      loop.callLater(1, look);
    });
    await run(() => seen.length === 3);
    expect(seen.map(String).toSorted()).toEqual(['a', 'a', 'changed']);
  });

  test('LOOP-12.2 whoever wakes the loop lends it no store', async () => {
    const { loop, run } = make();
    const seen: unknown[] = [];
    const look = (): void => void seen.push(store.getStore());
    loop.callLater(1, look);
    store.run('waker', () => {
      loop.callSoon(() => {});
      loop.callLater(0.5, () => {});
    });
    loop.callSoon(look);
    loop.callSoon((..._args: number[]) => look(), 1, 2);
    loop.callLater(2, look);
    await run(() => seen.length === 4);
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('LOOP-12.1 what it throws is reported in its store', async () => {
    const { loop, run } = make();
    const seen: unknown[] = [];
    const look = (): void => void seen.push(store.getStore());
    if ('setExceptionHandler' in loop) (loop as HostLoop).setExceptionHandler(look);
    else {
      setLogger({ ...console, error: look });
      onTestFinished(() => setLogger(null));
    }
    const fail = (): void => {
      throw new Error('far');
    };
    store.run('a', () => {
      loop.callSoon(fail);
      loop.callLater(1, fail);
    });
    loop.callSoon(fail);
    await run(() => seen.length === 3);
    expect(seen).toEqual(['a', undefined, 'a']);
  });
});

test('a virtual loop does without contexts if somebody takes them away', () => {
  const loop = new WatchedVirtualLoop();
  const { context } = realm;
  realm.context = undefined;
  const steps: string[] = [];
  store.run('a', () => loop.callSoon(() => steps.push(String(store.getStore()))));
  loop.runUntilIdle();
  realm.context = context;
  expect(steps).toEqual(['undefined']);
});

describe('asyncContext', () => {
  test('LOOP-12.1 takes the caller’s store to wherever it is entered', async () => {
    const inside = store.run('a', () => asyncContext.capture());
    await hop();
    const given: unknown[] = [];
    const result = inside?.runInAsyncScope(
      (...args: unknown[]) => {
        given.push(store.getStore(), ...args);
        return 'result';
      },
      undefined,
      1,
      2,
    );
    expect([given, result, store.getStore()]).toEqual([['a', 1, 2], 'result', undefined]);
  });

  test('LOOP-12.2 has what runs outside every store', () => {
    const seen: unknown[] = [];
    const look = (): void => void seen.push(store.getStore());
    const bare = store.run('a', () => asyncContext.bare(look));
    store.run('b', bare);
    asyncContext.bare(look)();
    expect(seen).toEqual([undefined, undefined]);
  });

  test('is what the realm keeps contexts with, unless somebody else came first', () => {
    const { context } = realm;
    expect(context).toBe(asyncContext);
    const other = { ...asyncContext };
    realm.context = other;
    new HostLoop().close();
    new WatchedVirtualLoop().close();
    expect(realm.context).toBe(other);
    realm.context = context;
  });
});

/** How this host may keep contexts: its own way, and the other one if it has a flag for that. */
const MODES = [[], ['--experimental-async-context-frame'], ['--no-async-context-frame']].filter((flags) =>
  flags.every((flag) => process.allowedNodeEnvironmentFlags.has(flag)),
);

describe.each(MODES.map((flags) => [flags.join() || 'no flags', flags] as const))(
  'a process with %s',
  (_, flags) => {
    const look = 'const look = () => console.log(String(store.getStore()));';

    test('LOOP-12.1 LOOP-12.2 that uses a loop in a store first keeps others out of it', {
      timeout: 60_000,
    }, () => {
      const program = `
      import { HostLoop } from '@aiokit/loop-core';
      import { AsyncLocalStorage } from 'node:async_hooks';
      const store = new AsyncLocalStorage();
      const loop = new HostLoop();
      ${look}
      // Both timers of the host are set before there is a store, as the connections of a server are.
      setTimeout(() => store.run('a', () => loop.callLater(4, look)), 1);
      setTimeout(() => {
        loop.callLater(8, look);
        loop.callLater(12, look);
      }, 3);
    `;
      expect(runProgram(program, ...flags)).toEqual({ status: 0, printed: 'a\nundefined\nundefined\n' });
    });

    test('LOOP-12.2 whose first store comes when callbacks wait keeps it from them', {
      timeout: 60_000,
    }, () => {
      const program = `
      import { HostLoop } from '@aiokit/loop-core';
      import { AsyncLocalStorage } from 'node:async_hooks';
      const store = new AsyncLocalStorage();
      const loop = new HostLoop();
      ${look}
      const now = loop.time();
      loop.callAt(now + 6, look);
      loop.callSoon(look);
      store.run('a', () => {
        loop.callSoon(look);
        loop.callSoon((...numbers) => look(), 1, 2);
        loop.callAt(now + 3, look);
      });
      loop.callSoon(look);
    `;
      expect(runProgram(program, ...flags)).toEqual({
        status: 0,
        printed: 'undefined\na\na\nundefined\na\nundefined\n',
      });
    });

    test('LOOP-12.1 that loads the package in a store keeps stores', { timeout: 60_000 }, () => {
      const program = `
      import { AsyncLocalStorage } from 'node:async_hooks';
      const store = new AsyncLocalStorage();
      ${look}
      const { HostLoop } = await store.run('loading', () => import('@aiokit/loop-core'));
      const loop = new HostLoop();
      store.run('a', () => loop.callSoon(look));
      store.run('b', () => loop.callLater(1, look));
      store.run('c', () => loop.callLater(2, (...numbers) => look(), 1, 2));
    `;
      expect(runProgram(program, ...flags)).toEqual({ status: 0, printed: 'a\nb\nc\n' });
    });
  },
);

describe('a host', () => {
  const program = (before: string): string => `
    ${before}
    const { asyncContext, HostLoop } = await import('@aiokit/loop-core');
    const loop = new HostLoop();
    loop.callSoon(console.log, 'callSoon');
    loop.callSoon(console.log, 'two', 'arguments');
    loop.callLater(1, console.log, 'timer');
    console.log(asyncContext.capture() !== null);
  `;

  test('without async contexts runs callbacks as they are', { timeout: 60_000 }, () => {
    expect(runProgram(program('delete globalThis.process;'))).toEqual({
      status: 0,
      printed: 'false\ncallSoon\ntwo arguments\ntimer\n',
    });
  });

  test.each(['bun', 'deno'])('that does not tell (%s) is asked each time', { timeout: 60_000 }, (name) => {
    const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${name}: '1' } });`;
    expect(runProgram(program(versions))).toEqual({
      status: 0,
      printed: 'true\ncallSoon\ntwo arguments\ntimer\n',
    });
  });
});
