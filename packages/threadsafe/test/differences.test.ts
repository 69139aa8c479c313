/** What docs/semantics/differences.md says of threads, shown: the title of a test is the heading of its entry. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { realm } from '@aiokit/loop-core';
import { run } from '@aiokit/task';
import {
  carryContext,
  connect,
  isWorkerEndedError,
  toThread,
  WorkerExecutor,
  type WorkModule,
  workerModule,
} from '@aiokit/threadsafe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileFixture, until } from './fixtures.js';

let work: WorkModule<typeof import('./fixtures/work.js')>;
let executor: WorkerExecutor;

beforeAll(async () => {
  work = workerModule<typeof import('./fixtures/work.js')>(await compileFixture('work'));
  executor = new WorkerExecutor({ maxWorkers: 1, graceMs: Number.POSITIVE_INFINITY });
});

afterAll(() => executor.shutdown());

test('DIFF-90 Other threads run functions by name', async () => {
  const value = { list: [1] };
  const echoed = await executor.submit(work.echo(value));
  expect(echoed).toEqual(value);
  expect(echoed).not.toBe(value);
  expect(() => executor.submit((() => value) as never)).toThrow(TypeError);
});

test('DIFF-91 A context is carried to a thread by name', async () => {
  const storage = new AsyncLocalStorage<string>();
  const stores = () => storage.run('request 1', async () => await executor.submit(work.store()));
  expect(await stores()).toBe(undefined);
  carryContext('request', storage);
  expect(await stores()).toBe('request 1');
  realm.carried?.clear();
});

test('DIFF-92 cancel() of a concurrent future asks, and is confirmed', async () => {
  const future = executor.submit(work.untilAborted());
  await until(() => future.running());
  expect([future.cancel(), future.cancelled()]).toEqual([true, false]);
  await until(() => future.done());
  expect(future.cancelled()).toBe(true);
});

test('DIFF-93 Callbacks of a concurrent future run on the loop', async () => {
  const future = executor.submit(work.add(1, 1));
  await future;
  let called = false;
  future.addDoneCallback(() => {
    called = true;
  });
  expect(called).toBe(false);
  await until(() => called);
});

test('DIFF-94 A worker that dies fails its own work only', async () => {
  const lost = executor.submit(work.exit(1));
  const other = executor.submit(work.add(1, 1));
  expect(isWorkerEndedError(await lost.then(null, (error: unknown) => error))).toBe(true);
  expect(await other).toBe(2);
});

test('DIFF-95 The next run makes another default executor', async () => {
  const add = () => run(async () => await toThread(work.add, 1, 1));
  expect([await add(), await add()]).toEqual([2, 2]);
});

test('DIFF-96 Who is blocked is not told that the thread of the loop has died', async () => {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(64));
  const remote = connect({ port: port2, words, functions: { plain: 0 }, thread: 'another' });
  const future = remote.runCoroutineThreadsafe('plain');
  port1.close();
  expect(() => future.result({ timeoutMs: 1 })).toThrow(expect.objectContaining({ code: 'TIMEOUT' }));
  expect(await future.then(null, (error: unknown) => error)).toMatchObject({ code: 'THREAD_ENDED' });
  expect(() => future.result()).toThrow(expect.objectContaining({ code: 'THREAD_ENDED' }));
});
