import {
  addSignalHandler,
  currentLoop,
  getEventLoop,
  HostScheduler,
  realm,
  removeSignalHandler,
  setEventLoop,
} from '@aiokit/loop-core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, assert, describe, expect, test } from 'vitest';
import { runProgram } from './compliance/program.js';
import { hop, thrownBy, until, WatchedHostLoop, WatchedVirtualLoop } from './watched-loops.js';

const listeners = (): number => process.listenerCount('SIGUSR2');

afterEach(() => {
  const left = listeners();
  process.removeAllListeners('SIGUSR2');
  assert.equal(left, 0, 'listeners that are left');
});

/** Sends this process a signal, and waits until it has come. */
async function send(count = 1): Promise<void> {
  let seen = 0;
  const look = (): void => void seen++;
  process.on('SIGUSR2', look);
  for (let index = 1; index <= count; index++) {
    process.kill(process.pid, 'SIGUSR2');
    await until(() => seen === index);
  }
  process.off('SIGUSR2', look);
  await hop();
  await hop();
}

describe('a handler', () => {
  test('LOOP-1.3 is called through the loop, with its arguments, at each signal', async () => {
    const loop = new WatchedHostLoop();
    const steps: unknown[] = [];
    addSignalHandler(
      loop,
      'SIGUSR2',
      (...args: unknown[]) => steps.push([realm.running === loop, ...args]),
      1,
      'two',
    );
    expect(listeners()).toBe(1);
    expect(steps).toEqual([]);
    await send(2);
    expect(steps).toEqual([
      [true, 1, 'two'],
      [true, 1, 'two'],
    ]);
    expect([removeSignalHandler(loop, 'SIGUSR2'), listeners()]).toEqual([true, 0]);
    expect(removeSignalHandler(loop, 'SIGUSR2')).toBe(false);
  });

  test('is replaced by the next of its loop, and by none of another', async () => {
    const [loop, other] = [new WatchedHostLoop(), new WatchedHostLoop()];
    const steps: string[] = [];
    for (const name of ['first', 'second']) addSignalHandler(loop, 'SIGUSR2', () => steps.push(name));
    addSignalHandler(other, 'SIGUSR2', () => steps.push('other'));
    expect(listeners()).toBe(2);
    await send();
    expect(steps.toSorted()).toEqual(['other', 'second']);
    expect(removeSignalHandler(loop, 'SIGUSR2')).toBe(true);
    await send();
    expect(steps.toSorted()).toEqual(['other', 'other', 'second']);
    expect(removeSignalHandler(other, 'SIGUSR2')).toBe(true);
  });

  test('LOOP-9.14 goes with its loop, and only its own', async () => {
    const [loop, other] = [new WatchedHostLoop(), new WatchedHostLoop()];
    const steps: string[] = [];
    addSignalHandler(loop, 'SIGUSR2', () => steps.push('closed'));
    addSignalHandler(loop, 'SIGHUP', () => steps.push('closed'));
    addSignalHandler(other, 'SIGUSR2', () => steps.push('other'));
    loop.close();
    expect([listeners(), process.listenerCount('SIGHUP')]).toEqual([1, 0]);
    await send();
    expect([steps, removeSignalHandler(loop, 'SIGUSR2')]).toEqual([['other'], false]);
    other.close();
  });

  test('LOOP-6.1 that throws is reported by the loop', async () => {
    const loop = new WatchedHostLoop();
    addSignalHandler(loop, 'SIGUSR2', function guilty() {
      throw new Error('far');
    });
    await send();
    loop.close();
    expect(loop.takeReports()).toMatchObject([{ message: 'Exception in callback guilty()' }]);
  });

  test('waits on a virtual loop until that is run', async () => {
    const loop = new WatchedVirtualLoop();
    const steps: string[] = [];
    addSignalHandler(loop, 'SIGUSR2', () => steps.push('signal'));
    await send();
    expect(steps).toEqual([]);
    loop.runUntilIdle();
    expect(steps).toEqual(['signal']);
    loop.close();
  });

  test('needs no contexts', async () => {
    const { context } = realm;
    realm.context = undefined;
    const loop = new HostScheduler();
    const steps: string[] = [];
    addSignalHandler(loop, 'SIGUSR2', () => steps.push('signal'));
    await send();
    realm.context = context;
    expect([steps, removeSignalHandler(loop, 'SIGUSR2')]).toEqual([['signal'], true]);
  });

  test('LOOP-12.1 runs in the store in which it was added', async () => {
    const store = new AsyncLocalStorage<string>();
    const [loop, other] = [new WatchedHostLoop(), new WatchedHostLoop()];
    const seen: unknown[] = [];
    store.run('a', () => addSignalHandler(loop, 'SIGUSR2', () => seen.push(store.getStore())));
    addSignalHandler(other, 'SIGUSR2', () => seen.push(store.getStore()));
    await send();
    for (const one of [loop, other]) one.close();
    expect(seen).toEqual(['a', undefined]);
  });

  test('keeps no process alive, and leaves the signal to the host when it is removed', {
    timeout: 60_000,
  }, () => {
    const { status, printed } = runProgram(`
      import { addSignalHandler, getEventLoop, removeSignalHandler } from '@aiokit/loop-core';
      const loop = getEventLoop();
      addSignalHandler(loop, 'SIGINT', console.log, 'interrupted');
      process.kill(process.pid, 'SIGINT');
      setTimeout(() => {
        removeSignalHandler(loop, 'SIGINT');
        addSignalHandler(loop, 'SIGTERM', () => {});
        console.log('removed');
      }, 20);
    `);
    expect([status, printed]).toEqual([0, 'interrupted\nremoved\n']);
  });
});

describe('a loop that took the place of another', () => {
  test('LOOP-9.14 takes its handlers along', async () => {
    setEventLoop(null);
    const spare = currentLoop();
    const steps: string[] = [];
    addSignalHandler(spare, 'SIGUSR2', () => steps.push('signal'));
    const loop = getEventLoop();
    await send();
    expect([steps, spare instanceof HostScheduler]).toEqual([['signal'], true]);
    loop.close();
    expect(listeners()).toBe(0);
    expect(thrownBy(() => addSignalHandler(spare, 'SIGUSR2', () => {})).code).toBe('LOOP_CLOSED');
  });

  test('is one with it for whoever removes or replaces', () => {
    setEventLoop(null);
    const spare = currentLoop();
    addSignalHandler(spare, 'SIGUSR2', () => {});
    const loop = getEventLoop();
    expect([removeSignalHandler(loop, 'SIGUSR2'), listeners()]).toEqual([true, 0]);
    addSignalHandler(spare, 'SIGUSR2', () => {});
    addSignalHandler(loop, 'SIGUSR2', () => {});
    expect([listeners(), removeSignalHandler(spare, 'SIGUSR2'), listeners()]).toEqual([1, true, 0]);
    loop.close();
  });
});

describe('refused by name, and nothing has changed', () => {
  test.each<[unknown, string]>([
    [9, "TypeError: signal must be a name such as 'SIGINT', got 9"],
    [undefined, "TypeError: signal must be a name such as 'SIGINT', got undefined"],
    ['SIGNOTHING', "RangeError: signal must be one of this system's, got SIGNOTHING"],
    ['toString', "RangeError: signal must be one of this system's, got toString"],
    ['exit', "RangeError: signal must be one of this system's, got exit"],
    ['SIGKILL', 'RangeError: signal SIGKILL cannot be caught'],
    ['SIGSTOP', 'RangeError: signal SIGSTOP cannot be caught'],
  ])('the signal %s', (signal, error) => {
    const loop = new WatchedHostLoop();
    expect(String(thrownBy(() => addSignalHandler(loop, signal as string, () => {})))).toBe(error);
    expect(String(thrownBy(() => removeSignalHandler(loop, signal as string)))).toBe(error);
    expect(process.listenerCount(signal as string)).toBe(
      signal === 'exit' ? process.listenerCount('exit') : 0,
    );
  });

  test('what cannot be called', () => {
    const loop = new WatchedHostLoop();
    addSignalHandler(loop, 'SIGUSR2', () => {});
    for (const bad of [undefined, null, 1, {}]) {
      expect(thrownBy(() => addSignalHandler(loop, 'SIGUSR2', bad as never))).toEqual(
        new TypeError(`callback must be a function, got ${String(bad)}`),
      );
    }
    expect([listeners(), removeSignalHandler(loop, 'SIGUSR2')]).toEqual([1, true]);
  });

  test.each([async () => {}, function* () {}, async function* () {}])('a coroutine function: %s', (bad) => {
    const loop = new WatchedHostLoop();
    expect(thrownBy(() => addSignalHandler(loop, 'SIGUSR2', bad as never))).toEqual(
      new TypeError('coroutines cannot be used with addSignalHandler()'),
    );
    expect(listeners()).toBe(0);
  });

  test('LOOP-9.13 a closed loop', () => {
    const loop = new WatchedHostLoop();
    loop.close();
    expect(thrownBy(() => addSignalHandler(loop, 'SIGUSR2', () => {}))).toMatchObject({
      message: 'Event loop is closed',
      code: 'LOOP_CLOSED',
    });
    expect([listeners(), removeSignalHandler(loop, 'SIGUSR2')]).toEqual([0, false]);
  });

  test('a host without a process, or without signals', () => {
    const loop = new WatchedHostLoop();
    const { process } = globalThis;
    const errors: unknown[] = [];
    try {
      for (const host of [undefined, {}]) {
        Object.assign(globalThis, { process: host });
        errors.push(thrownBy(() => addSignalHandler(loop, 'SIGUSR2', () => {})));
        errors.push(thrownBy(() => removeSignalHandler(loop, 'SIGUSR2')));
      }
    } finally {
      globalThis.process = process;
    }
    expect(errors).toHaveLength(4);
    for (const error of errors) {
      expect(error).toMatchObject({
        name: 'RuntimeError',
        message: 'set_wakeup_fd only works in main thread of the main interpreter',
        code: 'NO_SIGNALS',
      });
    }
  });

  test('nothing on a host that does not tell its signals', () => {
    const loop = new WatchedHostLoop();
    const { process } = globalThis;
    const calls: string[] = [];
    const host = {
      on: (name: string) => calls.push(`on ${name}`),
      off: (name: string) => calls.push(`off ${name}`),
    };
    try {
      globalThis.process = host as never;
      addSignalHandler(loop, 'SIGNEW', () => {});
      removeSignalHandler(loop, 'SIGNEW');
    } finally {
      globalThis.process = process;
    }
    expect(calls).toEqual(['on SIGNEW', 'off SIGNEW']);
  });

  test('a worker thread', { timeout: 60_000 }, () => {
    const { status, printed } = runProgram(`
      import { isMainThread, Worker } from 'node:worker_threads';
      import { addSignalHandler, getEventLoop } from '@aiokit/loop-core';
      if (isMainThread) new Worker(new URL(import.meta.url));
      else {
        try {
          addSignalHandler(getEventLoop(), 'SIGUSR2', () => {});
        } catch (error) {
          console.log(error.name, error.code);
        }
      }
    `);
    expect([status, printed]).toEqual([0, 'RuntimeError NO_SIGNALS\n']);
  });
});
