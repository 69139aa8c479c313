/** What docs/semantics/differences.md says, shown: the title of a test is the heading of its entry. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Future } from '@aiokit/future';
import {
  CancelledError,
  type ExceptionContext,
  getEventLoop,
  isCancelledError,
  newEventLoop,
  RuntimeError,
  setEventLoop,
} from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterEach, describe, expect, test } from 'vitest';

afterEach(() => setEventLoop(null));

const hostTurn = () => new Promise(setImmediate);

/** A loop in virtual time that collects what nobody caught. */
function makeLoop() {
  const loop = new VirtualLoop();
  const reports: ExceptionContext[] = [];
  loop.setExceptionHandler((_, context) => void reports.push(context));
  return { loop, reports };
}

test('DIFF-1 Durations and instants are in milliseconds', () => {
  const { loop } = makeLoop();
  const times: number[] = [];
  loop.callLater(50, () => times.push(loop.time()));
  loop.runUntilIdle();
  expect(times).toEqual([50]);
});

test('DIFF-2 The run methods of HostLoop return promises', async () => {
  const loop = newEventLoop();
  const future = new Future<number>({ loop });
  loop.callSoon(() => future.setResult(1));
  const running = loop.runUntilComplete(future);
  expect(running).toBeInstanceOf(Promise);
  expect(await running).toBe(1);
  loop.close();
});

test('DIFF-3 HostLoop needs no run method and is not stopped by stop()', async () => {
  const loop = newEventLoop();
  const log: string[] = [];
  loop.callSoon(() => log.push('before a run'));
  await hostTurn();
  loop.callSoon(() => loop.stop());
  await loop.runForever();
  loop.callSoon(() => log.push('after stop()'));
  await hostTurn();
  expect(log).toEqual(['before a run', 'after stop()']);
  loop.close();
});

test('DIFF-4 getEventLoop() makes the default loop when there is none, and anew once it is closed', () => {
  const loop = getEventLoop();
  expect(getEventLoop()).toBe(loop);
  loop.close();
  expect(getEventLoop()).not.toBe(loop);
  expect(getEventLoop().isClosed()).toBe(false);
});

test('DIFF-5 Timers of the same instant run in the order in which they were made', () => {
  const { loop } = makeLoop();
  const log: number[] = [];
  for (let number = 0; number < 10; number++) loop.callAt(10, () => log.push(number));
  loop.runUntilIdle();
  expect(log).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('DIFF-6 A delay must be finite', () => {
  const { loop } = makeLoop();
  for (const delayMs of [Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(() => loop.callLater(delayMs, () => {})).toThrow(RangeError);
  }
  expect(() => loop.callAt(Number.POSITIVE_INFINITY, () => {})).toThrow(RangeError);
});

test('DIFF-7 Whatever a callback throws goes to the exception handler', () => {
  const { loop, reports } = makeLoop();
  const log: string[] = [];
  const thrown: unknown = 'not even an error';
  loop.callSoon(() => {
    throw thrown;
  });
  loop.callSoon(() => log.push('the loop goes on'));
  loop.runUntilIdle();
  expect(reports.map(({ exception }) => exception)).toEqual([thrown]);
  expect(log).toEqual(['the loop goes on']);
});

test('DIFF-8 catch catches CancelledError', async () => {
  const future = new Future();
  future.cancel();
  const caught = await future.toPromise().catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(Error);
  expect(isCancelledError(caught)).toBe(true);
});

test('DIFF-9 Outside debug mode a CancelledError carries no traceback', async () => {
  const future = new Future();
  future.cancel('enough');
  const caught = (await future.toPromise().catch((error: unknown) => error)) as Error;
  expect(caught.stack).toBe('CancelledError: enough');
  expect(new CancelledError('enough').stack).toContain('differences.test.ts');
});

test('DIFF-10 setException() takes anything that can be thrown', () => {
  const { loop } = makeLoop();
  const future = new Future({ loop });
  for (const nothing of [undefined, null]) expect(() => future.setException(nothing)).toThrow(TypeError);
  future.setException('not even an error');
  expect(future.exception()).toBe('not even an error');
});

test('DIFF-11 What was never retrieved is reported at the latest when the loop is closed or the process ends', () => {
  const { loop, reports } = makeLoop();
  const error = new Error('not consumed');
  const future = new Future({ loop });
  future.setException(error);
  loop.runUntilIdle();
  expect(reports).toEqual([]);
  loop.close();
  expect(reports).toMatchObject([{ message: 'Future exception was never retrieved', exception: error }]);

  const program = `
    import { Future } from '@aiokit/future';
    globalThis.kept = new Future();
    kept.setException(new Error('not consumed'));`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  expect(stderr.match(/Future exception was never retrieved/g)).toHaveLength(1);
});

test('DIFF-12 An async function goes on after the callbacks of the iteration that wakes it', async () => {
  const loop = getEventLoop();
  const future = new Future<void>();
  const log: string[] = [];
  const wait = async () => {
    await future;
    log.push('async function');
  };
  const waiting = wait();
  await hostTurn();
  future.addDoneCallback(() => {
    log.push('callback');
    loop.callSoon(() => log.push('the iteration after'));
  });
  future.setResult();
  await waiting;
  await hostTurn();
  expect(log).toEqual(['callback', 'async function', 'the iteration after']);
});

test('DIFF-13 A result that is itself thenable is unwrapped by await', async () => {
  const thenable = { then: (resolve: (value: string) => void) => resolve('unwrapped') };
  const future = new Future<typeof thenable>();
  future.setResult(thenable);
  expect(future.result()).toBe(thenable);
  expect(await future).toBe('unwrapped');
});

test('DIFF-14 Callbacks run in the AsyncLocalStorage context that they were added in', () => {
  const { loop } = makeLoop();
  const storage = new AsyncLocalStorage<string>();
  const future = new Future<void>({ loop });
  const seen: unknown[] = [];
  storage.run('request 1', () => {
    future.addDoneCallback(() => seen.push(storage.getStore()));
    loop.callSoon(() => seen.push(storage.getStore()));
  });
  storage.run('request 2', () => future.setResult());
  loop.runUntilIdle();
  expect(seen).toEqual(['request 1', 'request 1']);
});

test('DIFF-15 removeDoneCallback() takes away the same function, not an equal one', () => {
  const { loop } = makeLoop();
  const future = new Future<void>({ loop });
  const owner = { log: [] as string[], done() {} };
  const callback = owner.done.bind(owner);
  future.addDoneCallback(callback);
  expect(future.removeDoneCallback(owner.done.bind(owner))).toBe(0);
  expect(future.removeDoneCallback(callback)).toBe(1);
});

test('DIFF-16 A repr shows no places outside debug mode', () => {
  const { loop } = makeLoop();
  const future = new Future<void>({ loop });
  future.addDoneCallback(function stopOperation() {});
  expect(String(future)).toBe('<Future pending cb=[stopOperation()]>');
});

test('DIFF-17 A broken rule is a RuntimeError with a code', () => {
  const { loop } = makeLoop();
  loop.close();
  expect(() => loop.callSoon(() => {})).toThrow(
    expect.objectContaining({ name: 'RuntimeError', code: 'LOOP_CLOSED', message: 'Event loop is closed' }),
  );
  expect(new RuntimeError()).toBeInstanceOf(Error);
});

describe('docs/semantics/differences.md', () => {
  const folder = resolve(import.meta.dirname, '../../semantics');
  const page = readFileSync(join(folder, 'differences.md'), 'utf8');
  const entries = page.split(/^## /m).slice(1);

  test.each(entries)('names what differs, why, and a test that is there: %s', (entry) => {
    const [heading = ''] = entry.split('\n');
    for (const part of ['asyncio', 'aiokit', 'Why', 'Test']) expect(entry).toContain(`\n- **${part}:** `);
    const [, file = ''] = /\*\*Test:\*\* \[[^\]]+\]\(([^)]+)\)/.exec(entry) ?? [];
    expect(readFileSync(join(folder, file), 'utf8')).toContain(`test('${heading.replaceAll("'", "\\'")}'`);
  });

  test('numbers its entries upwards, and none twice', () => {
    const ids = entries.map((entry) => Number(/^DIFF-(\d+) /.exec(entry)?.[1]));
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
  });

  test('has an entry for every difference that is tested here', () => {
    const tests = readFileSync(join(import.meta.dirname, 'differences.test.ts'), 'utf8');
    const titles = [...tests.matchAll(/^test\('(DIFF-.*)',/gm)].map(([, title]) => title);
    expect(entries.map((entry) => entry.split('\n')[0])).toEqual(expect.arrayContaining(titles));
  });
});
