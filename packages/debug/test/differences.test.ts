/** What docs/semantics/differences.md says of debug mode, shown: the title of a test is the heading of its entry. */
import { install, setDebugLimits, setWarningFilter } from '@aiokit/debug';
import { getEventLoop, type HostLoop, realm, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, onTestFinished, test } from 'vitest';
import { withDebug } from './with-debug.js';

test('DIFF-80 A callback for another loop is a warning', () =>
  withDebug(({ loop, take }) => {
    const other = new VirtualLoop();
    let ran = false;
    // What asyncio refuses between threads: a loop is given a callback by the step of another.
    other.callSoon(() =>
      loop.callSoon(() => {
        ran = true;
      }),
    );
    other.runUntilIdle();
    loop.runUntilIdle();
    other.close();
    const said = expect.stringMatching(
      /^Non-thread-safe operation invoked on an event loop other than the current/,
    );
    expect([ran, take()]).toEqual([true, [said]]);
  }));

test('DIFF-81 A warning that is made an error goes to the exception handler', () =>
  withDebug(({ loop }) => {
    setWarningFilter('seconds', 'error');
    expect(() => loop.callLater(0.5, () => {})).not.toThrow();
    loop.runUntilIdle();
    expect(loop.takeReports()).toMatchObject([{ kind: 'seconds' }]);
  }));

test('DIFF-82 The default loop need not be closed', () =>
  withDebug(async ({ take, collect }) => {
    setEventLoop(null);
    (function uses() {
      getEventLoop().setDebug(true);
      getEventLoop().setDebug(false);
    })();
    await collect();
    expect([realm.loop !== undefined, take()]).toEqual([true, []]);
    (realm.loop as HostLoop).close();
  }));

test('DIFF-83 Debug mode is a package of its own', () => {
  const { debug } = realm;
  onTestFinished(() => {
    realm.debug = debug;
  });
  realm.debug = undefined;
  const loop = new VirtualLoop();
  loop.setDebug(true);
  expect([loop.getDebug(), realm.hooks]).toEqual([true, undefined]);
  setEventLoop(loop);
  install();
  expect(typeof realm.hooks).toBe('object');
  loop.close();
  expect(realm.hooks).toBe(undefined);
});

test('DEBUG-3 without frames nothing has a place, and all else is as it was', () =>
  withDebug(({ loop, takeWhole }) => {
    setDebugLimits({ frames: 0 });
    createTask(function* (): Coroutine<void> {
      yield* sleep(0.5);
    });
    loop.runUntilIdle();
    expect(takeWhole()).toEqual([
      'a duration of 0.5 milliseconds; durations are in milliseconds, did you port seconds?\nGiven at (most recent call first):\n',
    ]);
  }));

test('DIFF-84 A handle shows the name of its callback only', () =>
  withDebug(({ loop }) => {
    const handle = loop.callSoon(function write(_text: string) {}, 'text');
    expect(String(handle)).toBe('<Handle write()>');
    handle.cancel();
    expect(String(handle)).toBe('<Handle cancelled>');
  }));

test('DIFF-85 There are no transports, streams, subprocesses and selectors', () =>
  withDebug(({ loop }) => {
    for (const name of ['createConnection', 'createServer', 'addReader', 'sockRecv', 'subprocessExec']) {
      expect(name in loop).toBe(false);
    }
  }));

test('DIFF-86 Async generators are not watched', () =>
  withDebug(async ({ loop, take, collect }) => {
    expect('shutdownAsyncgens' in loop).toBe(false);
    await (async function forgets() {
      const pages = (async function* () {
        await Promise.resolve();
        yield* [1, 2];
      })();
      await pages.next();
    })();
    await collect();
    expect(take()).toEqual([]);
  }));
