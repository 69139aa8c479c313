/** What docs/semantics/differences.md says of shared memory, shown: the title of a test is the heading of its entry. */
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedMemory,
  SharedQueue,
} from '@aiokit/threadsafe/shared';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const codeOf = (wait: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(wait).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

test('DIFF-100 What threads share is released by tokens only', async () => {
  const lock = new SharedLock(new SharedMemory());
  const token = await lock.acquire();
  expect('release' in lock).toBe(false);
  token.release();
  expect(lock.locked()).toBe(false);
});

test('DIFF-101 A wait for a shared condition that fails does not hold the lock', async () => {
  const condition = new SharedCondition(new SharedLock(new SharedMemory()));
  const token = await condition.lock.acquire();
  const wait = condition.wait(token);
  wait.cancel();
  expect(await codeOf(wait)).toBe('CANCELLED');
  expect([token.live, condition.lock.locked()]).toEqual([false, false]);
});

test('DIFF-102 Whoever notifies a shared condition need not hold its lock', async () => {
  const condition = new SharedCondition(new SharedLock(new SharedMemory()));
  const token = await condition.lock.acquire();
  const wait = condition.wait(token);
  expect(condition.lock.locked()).toBe(false);
  condition.notify();
  expect(await wait).toBe(true);
});

test('DIFF-103 A wait that blocks too long is an error', () => {
  const memory = new SharedMemory();
  memory.connection.canBlock = true;
  expect(() => new SharedEvent(memory).waitSync({ timeoutMs: 0 })).toThrow('timed out');
});

test('DIFF-104 Who gives up at a shared barrier does not break it', async () => {
  const barrier = new SharedBarrier(new SharedMemory(), 2);
  expect(await codeOf(barrier.wait({ timeoutMs: 1 }))).toBe('TIMEOUT');
  expect([barrier.broken, barrier.waiting]).toEqual([false, 0]);
});

test('DIFF-105 The thread that got an item says that it is done', async () => {
  const memory = new SharedMemory();
  const queue = new SharedQueue(memory, { maxsize: 1, itemBytes: 1 });
  const other = new SharedMemory(memory.handle, 'other');
  const theirs = new SharedQueue(other, { maxsize: 1, itemBytes: 1 }, queue.handle);
  await queue.put(new Uint8Array(1));
  await theirs.get();
  expect(() => queue.taskDone()).toThrow(RangeError);
  theirs.taskDone();
  await queue.join();
});

test('DIFF-106 An item of a shared queue that was got and not observed stays with its thread', async () => {
  const queue = new SharedQueue(new SharedMemory(), { maxsize: 2, itemBytes: 1 });
  await queue.put(new Uint8Array([1]));
  queue.get().abandon();
  await queue.put(new Uint8Array([2]));
  expect([await queue.get(), await queue.get()]).toEqual([new Uint8Array([1]), new Uint8Array([2])]);
});

test('every difference of shared memory has a test', () => {
  const page = readFileSync(new URL('../../../../docs/semantics/differences.md', import.meta.url), 'utf8');
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const headings = [...page.matchAll(/^## (DIFF-10\d .*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([...source.matchAll(/^test\('(DIFF-10\d .*)', /gm)].map(([, title]) => title));
});
