import { EventEmitter } from 'node:events';
import { isCancelledError } from '@aiokit/loop-core';
import {
  BrokenExecutorError,
  type Executor,
  isBrokenExecutorError,
  isWorkerEndedError,
  type PoolOptions,
  type Work,
  WorkerExecutor,
  type WorkModule,
  workerModule,
} from '@aiokit/threadsafe';
import { ProcessExecutor } from '@aiokit/threadsafe/process';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GAVE_NUMBER, READY, RUNNING, WorkMemory } from '../src/internal/work-messages.js';
import { compileFixture, until } from './fixtures.js';

type Module = WorkModule<typeof import('./fixtures/work.js')>;
let work: Module;
const executors: Executor[] = [];

beforeAll(async () => {
  work = workerModule<typeof import('./fixtures/work.js')>(await compileFixture('work'));
});

afterEach(async () => {
  for (const executor of executors.splice(0)) await executor.shutdown({ cancelFutures: true });
});

const KINDS = [
  { kind: 'threads', make: (options?: PoolOptions) => new WorkerExecutor(options), shares: true },
  {
    kind: 'processes',
    make: (options?: PoolOptions) => new ProcessExecutor({ execArgv: [], ...options }),
    shares: false,
  },
];

/** A worker without a thread: what it is told and what it says is the test's. */
class FakeWorker extends EventEmitter {
  readonly told: unknown[] = [];

  postMessage(message: unknown): void {
    this.told.push(message);
  }
  terminate(): void {
    setImmediate(() => this.emit('exit', 1));
  }
  ref(): void {}
  unref(): void {}
}

const outcome = (future: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(future).catch((error: unknown) => error);

describe.each(KINDS)('an executor of $kind', ({ make, shares }) => {
  function start(options?: PoolOptions) {
    const executor = make(options);
    executors.push(executor);
    return executor;
  }

  test('THREAD-8.1 runs exported functions, asynchronous ones too, and gives their results', async () => {
    const executor = start({ maxWorkers: 2 });
    expect(await executor.submit(work.add(1, 2))).toBe(3);
    expect(await executor.submit(work.slowly('later'))).toBe('later');
    const values = [undefined, null, true, false, -0.5, 'text', { deep: [new Date(0), new Map([[1, 2]])] }];
    const echoes = values.map((value) => executor.submit(work.echo(value)));
    expect(await Promise.all(echoes)).toEqual(values);
    const module = work as unknown as { byDefault(): Work<string> };
    expect(await executor.submit(module.byDefault())).toBe('of the default export');
  });

  test('THREAD-8.2 what is thrown arrives with class, message, code and cause', async () => {
    const executor = start({ maxWorkers: 1 });
    const error = (await outcome(executor.submit(work.fail()))) as RangeError & { code: string };
    expect(error).toBeInstanceOf(RangeError);
    expect([error.name, error.message, error.code, String(error.cause)]).toEqual([
      'RangeError',
      'too far',
      'E_FAR',
      'TypeError: inner',
    ]);
    expect(error.stack).toContain('work-');
    expect(await outcome(executor.submit(work.throwValue('not even an error')))).toBe('not even an error');
    const none = workerModule<{ none(): void }>('/there/is/none.js').none();
    expect(await outcome(executor.submit(none))).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
    const missing = (work as unknown as { missing(): Work<void> }).missing();
    expect(String(await outcome(executor.submit(missing)))).toMatch(/exports no function 'missing'$/);
    expect(executor.workers).toBe(1);
  });

  test('THREAD-8.3 options and works that make no sense are refused by name', () => {
    const wrong: [string, PoolOptions][] = [
      ['minWorkers', { minWorkers: -1 }],
      ['maxWorkers', { maxWorkers: 0 }],
      ['maxWorkers', { maxWorkers: 1.5 }],
      ['maxWorkers', { minWorkers: 3, maxWorkers: 2 }],
      ['idleMs', { idleMs: Number.NaN }],
      ['maxQueue', { maxQueue: -1 }],
      ['graceMs', { graceMs: '1' as never }],
      ['work', { initializer: (() => {}) as never }],
    ];
    for (const [name, options] of wrong) expect(() => make(options)).toThrow(new RegExp(`^${name} must be `));
    const executor = start();
    expect(() => executor.submit((() => 1) as never)).toThrow(
      /^work must be a call of a function of workerModule/,
    );
    expect(() => executor.submit(work.add(1, 2), { signal: 1 as never })).toThrow(/^signal must be/);
    expect(executor.workers).toBe(0);
  });

  test('THREAD-8.4 workers come with the work, up to the most, and go when idle, down to the least', async () => {
    const executor = start({ minWorkers: 1, maxWorkers: 2, idleMs: 0 });
    expect(executor.workers).toBe(1);
    const pending = Array.from({ length: 4 }, () => executor.submit(work.untilAborted()));
    expect(executor.workers).toBe(2);
    for (const one of pending) one.cancel();
    for (const one of pending) expect(isCancelledError(await outcome(one))).toBe(true);
    await until(() => executor.workers === 1);
    expect(await executor.submit(work.add(1, 1))).toBe(2);
  });

  test('THREAD-8.5 a full queue refuses, or lets wait, and room() tells when there is a place', async () => {
    const executor = start({ maxWorkers: 1, maxQueue: 1 });
    const running = executor.submit(work.untilAborted());
    const queued = executor.submit(work.add(1, 1));
    expect(executor.full()).toBe(true);
    expect(() => executor.submit(work.add(2, 2))).toThrow(expect.objectContaining({ code: 'EXECUTOR_FULL' }));
    const outside = executor.submit(work.add(3, 3), { wait: true });
    const given = executor.submit(work.add(4, 4), { wait: true });
    expect(given.cancel()).toBe(true);
    expect(given.cancelled()).toBe(true);
    const room = executor.room();
    running.cancel();
    expect(await queued).toBe(2);
    expect(await outside).toBe(6);
    await room;
    expect(executor.full()).toBe(false);
    await executor.room();
  });

  test('THREAD-8.5 room() tells all who wait, as nobody else may tell them later', async () => {
    const executor = start({ maxWorkers: 1, maxQueue: 1 });
    const running = executor.submit(work.untilAborted());
    const queued = executor.submit(work.untilAborted());
    const rooms = Promise.all([executor.room(), executor.room(), executor.room()]);
    queued.cancel();
    await rooms;
    expect(executor.full()).toBe(false);
    running.cancel();
    await outcome(running);
  });

  test('THREAD-8.6 each worker is initialised before its first work; if that fails the executor is broken', async () => {
    const executor = start({ maxWorkers: 1, initializer: work.configure('well') });
    expect(await executor.submit(work.configuration())).toBe('well');
    const slow = start({ maxWorkers: 1, initializer: work.configureSlowly('in time') });
    expect(await slow.submit(work.configuration())).toBe('in time');
    const broken = start({ maxWorkers: 1, initializer: work.failToConfigure() });
    const futures = [broken.submit(work.add(1, 1)), broken.submit(work.add(1, 1))];
    for (const future of futures) {
      const error = (await outcome(future)) as Error;
      expect(isBrokenExecutorError(error)).toBe(true);
      expect(error.message).toBe('a worker could not be started: no configuration');
      expect(String(error.cause)).toBe('Error: no configuration');
    }
    expect(() => broken.submit(work.add(1, 1))).toThrow(BrokenExecutorError);
    await broken.shutdown();
    expect(broken.workers).toBe(0);
  });

  test('THREAD-8.7 work that waits and is cancelled never runs, and leaves the queue at once', async () => {
    const executor = start({ maxWorkers: 1 });
    const running = executor.submit(work.untilAborted());
    await until(() => running.running());
    const queued = Array.from({ length: 3 }, () => executor.submit(work.exit(1)));
    expect(executor.pending).toBe(4);
    for (const one of queued) {
      expect(one.running()).toBe(false);
      expect(one.cancel('enough')).toBe(true);
      expect(one.cancelled()).toBe(true);
      expect(() => one.result()).toThrow('enough');
    }
    expect(executor.pending).toBe(1);
    running.cancel();
    expect(isCancelledError(await outcome(running))).toBe(true);
    expect(await executor.submit(work.add(1, 1))).toBe(2);
  });

  test('THREAD-8.8 running work sees the cancellation, and its worker lives on', async () => {
    const executor = start({ maxWorkers: 1, graceMs: Number.POSITIVE_INFINITY });
    const pid = await executor.submit(work.pid());
    const works = shares ? [work.untilAborted(), work.computeUntilCancelled()] : [work.untilAborted()];
    for (const one of works) {
      const future = executor.submit(one);
      await until(() => future.running());
      expect(future.cancel('enough')).toBe(true);
      expect(future.done()).toBe(false);
      expect(await outcome(future)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
    }
    const stubborn = executor.submit(work.stubborn());
    await until(() => stubborn.running());
    stubborn.cancel();
    expect(await stubborn).toBe('done all the same');
    expect(await executor.submit(work.pid())).toBe(pid);
    expect(executor.workers).toBe(1);
  });

  test('THREAD-8.9 work that hears nothing is ended with its worker after the grace, and only that work', async () => {
    const executor = start({ maxWorkers: 1, graceMs: 0 });
    const deaf = executor.submit(work.deaf());
    const after = executor.submit(work.add(1, 2));
    await until(() => deaf.running());
    deaf.cancel('enough');
    expect(await outcome(deaf)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
    expect(await after).toBe(3);
    expect(executor.workers).toBe(1);
  });

  test('THREAD-8.9 a worker that is ended before it has begun breaks nothing', async () => {
    const executor = start({ maxWorkers: 1, graceMs: 0 });
    const early = executor.submit(work.untilAborted());
    executor.submit(work.add(1, 1));
    early.cancel();
    expect(isCancelledError(await outcome(early))).toBe(true);
    expect(await executor.submit(work.add(1, 2))).toBe(3);
  });

  test.each(['exit', 'crash'] as const)(
    'THREAD-8.10 a worker that ends by %s fails its own work only',
    async (how) => {
      const executor = start({ maxWorkers: 1 });
      const before = executor.submit(work.add(1, 1));
      const lost = executor.submit(how === 'exit' ? work.exit(3) : work.crash());
      const after = [executor.submit(work.add(2, 2)), executor.submit(work.echo('text'))];
      expect(await before).toBe(2);
      const error = (await outcome(lost)) as Error;
      expect(isWorkerEndedError(error)).toBe(true);
      expect(error.message).toMatch(new RegExp(`^the worker ended while it ran '${how}': `));
      expect(await Promise.all(after)).toEqual([4, 'text']);
      expect(executor.workers).toBe(1);
    },
  );

  test('THREAD-8.11 shutdown() takes no more work, lets what there is end, or cancels what has not begun', async () => {
    const executor = start({ maxWorkers: 1 });
    const futures = [executor.submit(work.slowly(1)), executor.submit(work.slowly(2))];
    const ended = executor.shutdown();
    expect(() => executor.submit(work.add(1, 1))).toThrow(
      expect.objectContaining({
        code: 'EXECUTOR_SHUTDOWN',
        message: 'cannot schedule new futures after shutdown',
      }),
    );
    await ended;
    expect(futures.map((future) => future.result())).toEqual([1, 2]);
    expect(executor.workers).toBe(0);
    await executor.shutdown();

    const other = start({ maxWorkers: 1 });
    const running = other.submit(work.untilAborted());
    await until(() => running.running());
    const queued = other.submit(work.add(1, 1));
    await other.shutdown({ wait: false, cancelFutures: true });
    expect([queued.cancelled(), running.done()]).toEqual([true, false]);
    running.cancel();
    await other.shutdown();
    expect(running.cancelled()).toBe(true);
    await expect(executor.shutdown({ wait: 1 as never })).rejects.toThrow(/^wait must be/);
  });

  test('THREAD-8.12 what cannot be cloned fails its own work only', async () => {
    const executor = start({ maxWorkers: 1 });
    const futures = [work.add(1, 1), work.echo(() => {}), work.uncloneable(), work.add(2, 2)].map((one) =>
      executor.submit<unknown>(one),
    );
    const [one, args, result, two] = await Promise.all(futures.map(outcome));
    expect([one, two]).toEqual([2, 4]);
    expect(String(args)).toMatch(
      /^TypeError: the arguments of 'echo' must be what structured cloning can copy/,
    );
    expect(String(result)).toMatch(/^TypeError: the result of 'uncloneable' cannot be cloned/);
  });

  test('THREAD-8.14 a signal cancels, before and after the work has begun, and leaves no listener', async () => {
    const executor = start({ maxWorkers: 1 });
    const reason = new Error('left');
    const late = new AbortController();
    const running = executor.submit(work.untilAborted(), { signal: late.signal });
    await until(() => running.running());
    const queued = executor.submit(work.exit(1), { signal: late.signal });
    late.abort(reason);
    expect([await outcome(running), await outcome(queued)]).toEqual([reason, reason]);
    const never = executor.submit(work.exit(1), { signal: late.signal });
    expect(await outcome(never)).toBe(reason);
    let listeners = 0;
    const counted = new AbortController().signal;
    const { addEventListener, removeEventListener } = counted;
    counted.addEventListener = (...of: unknown[]) => {
      listeners++;
      Reflect.apply(addEventListener, counted, of);
    };
    counted.removeEventListener = (...of: unknown[]) => {
      listeners--;
      Reflect.apply(removeEventListener, counted, of);
    };
    for (let times = 0; times < 10; times++) await executor.submit(work.add(1, 1), { signal: counted });
    expect(listeners).toBe(0);
    expect(executor.pending).toBe(0);
  });
});

test('THREAD-8.10 a worker that runs out of memory fails its own work only', async () => {
  const executor = new WorkerExecutor({
    maxWorkers: 1,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  });
  executors.push(executor);
  const lost = executor.submit(work.exhaust());
  const after = executor.submit(work.add(1, 1));
  expect(await outcome(lost)).toMatchObject({
    code: 'WORKER_ENDED',
    cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
  });
  expect(await after).toBe(2);
});

test('THREAD-8.6 what the start of a worker throws breaks the executor, and fails what waits', async () => {
  let starts = 0;
  const executor = new WorkerExecutor({
    maxWorkers: 2,
    startWorker() {
      if (++starts === 2) throw new Error('no more');
      return new FakeWorker();
    },
  });
  executors.push(executor);
  const given = executor.submit(work.add(1, 1));
  const refused = executor.submit(work.add(2, 2));
  expect(executor.pending).toBe(0);
  for (const one of [given, refused]) {
    expect(await outcome(one)).toMatchObject({
      code: 'BROKEN_EXECUTOR',
      message: 'a worker could not be started: no more',
    });
  }
  expect(() => executor.submit(work.add(1, 1))).toThrow(BrokenExecutorError);
  await executor.shutdown();
  expect(executor.workers).toBe(0);
});

test('THREAD-8.13 what a worker was given ahead does not wait behind a long work while another is idle', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 2 });
  executors.push(executor);
  const words = new Int32Array(new SharedArrayBuffer(4));
  await Promise.all([executor.submit(work.slowly(1)), executor.submit(work.slowly(1))]);
  const long = executor.submit(work.wait(words));
  await until(() => long.running());
  const short = Array.from({ length: 90 }, (_, at) => executor.submit(work.add(at, at)));
  expect(await Promise.all(short)).toEqual(short.map((_, at) => at * 2));
  expect(long.done()).toBe(false);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  expect(await long).toBe('ok');
});

test('THREAD-8.7 works that are cancelled at once, however many, take no place from those that follow', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  executors.push(executor);
  const sums = Array.from({ length: 60 }, (_, at) => at + 1);
  for (const _round of ['the worker starts', 'it is there']) {
    const old = Array.from({ length: 300 }, (_, at) => executor.submit(work.add(-at, -1)));
    for (const one of old) one.cancel();
    for (let at = 0; at < 128; at++) executor.submit(work.add(-at, -1)).cancel();
    const fresh = sums.map((sum) => executor.submit(work.add(sum, 0)));
    expect(old.every((one) => one.cancelled())).toBe(true);
    expect(executor.pending).toBe(60);
    expect(await Promise.all(fresh)).toEqual(sums);
  }
});

test('THREAD-8.12 any number of works that cannot be cloned leave the place of those that follow', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  executors.push(executor);
  await executor.submit(work.add(0, 0));
  const refused = Array.from({ length: 300 }, () => outcome(executor.submit(work.echo(() => {}))));
  for (const one of refused) expect(await one).toBeInstanceOf(TypeError);
  expect(await executor.submit(work.add(1, 2))).toBe(3);
});

test('THREAD-8.10 what a worker had given when it ended, and could not say, is the result', async () => {
  const worker = new FakeWorker();
  const executor = new WorkerExecutor({ maxWorkers: 1, startWorker: () => worker });
  executors.push(executor);
  const given = executor.submit(work.add(1, 1));
  worker.emit('message', [0, READY, undefined]);
  const lost = executor.submit(work.add(2, 2));
  await Promise.resolve();
  const { words, numbers } = new WorkMemory((worker.told[0] as { memory: SharedArrayBuffer }).memory);
  numbers[1] = 2;
  words[1] = GAVE_NUMBER;
  words[2] = RUNNING;
  worker.emit('exit', 1);
  expect(await outcome(given)).toBe(2);
  expect(await outcome(lost)).toMatchObject({ code: 'WORKER_ENDED' });
});

test('THREAD-8.15 what is transferred moves, there and back', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  executors.push(executor);
  const data = new ArrayBuffer(16);
  const sizes = [
    executor.submit(work.byteLength(data), { transfer: [data] }),
    executor.submit(work.add(1, 1)),
  ];
  expect(await Promise.all(sizes)).toEqual([16, 2]);
  expect(data.byteLength).toBe(0);
  expect((await executor.submit(work.buffer(8))).byteLength).toBe(8);
});

test('THREAD-8.15 what was to be transferred stays if the work is cancelled at once', async () => {
  const executor = new WorkerExecutor({ maxWorkers: 1 });
  executors.push(executor);
  const kept = new ArrayBuffer(16);
  const moved = new ArrayBuffer(8);
  executor.submit(work.byteLength(kept), { transfer: [kept] }).cancel();
  const list = [1, 2];
  const outcomes = [
    executor.submit<unknown>(work.byteLength(moved), { transfer: [moved] }),
    executor.submit<unknown>(work.echo(list)),
  ];
  expect(await Promise.all(outcomes)).toEqual([8, [1, 2]]);
  expect([kept.byteLength, moved.byteLength]).toEqual([16, 0]);
});

test('THREAD-8.3 a host that runs no works in processes says so', () => {
  Object.assign(globalThis, { Deno: {} });
  try {
    expect(() => new ProcessExecutor()).toThrow(expect.objectContaining({ code: 'NO_PROCESSES' }));
  } finally {
    Reflect.deleteProperty(globalThis, 'Deno');
  }
});
