import { isCancelledError } from '@aiokit/loop-core';
import { runInExecutor, workerModule, type WorkModule } from '@aiokit/threadsafe';
import { PiscinaExecutor } from '@aiokit/threadsafe/piscina';
import { Piscina } from 'piscina';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileFixture, until } from './fixtures.js';

let work: WorkModule<typeof import('./fixtures/work.js')>;
let pool: Piscina;

beforeAll(async () => {
  work = workerModule<typeof import('./fixtures/work.js')>(await compileFixture('work'));
  pool = new Piscina({ maxThreads: 1 });
});

afterAll(() => pool.destroy());

test('THREAD-13.1 an existing piscina pool runs the same works', async () => {
  const executor = new PiscinaExecutor(pool);
  expect(await executor.submit(work.add(1, 2))).toBe(3);
  expect(await runInExecutor(executor, work.slowly, 'later')).toBe('later');
  const data = new ArrayBuffer(16);
  expect(await executor.submit(work.byteLength(data), { transfer: [data] })).toBe(16);
  const failed = executor.submit(work.fail()).then(null, (error: unknown) => error);
  expect(String(await failed)).toBe('RangeError: too far');
  await executor.shutdown();
  expect(() => executor.submit(work.add(1, 2))).toThrow(
    expect.objectContaining({ code: 'EXECUTOR_SHUTDOWN' }),
  );
});

test('THREAD-13.2 cancellations and signals reach it, and shutdown waits', async () => {
  const executor = new PiscinaExecutor(pool);
  const controller = new AbortController();
  const reason = new Error('left');
  const futures = [
    executor.submit(work.untilAborted()),
    executor.submit(work.untilAborted()),
    executor.submit(work.untilAborted(), { signal: controller.signal }),
  ];
  const outcomes = futures.map((one) => one.then(null, (error: unknown) => error));
  futures[0]?.cancel('enough');
  controller.abort(reason);
  expect(isCancelledError(await outcomes[0])).toBe(true);
  expect(await outcomes[2]).toBe(reason);
  let ended = false;
  const shutdown = executor.shutdown().then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  void executor.shutdown({ wait: false, cancelFutures: true });
  await shutdown;
  expect(futures[1]?.cancelled()).toBe(true);
  await until(() => pool.queueSize === 0);
});

test('THREAD-13.3 what is no pool is refused', () => {
  expect(() => new PiscinaExecutor({} as never)).toThrow(/^pool must be a piscina pool/);
});

test('THREAD-13.2 what the pool refuses by throwing was not submitted, and shutdown does not wait for it', async () => {
  let listeners = 0;
  const { signal } = new AbortController();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...of: unknown[]) => {
    listeners++;
    Reflect.apply(addEventListener, signal, of);
  };
  signal.removeEventListener = (...of: unknown[]) => {
    listeners--;
    Reflect.apply(removeEventListener, signal, of);
  };
  const refused = new Error('refused');
  const executor = new PiscinaExecutor({
    run() {
      throw refused;
    },
  });
  expect(() => executor.submit(work.add(1, 2), { signal })).toThrow(refused);
  expect(listeners).toBe(0);
  await executor.shutdown();
});

test('THREAD-13.3 options of shutdown that make no sense are refused by name', async () => {
  const executor = new PiscinaExecutor(pool);
  await expect(executor.shutdown({ wait: 1 as never })).rejects.toThrow(/^wait must be true or false/);
  await expect(executor.shutdown({ cancelFutures: 1 as never })).rejects.toThrow(
    /^cancelFutures must be true or false/,
  );
  expect(await executor.submit(work.add(1, 2))).toBe(3);
});
