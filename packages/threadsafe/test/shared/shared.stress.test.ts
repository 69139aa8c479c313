/** Real workers. Counts are bounded; `AIOKIT_STRESS` multiplies them. */
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedMemory,
  SharedQueue,
  SharedSemaphore,
} from '@aiokit/threadsafe/shared';
import { expect, test } from 'vitest';
import { ended, said, start } from './workers.js';

const times = Number(process.env.AIOKIT_STRESS ?? 1);

test('SHARED-3.1 workers block for what the loop gives them, and the loop awaits what they give', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const event = new SharedEvent(memory);
  const condition = new SharedCondition(lock);
  const barrier = new SharedBarrier(memory, 2);
  const queue = new SharedQueue(memory, { maxsize: 4, itemBytes: 8 });
  const semaphore = new SharedSemaphore(memory, 1);
  const permit = await semaphore.acquire();
  const worker = start(memory, 'block', {
    lock: lock.handle,
    event: event.handle,
    condition: condition.handle,
    barrier: barrier.handle,
    queue: queue.handle,
    semaphore: semaphore.handle,
  });
  await said(worker);
  event.set();
  const index = barrier.wait();
  const told = said(worker);
  // Notified again until it has: who is not there yet hears nothing.
  while (!index.done()) {
    condition.notify();
    await new Promise(setImmediate);
  }
  expect(await index).toBe(0);
  await queue.put(new Uint8Array([7]));
  const answers = await told;
  expect(answers).toEqual(['done', 1, new Uint8Array([7]), 'Error: aborted', 'TIMEOUT', 'TIMEOUT']);
  expect(await queue.get()).toEqual(new Uint8Array([9]));
  queue.taskDone();
  await queue.join();
  permit.release();
  await ended(worker);
  expect(memory.threads).toEqual(['the main thread']);
});

test('SHARED-2.1 a counter that a lock protects is right', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const each = 2000 * times;
  const workers = Array.from({ length: 4 }, () =>
    start(memory, 'count', { lock: lock.handle, cells, times: each }),
  );
  const counted = workers.map(said);
  for (let left = 100; left > 0; left--) {
    await lock.with(() => {
      cells[0] = (cells[0] as number) + 1;
    });
  }
  await Promise.all(counted);
  await Promise.all(workers.map(ended));
  expect(cells[0]).toBe(4 * each + 100);
});

test('SHARED-2.1 a loop that awaits many turns at once gets all of them from workers that block', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const each = 20_000 * times;
  const workers = [0, 1, 2].map(() => start(memory, 'count', { lock: lock.handle, cells, times: each }));
  let counting = true;
  const counted = Promise.all(workers.map(said)).then(() => {
    counting = false;
  });
  let own = 0;
  while (counting) {
    const tokens = Array.from({ length: 8 }, () =>
      lock.acquire().then((token) => {
        own++;
        cells[0] = (cells[0] as number) + 1;
        token.release();
      }),
    );
    await Promise.all(tokens);
  }
  await counted;
  await Promise.all(workers.map(ended));
  expect([cells[0], lock.waiting]).toEqual([3 * each + own, 0]);
});

test('SHARED-7.1 eight workers: nothing lost, nothing twice, each producer in order', async () => {
  const memory = new SharedMemory();
  const queue = new SharedQueue(memory, { maxsize: 256, itemBytes: 8 });
  const items = 25_000 * times;
  const producers = [0, 1, 2, 3].map((id) => start(memory, 'produce', { queue: queue.handle, id, items }));
  const consumers = [0, 1, 2, 3].map(() => start(memory, 'consume', { queue: queue.handle }));
  const counts = consumers.map(said) as Promise<[number, number]>[];
  await Promise.all(producers.map(said));
  await queue.join();
  queue.shutdown();
  const sums = (await Promise.all(counts)).reduce(([n, s], [items_, sum]) => [n + items_, s + sum]);
  expect(sums).toEqual([4 * items, (4 * items * (items - 1)) / 2]);
  await Promise.all([...producers, ...consumers].map(ended));
});

test('SHARED-6.1 a worker that ends while holding breaks the lock for those who wait, by name', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const event = new SharedEvent(memory);
  const holder = start(memory, 'hold', { lock: lock.handle, event: event.handle });
  expect(await said(holder)).toBe(true);
  const waiting = lock.acquire();
  void holder.terminate();
  await expect(Promise.resolve(waiting)).rejects.toMatchObject({
    code: 'OWNER_DIED',
    message: expect.stringContaining('the holder') as string,
  });
  expect(lock.broken).toBe(true);
  expect(() => lock.tryAcquire()).toThrow('the holder');
  lock.reset();
  lock.tryAcquire()?.release();
  expect(event.waiting).toBe(0);
});

test('SHARED-6.5 workers that are terminated at any time leave everything usable', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const semaphore = new SharedSemaphore(memory, 2);
  const queue = new SharedQueue(memory, { maxsize: 2, itemBytes: 4 });
  const handles = { lock: lock.handle, semaphore: semaphore.handle, queue: queue.handle };
  for (let round = 0; round < 10 * times; round++) {
    const workers = [start(memory, 'churn', handles), start(memory, 'churn', handles)];
    await Promise.all(workers.map(said));
    for (let turns = Math.trunc(Math.random() * 20); turns > 0; turns--) await new Promise(setImmediate);
    const gone = workers.map(ended);
    for (const worker of workers) void worker.terminate();
    await Promise.all(gone);
    for (const gate of [lock, semaphore]) {
      gate.reset();
      const tokens = await Promise.all(Array.from({ length: gate.permits }, () => gate.acquire()));
      for (const token of tokens) token.release();
    }
    while (!queue.empty()) queue.getNowait();
    await queue.put(new Uint8Array([1]));
    expect(await queue.get()).toEqual(new Uint8Array([1]));
  }
  expect(memory.threads).toEqual(['the main thread']);
});

test('SHARED-1.5 a wait keeps its thread alive until it is over, and no longer', async () => {
  const memory = new SharedMemory();
  const lock = new SharedLock(memory);
  const token = await lock.acquire();
  const worker = start(memory, 'async', { lock: lock.handle });
  let gone = false;
  void ended(worker).then(() => {
    gone = true;
  });
  await said(worker);
  while (lock.waiting === 0) await new Promise(setImmediate);
  for (let turns = 100; turns > 0; turns--) await new Promise(setImmediate);
  expect(gone).toBe(false);
  const told = said(worker);
  token.release();
  expect(await told).toBe('acquired');
  await ended(worker);
  expect([lock.locked(), lock.broken]).toEqual([false, false]);
});
