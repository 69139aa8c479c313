import { Worker } from 'node:worker_threads';
import { isBlockingNotAllowedError } from '../../src/errors.js';
import {
  isOwnerDiedError,
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedMemory,
  SharedQueue,
  SharedSemaphore,
} from '@aiokit/threadsafe/shared';
import { GATHERING_WORDS } from '../../src/shared/gathering.js';
import { GUARD, NEXT_UNIT } from '../../src/shared/layout.js';
import { createTask } from '@aiokit/task';
import { isTimeoutError } from '@aiokit/loop-core';
import { expect, test } from 'vitest';

const codeOf = (wait: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(wait).then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
const thrown = (work: () => unknown): { code?: string } => {
  try {
    work();
  } catch (error) {
    return error as { code?: string };
  }
  return {};
};

/** Does something while another thread is inside a guard. */
const whileBusy = <T>(
  { memory, handle }: SharedLock | SharedQueue<number> | SharedEvent,
  work: () => T,
): T => {
  const { m } = memory.connection;
  const guard = handle.at + GUARD;
  m[guard] = 10 << 1;
  try {
    return work();
  } finally {
    m[guard] = 0;
  }
};

test('SHARED-1.1 a memory that is full says of what', () => {
  const memory = new SharedMemory({ threads: 1, waits: 1, primitives: 1, name: 'me' });
  expect(memory.threads).toEqual(['me']);
  const lock = new SharedLock(memory);
  const token = lock.tryAcquire();
  expect(thrown(() => lock.tryAcquire()).code).toBe('TOO_MANY_WAITS');
  token?.release();
  expect(lock.tryAcquire()?.live).toBe(true);
  expect(() => {
    for (;;) new SharedLock(memory);
  }).toThrow(/no room for another primitive/);
  memory.disconnect();
});

test('SHARED-1.2 a handle finds the same primitive, over one connection', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const same = SharedLock.from(structuredClone(lock.handle));
  expect(same.memory).toBe(memory);
  const token = await lock.acquire();
  expect(same.tryAcquire()).toBeNull();
  token.release();
  const queue = new SharedQueue<unknown>(memory, { maxsize: 3, itemBytes: 50, codec: 'clone' });
  await queue.put({ of: 'one' });
  expect(SharedQueue.from(structuredClone(queue.handle)).getNowait()).toEqual({ of: 'one' });
  const condition = new SharedCondition(lock);
  expect(SharedCondition.from(condition.handle).lock.locked()).toBe(false);
  expect(SharedBarrier.from(new SharedBarrier(memory, 3).handle).parties).toBe(3);
  expect(SharedSemaphore.from(new SharedSemaphore(memory, 3).handle).permits).toBe(3);
  expect(SharedEvent.from(new SharedEvent(memory).handle).isSet()).toBe(false);
  expect(memory.threads).toEqual(['the main thread']);
});

test('SHARED-1.3 arguments that make no sense are refused by name', () => {
  const memory = new SharedMemory();
  expect(() => new SharedMemory({ threads: 0 })).toThrow(/threads must be from 1/);
  expect(() => new SharedLock({} as never)).toThrow(/memory must be a SharedMemory/);
  expect(() => new SharedSemaphore(memory, -1)).toThrow(RangeError);
  expect(() => new SharedBarrier(memory, 1.5)).toThrow(/parties/);
  expect(() => new SharedQueue(memory, { maxsize: 0, itemBytes: 4 })).toThrow(/maxsize/);
  expect(() => SharedLock.from({} as never)).toThrow(/handle must be that of a SharedLock/);
  expect(() => new SharedCondition({} as never)).toThrow(/lock/);
  expect(() => memory.watch({})).toThrow(/worker/);
  const lock = new SharedLock(memory);
  expect(() => lock.acquire({ timeoutMs: Number.NaN })).toThrow(/timeoutMs/);
  expect(() => lock.acquire({ signal: 1 as never })).toThrow(/signal/);
  expect(() => new SharedCondition(lock).notify(-1)).toThrow(/count/);
  expect(memory.connection.used).toBe(0);
});

test('SHARED-1.3 what is refused takes no slot and no room', () => {
  const memory = new SharedMemory({ threads: 2 });
  expect(() => new SharedMemory(memory.handle, 5 as never)).toThrow(/name must be a string, got 5/);
  expect(() => new SharedMemory({ name: 5 as never })).toThrow(/name/);
  const other = new SharedMemory(memory.handle, 'other');
  expect(memory.threads).toEqual(['the main thread', 'other']);
  other.disconnect();
  const { m } = memory.connection;
  const before = m[NEXT_UNIT];
  expect(() => new SharedQueue(memory, { maxsize: 2 ** 30, itemBytes: 2 ** 30 })).toThrow(RangeError);
  expect(m[NEXT_UNIT]).toBe(before);
});

test('SHARED-1.3 a handle that says a wrong place is refused', () => {
  const memory = new SharedMemory();
  const { handle } = new SharedEvent(memory);
  for (const at of [undefined, 5, -1, 0.5, 2 ** 20, handle.at]) {
    const wrong = { kind: 'SharedLock', memory: memory.handle, at: at as number } as const;
    expect(() => SharedLock.from(wrong)).toThrow(/handle\.at must be where a SharedLock lies/);
  }
  expect(() => SharedEvent.from({ ...handle, at: handle.at + 1 })).toThrow(/handle\.at/);
  expect(memory.connection.m[NEXT_UNIT]).toBe(handle.at + GATHERING_WORDS);
});

test('SHARED-1.3 a worker that has ended is not watched in vain', async () => {
  const worker = new Worker('', { eval: true });
  await new Promise((resolve) => worker.once('exit', resolve));
  expect(() => new SharedMemory().watch(worker)).toThrow(/worker must be one that has not ended/);
});

test('SHARED-1.4 disconnecting ends a connection as the end of its thread would', async () => {
  const memory = new SharedMemory({ name: 'one' });
  const lock = new SharedLock(memory);
  await lock.acquire();
  const other = new SharedMemory(memory.handle, 'two');
  expect(memory.threads).toEqual(['one', 'two']);
  const waiting = new SharedLock(other, lock.handle.at).acquire();
  memory.disconnect();
  const error = await Promise.resolve(waiting).catch((reason: unknown) => reason);
  expect(isOwnerDiedError(error)).toBe(true);
  expect(String(error)).toContain('one has ended');
  expect(other.threads).toEqual(['two']);
  other.disconnect();
});

test('SHARED-1.4 a token of a connection that has ended releases nothing', async () => {
  const memory = new SharedMemory();
  const { handle } = new SharedLock(memory);
  const token = await SharedLock.from(handle).acquire();
  memory.disconnect();
  const again = SharedLock.from(handle);
  expect(again.broken).toBe(true);
  again.reset();
  const held = again.tryAcquire();
  token.release();
  expect([held?.live, token.live, again.tryAcquire()]).toEqual([true, false, null]);
});

test('SHARED-1.4 disconnecting ends what this thread waits for, and refuses all that comes', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const event = new SharedEvent(memory);
  const queue = new SharedQueue<number>(memory, { maxsize: 1, itemBytes: 8, codec: 'clone' });
  const held = await lock.acquire();
  const waits = [lock.acquire(), event.wait(), queue.get()];
  const released = new SharedLock(memory);
  const condition = new SharedCondition(lock);
  const token = await released.acquire();
  const granted = released.acquire();
  token.release();
  const late = whileBusy(event, () => event.wait());
  const all = [...waits, granted, late];
  const codes = all.map(codeOf);
  memory.disconnect();
  memory.disconnect();
  expect(all.map((wait) => wait.done())).toEqual([true, true, true, true, true]);
  expect(new Set(await Promise.all(codes))).toEqual(new Set(['DISCONNECTED']));
  for (const work of [
    () => lock.tryAcquire(),
    () => lock.reset(),
    () => condition.wait(held),
    () => condition.notify(),
    () => event.set(),
    () => event.wait(),
    () => queue.putNowait(1),
    () => queue.put(1),
    () => queue.getNowait(),
    () => queue.taskDone(),
    () => new SharedLock(memory),
  ]) {
    expect(thrown(work).code).toBe('DISCONNECTED');
  }
});

test('SHARED-2.2 first come, first served', async () => {
  const lock = new SharedLock(new SharedMemory());
  const order: number[] = [];
  const token = await lock.acquire();
  const waits = [1, 2, 3].map((name) =>
    lock.acquire().then((own) => {
      order.push(name);
      own.release();
    }),
  );
  expect(String(lock)).toBe('<SharedLock locked waiters=3>');
  token.release();
  expect(lock.tryAcquire()).toBeNull();
  await Promise.all(waits);
  expect(order).toEqual([1, 2, 3]);
});

test('SHARED-2.2 who met a busy guard is before who came behind', async () => {
  const lock = new SharedLock(new SharedMemory());
  const order: number[] = [];
  const token = await lock.acquire();
  const enter = (name: number) =>
    lock.acquire({ timeoutMs: 1000 }).then((own) => {
      order.push(name);
      own.release();
    });
  const first = whileBusy(lock, () => enter(1));
  const second = enter(2);
  token.release();
  await Promise.all([first, second]);
  expect(order).toEqual([1, 2]);
  expect([lock.locked(), lock.waiting]).toEqual([false, 0]);
});

test('SHARED-7.1 what met a busy guard is put before what was put after it', async () => {
  const queue = new SharedQueue<number>(new SharedMemory(), { maxsize: 8, itemBytes: 8, codec: 'clone' });
  const first = whileBusy(queue, () => queue.put(1));
  const second = queue.put(2);
  await Promise.all([first, second]);
  expect([await queue.get(), await queue.get()]).toEqual([1, 2]);
  const late = whileBusy(queue, () => queue.putMany([4, 5]));
  await Promise.all([late, queue.put(6)]);
  expect(await queue.getMany()).toEqual([4, 5, 6]);
});

test('SHARED-4.1 set() and clear() keep their order behind a busy guard', async () => {
  const event = new SharedEvent(new SharedMemory());
  whileBusy(event, () => event.set());
  event.clear();
  const { connection } = event.memory;
  while (connection.behind) await new Promise(setImmediate);
  expect(event.isSet()).toBe(false);
});

test('SHARED-2.4 a token releases once, and a section releases whatever it does', async () => {
  const semaphore = new SharedSemaphore(new SharedMemory(), 1);
  const token = await semaphore.acquire();
  token.release();
  const next = semaphore.tryAcquire();
  token[Symbol.dispose]();
  expect(semaphore.locked()).toBe(true);
  next?.release();
  expect([token.live, String(token)]).toEqual([false, '<SharedToken ended>']);
  await expect(
    semaphore.with(() => {
      throw new Error('section');
    }),
  ).rejects.toThrow('section');
  expect(await semaphore.with((own) => own.live)).toBe(true);
  expect(String(semaphore)).toBe('<SharedSemaphore unlocked>');
});

const ends = ['cancel', 'abort', 'timeout'] as const;
const whens = ['before', 'with', 'after'] as const;

test.each(ends.flatMap((end) => whens.map((when) => [end, when] as const)))(
  'SHARED-2.5 %s, %s the turn: no permit is lost and none is given twice',
  async (end, when) => {
    const memory = new SharedMemory();
    const lock = new SharedLock(memory);
    const token = await lock.acquire();
    const abort = new AbortController();
    const limits = { signal: abort.signal, ...(end === 'timeout' ? { timeoutMs: 1 } : {}) };
    const wait = lock.acquire(limits);
    const outcome = codeOf(wait);
    const next = lock.acquire();
    const stop = (): unknown => {
      if (end === 'abort') return abort.abort(new Error('stop'));
      return end === 'cancel' ? wait.cancel() : wait.abandon();
    };
    if (when === 'before' || end === 'timeout') {
      if (end === 'timeout' && when === 'before') await outcome;
      else stop();
      token.release();
    } else if (when === 'with') {
      token.release();
      stop();
    } else {
      token.release();
      const own = await wait;
      stop();
      own.release();
    }
    const told = await Promise.race([outcome, Promise.resolve('untold')]);
    expect(['done', 'CANCELLED', 'TIMEOUT', 'Error: stop', 'untold']).toContain(told);
    (await next).release();
    const last = await lock.acquire({ timeoutMs: 0 });
    last.release();
    expect([lock.locked(), lock.waiting, memory.connection.used]).toEqual([false, 0, 0]);
  },
);

test('SHARED-2.5 a task that is cancelled withdraws its wait', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const token = await lock.acquire();
  const task = createTask(
    (function* () {
      return yield* lock.acquire();
    })(),
  );
  await new Promise(setImmediate);
  expect(lock.waiting).toBe(1);
  task.cancel();
  expect(await codeOf(task)).toBe('CANCELLED');
  expect(lock.waiting).toBe(0);
  token.release();
  expect(memory.connection.used).toBe(0);
});

test('SHARED-2.6 without waitAsync a message wakes who awaits', async () => {
  const had = Object.getOwnPropertyDescriptor(Atomics, 'waitAsync') as PropertyDescriptor;
  Object.defineProperty(Atomics, 'waitAsync', { ...had, value: undefined });
  try {
    const memory = new SharedMemory();
    const other = new SharedMemory(memory.handle, 'other');
    const lock = new SharedLock(memory);
    const token = await lock.acquire();
    const theirs = new SharedLock(other, lock.handle.at).acquire();
    const own = lock.acquire();
    token.release();
    (await theirs).release();
    (await own).release();
    expect(lock.locked()).toBe(false);
  } finally {
    Object.defineProperty(Atomics, 'waitAsync', had);
  }
});

test('SHARED-3.2 the main thread may not block, and nothing has changed', () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const queue = new SharedQueue(memory, { maxsize: 1, itemBytes: 1 });
  for (const work of [
    () => lock.acquireSync(),
    () => new SharedEvent(memory).waitSync(),
    () => new SharedBarrier(memory, 2).waitSync(),
    () => queue.getSync(),
    () => queue.putSync(new Uint8Array(1)),
    () => queue.joinSync(),
  ]) {
    expect(isBlockingNotAllowedError(thrown(work))).toBe(true);
  }
  expect([lock.locked(), queue.qsize()]).toEqual([false, 0]);
});

test('SHARED-3.3 limits of a wait that blocks', () => {
  const memory = new SharedMemory();
  // The tests' own thread, as if it were a worker: it sleeps until the time is up.
  memory.connection.canBlock = true;
  const lock = new SharedLock(memory);
  const token = lock.acquireSync();
  expect(isTimeoutError(thrown(() => lock.acquireSync({ timeoutMs: 1 })))).toBe(true);
  expect(isTimeoutError(thrown(() => lock.acquireSync({ timeoutMs: 0 })))).toBe(true);
  const signal = AbortSignal.abort(new Error('stop'));
  expect(() => lock.acquireSync({ signal })).toThrow('stop');
  token.release();
  const queue = new SharedQueue(memory, { maxsize: 1, itemBytes: 1 });
  queue.putSync(new Uint8Array(1));
  expect(thrown(() => queue.putSync(new Uint8Array(1), { timeoutMs: 1 })).code).toBe('TIMEOUT');
  expect(thrown(() => queue.joinSync({ timeoutMs: 1 })).code).toBe('TIMEOUT');
  expect(queue.getManySync()).toEqual([new Uint8Array(1)]);
  expect(thrown(() => queue.getSync({ timeoutMs: 1 })).code).toBe('TIMEOUT');
  queue.taskDone();
  queue.joinSync();
  expect(thrown(() => new SharedEvent(memory).waitSync({ timeoutMs: 1 })).code).toBe('TIMEOUT');
  expect(thrown(() => new SharedBarrier(memory, 2).waitSync({ timeoutMs: 1 })).code).toBe('TIMEOUT');
  expect(new SharedBarrier(memory, 1).waitSync()).toBe(0);
  const condition = new SharedCondition(lock);
  const own = lock.acquireSync();
  expect(thrown(() => condition.waitSync(own, { timeoutMs: 1 })).code).toBe('TIMEOUT');
  expect([own.live, lock.locked(), memory.connection.used]).toEqual([false, false, 0]);
});

test('SHARED-4.4 a barrier that is aborted is broken until it is reset', async () => {
  const barrier = new SharedBarrier(new SharedMemory(), 2);
  const waiting = codeOf(barrier.wait());
  barrier.abort();
  expect(await waiting).toBe('BROKEN_BARRIER');
  expect(await codeOf(barrier.wait())).toBe('BROKEN_BARRIER');
  expect(String(barrier)).toBe('<SharedBarrier broken waiters=0/2>');
  barrier.reset();
  const again = codeOf(barrier.wait());
  barrier.reset();
  expect(await again).toBe('BROKEN_BARRIER');
  expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
});

test('SHARED-5.3 a wait that fails does not hold the lock', async () => {
  const memory = new SharedMemory();
  const condition = new SharedCondition(new SharedLock(memory));
  const token = await condition.lock.acquire();
  const wait = condition.wait(token, { timeoutMs: 1 });
  expect(token.live).toBe(false);
  expect(thrown(() => condition.wait(token)).code).toBe('NOT_ACQUIRED');
  expect(await codeOf(wait)).toBe('TIMEOUT');
  expect([token.live, condition.lock.locked()]).toEqual([false, false]);
  const held = await condition.lock.acquire();
  expect(await codeOf(condition.wait(held, { timeoutMs: 0 }))).toBe('TIMEOUT');
  expect(held.live).toBe(true);
  const notified = condition.wait(held);
  expect([condition.waiting, String(condition)]).toEqual([
    1,
    '<SharedCondition of <SharedLock unlocked> waiters=1>',
  ]);
  condition.notifyAll();
  expect([await notified, held.live]).toEqual([true, true]);
  held.release();
  expect(memory.connection.used).toBe(0);
});

test('SHARED-7.4 bytes, values, codecs, and items that are too large', async () => {
  const memory = new SharedMemory();
  const bytes = new SharedQueue(memory, { maxsize: 2, itemBytes: 3 });
  expect(() => bytes.putNowait(new Uint8Array(4))).toThrow(/3 bytes at most, got 4/);
  expect(() => bytes.putNowait('text' as never)).toThrow(/Uint8Array/);
  bytes.putNowait(new Uint8Array([1, 2, 3]));
  expect(bytes.getNowait()).toEqual(new Uint8Array([1, 2, 3]));
  const values = new SharedQueue<unknown>(memory, { maxsize: 4, itemBytes: 200, codec: 'clone' });
  for (const value of [undefined, new Map([[1, 2n]]), [null], 'text']) {
    values.putNowait(value);
    expect(await values.get()).toEqual(value);
  }
  const codec = {
    encode: (text: string) => new TextEncoder().encode(text),
    decode: (item: Uint8Array) => new TextDecoder().decode(item),
  };
  const texts = new SharedQueue<string>(memory, { maxsize: 2, itemBytes: 100, codec });
  texts.putNowait('a'.repeat(90));
  expect(texts.getNowait()).toBe('a'.repeat(90));
  expect(() => SharedQueue.from(texts.handle)).toThrow(/codec/);
  const same = { encode: (item: unknown) => item as Uint8Array, decode: (item: unknown) => item };
  const any = new SharedQueue<unknown>(memory, { maxsize: 2, itemBytes: 8, codec: same });
  for (const item of ['abc', {}, undefined, new Uint16Array(1)]) {
    expect(() => any.putNowait(item)).toThrow(/what codec\.encode gives must be a Uint8Array/);
  }
  expect(any.empty()).toBe(true);
  expect(() => new SharedQueue(memory, { maxsize: 2, itemBytes: 1, codec: 'other' as never })).toThrow(
    /codec/,
  );
});

test('SHARED-7.5 many at once', async () => {
  const queue = new SharedQueue<number>(new SharedMemory(), { maxsize: 3, itemBytes: 50, codec: 'clone' });
  const first = queue.getMany();
  await queue.putMany([1, 2]);
  expect(await first).toEqual([1, 2]);
  await queue.putMany([3, 4]);
  const putting = queue.putMany([5, 6]);
  expect(thrown(() => queue.putNowait(7)).code).toBe('QUEUE_FULL');
  expect([putting.done(), queue.waiting.putters]).toEqual([false, 1]);
  expect(await queue.getMany({ max: 1 })).toEqual([3]);
  await putting;
  expect(await queue.getMany()).toEqual([4, 5, 6]);
  expect(thrown(() => queue.getNowait()).code).toBe('QUEUE_EMPTY');
  await queue.putMany([]);
  expect(() => queue.putMany([1, 2, 3, 4])).toThrow(/3 at most, got 4/);
  expect(() => queue.getMany({ max: 0 })).toThrow(/max/);
});

test('SHARED-7.6 what was got at once and never observed comes back', async () => {
  const queue = new SharedQueue<number>(new SharedMemory(), { maxsize: 3, itemBytes: 50, codec: 'clone' });
  await queue.putMany([1, 2, 3]);
  queue.get().abandon();
  expect(queue.qsize()).toBe(3);
  expect(await queue.get()).toBe(1);
  queue.getMany().abandon();
  expect([await queue.get(), await queue.get()]).toEqual([2, 3]);
});

test('SHARED-7.6 what comes back goes to those who wait already', async () => {
  const memory = new SharedMemory();
  const queue = new SharedQueue<number>(memory, { maxsize: 3, itemBytes: 50, codec: 'clone' });
  await queue.putMany([1, 2, 3]);
  const all = queue.getMany();
  const waits = [queue.get(), queue.get(), queue.getMany({ max: 1 })] as const;
  const given = queue.get();
  all.abandon();
  expect(queue.qsize()).toBe(3);
  // One whose turn it is passes it on.
  waits[0].abandon();
  expect([waits[1], waits[2], given].map((wait) => wait.done())).toEqual([true, true, true]);
  expect(await Promise.all([waits[1], waits[2], given])).toEqual([2, [3], 1]);
  expect([queue.qsize(), queue.waiting.getters, memory.connection.used]).toEqual([0, 0, 0]);
});

test('SHARED-8.1 a queue that is shut down is drained, then says so', async () => {
  const queue = new SharedQueue<number>(new SharedMemory(), { maxsize: 1, itemBytes: 50, codec: 'clone' });
  await queue.put(1);
  const putting = codeOf(queue.put(2));
  queue.shutdown();
  expect(await putting).toBe('QUEUE_SHUT_DOWN');
  expect(String(queue)).toBe('<SharedQueue maxsize=1 items=1 shutdown>');
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  expect(items).toEqual([1]);
  expect(await codeOf(queue.get())).toBe('QUEUE_SHUT_DOWN');
  expect(thrown(() => queue.putNowait(2)).code).toBe('QUEUE_SHUT_DOWN');
  const dropped = new SharedQueue<number>(new SharedMemory(), { maxsize: 1, itemBytes: 50, codec: 'clone' });
  await dropped.put(1);
  dropped.shutdown({ immediate: true });
  expect(thrown(() => dropped.getNowait()).code).toBe('QUEUE_SHUT_DOWN');
});

test('SHARED-8.2 the work is done when each who got says so', async () => {
  const queue = new SharedQueue<number>(new SharedMemory(), { maxsize: 2, itemBytes: 50, codec: 'clone' });
  await queue.join();
  await queue.putMany([1, 2]);
  const joined = queue.join();
  await queue.getMany();
  queue.taskDone();
  await new Promise(setImmediate);
  expect(joined.done()).toBe(false);
  queue.taskDone();
  await joined;
  expect(() => queue.taskDone()).toThrow('taskDone() called too many times');
});
