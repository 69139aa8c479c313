import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventLoop, isCancelledError, realm, setEventLoop, setLogger } from '@aiokit/loop-core';
import { createTask, run, timeout } from '@aiokit/task';
import {
  carryContext,
  checkCancelled,
  ConcurrentFuture,
  type Executor,
  runInExecutor,
  setDefaultExecutor,
  shutdownDefaultExecutor,
  toThread,
  transfer,
  type Work,
  WorkerExecutor,
  workerModule,
  type WorkModule,
  workSignal,
} from '@aiokit/threadsafe';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { compileFixture, until } from './fixtures.js';

let file: string;
let work: WorkModule<typeof import('./fixtures/work.js')>;

beforeAll(async () => {
  file = await compileFixture('work');
  work = workerModule<typeof import('./fixtures/work.js')>(file);
});

afterEach(async () => {
  await shutdownDefaultExecutor();
  getEventLoop().close();
  setEventLoop(null);
});

/** An executor of somebody else's, as the interface describes it. */
class Elsewhere implements Executor {
  readonly submitted: Work<unknown>[] = [];
  readonly asked: (string | undefined)[] = [];

  submit<R>(one: Work<R>): ConcurrentFuture<R> {
    this.submitted.push(one);
    return new ConcurrentFuture<R>({
      cancel: (message) => {
        this.asked.push(message);
        return true;
      },
    });
  }

  async shutdown(): Promise<void> {}
}

test('THREAD-9.1 runInExecutor() and toThread() give a future of the loop', async () => {
  const loop = getEventLoop();
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  expect(await runInExecutor(executor, work.add, 1, 2)).toBe(3);
  await expect(runInExecutor(executor, work.fail).toPromise()).rejects.toThrow('too far');
  await executor.shutdown();
  const future = toThread(work.add, 3, 4);
  expect(future.getLoop()).toBe(loop);
  expect(await future).toBe(7);
});

test('THREAD-9.2 code and closures are refused, and not called', () => {
  let called = false;
  const call = () => {
    called = true;
  };
  expect(() => toThread(call as never)).toThrow(
    /^work must be a function of workerModule\(\) \(code and closures/,
  );
  expect(() => runInExecutor({} as never, work.pid)).toThrow(/^executor must be an executor or null/);
  expect(called).toBe(false);
});

test('THREAD-9.3 the default executor is made at its first use, and run() waits for its work and shuts it down', async () => {
  const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threads();
  const words = new Int32Array(new SharedArrayBuffer(4));
  let done = false;
  const running = run(async () => {
    expect(threads()).toBe(before);
    toThread(work.wait, words).addDoneCallback(() => {
      done = true;
    });
    return await toThread(work.add, 1, 2);
  });
  let over = false;
  void running.then(() => {
    over = true;
  });
  await until(() => threads() > before);
  expect(over).toBe(false);
  Atomics.store(words, 0, 1);
  // The work looks at the word before it waits, so it need not be told more than once.
  await until(() => Atomics.notify(words, 0) > 0 || done);
  expect(await running).toBe(3);
  expect([done, threads()]).toEqual([true, before]);
  expect(await run(async () => await toThread(work.add, 3, 4))).toBe(7);
});

test('THREAD-9.4 setDefaultExecutor() replaces it, shutdownDefaultExecutor() ends it', async () => {
  const executor = new Elsewhere();
  setDefaultExecutor(executor);
  void toThread(work.add, 1, 2);
  expect(executor.submitted).toEqual([{ module: new URL(`file://${file}`).href, name: 'add', args: [1, 2] }]);
  expect(() => setDefaultExecutor({} as never)).toThrow(/^executor must be an executor/);
  await shutdownDefaultExecutor();
  expect(() => toThread(work.add, 1, 2)).toThrow('Executor shutdown has been called');
  await expect(shutdownDefaultExecutor({ timeoutMs: Number.NaN })).rejects.toThrow(/^timeoutMs must be/);
});

test("THREAD-9.8 a shutdown with a time limit says in asyncio's words that there is work left", async () => {
  const said: string[] = [];
  setLogger({ debug() {}, info() {}, error() {}, warn: (text: string) => void said.push(text) });
  setDefaultExecutor(new WorkerExecutor({ maxWorkers: 1 }));
  const words = new Int32Array(new SharedArrayBuffer(4));
  const left = toThread(work.wait, words);
  await shutdownDefaultExecutor({ timeoutMs: 0 });
  setLogger(null);
  expect(said).toEqual(['The executor did not finishing joining its threads within 0 seconds.']);
  await until(() => Atomics.notify(words, 0) > 0);
  expect(await left).toBe('ok');
});

test('THREAD-9.5 a cancellation cancels the future at once, and the work', async () => {
  const executor = new Elsewhere();
  const future = runInExecutor(executor, work.add, 1, 2);
  future.cancel();
  expect(isCancelledError(await future.then(null, (error: unknown) => error))).toBe(true);
  expect(executor.asked).toHaveLength(1);
  await run(async () => {
    const task = createTask(async () => await toThread(work.untilAborted));
    await toThread(work.add, 1, 1);
    task.cancel();
    expect(isCancelledError(await task.then(null, (error: unknown) => error))).toBe(true);
    await expect(timeout(1, async () => await toThread(work.untilAborted))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });
});

test('THREAD-9.6 a closed loop refuses, and lets its default executor go', async () => {
  const loop = getEventLoop();
  const future = toThread(work.slowly, 1);
  loop.close();
  expect(future.done()).toBe(false);
  realm.loop = loop;
  expect(() => toThread(work.add, 1, 2)).toThrow(expect.objectContaining({ code: 'LOOP_CLOSED' }));
  realm.loop = undefined;
});

test('THREAD-9.7 where the queue is full, the work waits for a place', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 1, maxQueue: 0 });
  const futures = Array.from({ length: 5 }, (_, at) => runInExecutor(executor, work.slowly, at));
  expect(await Promise.all(futures)).toEqual([0, 1, 2, 3, 4]);
  await executor.shutdown();
});

test('THREAD-10.1 a module is a URL or an absolute path', () => {
  for (const location of [new URL(`file://${file}`), `file://${file}`, file]) {
    expect(workerModule<{ f(): void }>(location).f().module).toBe(`file://${file}`);
  }
  expect(workerModule<{ f(): void }>().f().module).toBe('');
  expect(() => workerModule('./work.js')).toThrow(
    /^location must be a URL or an absolute path, got '.\/work.js'/,
  );
  expect(() => workerModule(1 as never)).toThrow(TypeError);
});

test('THREAD-10.2 its functions make works and run nothing, and it is no thenable', async () => {
  expect(work.add(1, 2)).toEqual({ module: `file://${file}`, name: 'add', args: [1, 2] });
  expect(work.add).toBe(work.add);
  expect(work.add.name).toBe('add');
  expect(await Promise.resolve(work)).toBe(work);
});

test('THREAD-11.1 outside of a worker nothing is ever cancelled', () => {
  expect(workSignal().aborted).toBe(false);
  expect(() => checkCancelled()).not.toThrow();
  expect(() => transfer(1 as never, [])).toThrow(/^value must be an object/);
  expect(() => transfer({}, 1 as never)).toThrow(/^list must be an array/);
});

test('THREAD-12.1 a carried store reaches the work, others do not', async () => {
  const storage = new AsyncLocalStorage<string>();
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  expect(await storage.run('one', async () => await executor.submit(work.store()))).toBe(undefined);
  carryContext('request', storage);
  expect(await storage.run('one', async () => await executor.submit(work.store()))).toBe('one');
  expect(await storage.run('two', async () => await runInExecutor(executor, work.store))).toBe('two');
  expect(await executor.submit(work.store())).toBe(undefined);
  expect(() => carryContext(1 as never, storage)).toThrow(/^name must be a string/);
  expect(() => carryContext('x', {} as never)).toThrow(/^storage must be an AsyncLocalStorage/);
  realm.carried?.clear();
  await executor.shutdown();
  await until(() => executor.workers === 0);
});
