/** Readers, writers, and the upgradable reader. */
import { setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { type Permit, RWLock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

test('RW-1.1 any number of readers, or one writer', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    expect(inspect(lock)).toBe('<RWLock unlocked>');
    const readers = [lock.read.tryAcquire(), lock.read.tryAcquire()];
    expect([lock.write.tryAcquire(), inspect(lock)]).toEqual([null, '<RWLock readers=2>']);
    for (const one of readers) one?.release();
    const writer = lock.write.tryAcquire();
    expect([lock.read.tryAcquire(), lock.write.tryAcquire(), lock.upgradable.tryAcquire()]).toEqual([
      null,
      null,
      null,
    ]);
    const waits = lock.read.acquire();
    expect([inspect(lock), inspect(lock.read)]).toEqual([
      '<RWLock writing waiters=1>',
      '<RWLock writing waiters=1>',
    ]);
    expect(lock.statistics()).toMatchObject({ holders: 1, readers: 0, writing: true, waiting: 1 });
    writer?.release();
    waits.result().release();
    expect(inspect(lock)).toBe('<RWLock unlocked>');
  }));

test('RW-1.1 sections', () =>
  withLoop(async (loop) => {
    const lock = loop.watch(new RWLock());
    const steps: string[] = [];
    const read = lock.read.wrap(function* (name: string): Coroutine<void> {
      steps.push(`${name} reads`);
      yield* sleep(1);
      steps.push(`${name} has read`);
    });
    createTask(read('a'));
    createTask(read('b'));
    const writing = lock.write.with(() => void steps.push('c writes'));
    await loop.runUntilCompleteAsync(writing);
    expect(steps).toEqual(['c writes', 'a reads', 'b reads']);
    loop.runUntilIdle();
  }));

test('RW-1.2 while a writer waits, readers who come wait too', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const reader = lock.read.tryAcquire();
    const writer = lock.write.acquire();
    const late = lock.read.acquire();
    expect([lock.read.tryAcquire(), late.done()]).toEqual([null, false]);
    reader?.release();
    expect([writer.done(), late.done()]).toEqual([true, false]);
    writer.result().release();
    late.result().release();
  }));

test('RW-2.1 phases: all readers who wait, then a writer, and so on', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const writers = [lock.write.acquire(), lock.write.acquire(), lock.write.acquire()];
    const readers = [lock.read.acquire(), lock.read.acquire()];
    const done = (): boolean[] => [...writers, ...readers].map((one) => one.done());
    expect(done()).toEqual([true, false, false, false, false]);
    writers[0]?.result().release();
    expect(done()).toEqual([true, false, false, true, true]);
    const late = lock.read.acquire();
    readers[0]?.result().release();
    expect([...done(), late.done()]).toEqual([true, false, false, true, true, false]);
    readers[1]?.result().release();
    expect([...done(), late.done()]).toEqual([true, true, false, true, true, false]);
    writers[1]?.result().release();
    expect([...done(), late.done()]).toEqual([true, true, false, true, true, true]);
    late.result().release();
    writers[2]?.result().release();
  }));

test('RW-2.2 a writer that gives up lets in the readers behind it', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const reader = lock.read.tryAcquire();
    const writer = lock.write.acquire({ timeoutMs: 5 });
    const readers = [lock.read.acquire(), lock.upgradable.acquire()];
    loop.advance(5);
    expect(thrownBy(() => writer.result())).toMatchObject({ code: 'TIMEOUT' });
    expect(readers.map((one) => one.done())).toEqual([true, true]);
    for (const one of readers) one.result().release();
    reader?.release();
  }));

test('RW-2.2 a turn to write that is given up goes on', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const reader = lock.read.tryAcquire();
    const writers = [lock.write.acquire(), lock.write.acquire()];
    const late = lock.read.acquire();
    reader?.release();
    writers[0]?.abandon();
    expect([writers[1]?.done(), late.done()]).toEqual([true, false]);
    writers[1]?.abandon();
    expect(late.done()).toBe(true);
    late.abandon();
    expect(inspect(lock)).toBe('<RWLock unlocked>');
  }));

test('RW-3.1 one upgradable reader, beside others', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const upgradable = lock.upgradable.tryAcquire();
    const reader = lock.read.tryAcquire();
    const next = lock.upgradable.acquire();
    expect([reader?.live, lock.upgradable.tryAcquire(), next.done()]).toEqual([true, null, false]);
    upgradable?.release();
    expect(next.done()).toBe(true);
    next.result().release();
    reader?.release();
  }));

test('RW-4.1 a writer becomes a reader, and no writer comes in between', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const writer = lock.write.acquire().result();
    const [next, reader] = [lock.write.acquire(), lock.read.acquire()];
    const read = writer.downgrade();
    expect([writer.live, read.live, reader.done(), next.done()]).toEqual([false, true, true, false]);
    expect(thrownBy(() => writer.downgrade())).toMatchObject({ code: 'NOT_ACQUIRED' });
    read.release();
    reader.result().release();
    next.result().release();
  }));

test('RW-5.1 the upgradable reader writes once the others have left, before writers who wait', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const permit = lock.upgradable.acquire().result();
    const reader = lock.read.tryAcquire();
    const writer = lock.write.acquire();
    const upgrade = permit.upgrade();
    const late = lock.read.acquire();
    expect([upgrade.done(), lock.read.tryAcquire()]).toEqual([false, null]);
    reader?.release();
    expect([upgrade.done(), writer.done(), late.done()]).toEqual([true, false, false]);
    upgrade.result().release();
    expect([late.done(), writer.done(), permit.live]).toEqual([true, false, true]);
    late.result().release();
    permit.release();
    writer.result().release();
  }));

test('RW-5.2 afterwards, or having given up, it is a reader still', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    function* work(): Coroutine<void> {
      using permit = yield* lock.upgradable.acquire();
      {
        using write = yield* permit.upgrade();
        expect([write.live, inspect(lock)]).toEqual([true, '<RWLock writing>']);
      }
      expect([permit.live, inspect(lock)]).toEqual([true, '<RWLock readers=1>']);
    }
    loop.runUntilComplete(work());
    const permit = lock.upgradable.acquire().result();
    const reader = lock.read.tryAcquire();
    const upgrade = permit.upgrade({ timeoutMs: 5 });
    const late = lock.read.acquire();
    loop.advance(5);
    expect(thrownBy(() => upgrade.result())).toMatchObject({ code: 'TIMEOUT' });
    expect([permit.live, late.done()]).toEqual([true, true]);
    late.result().release();
    reader?.release();
    permit.release();
  }));

test('RW-5.2 an upgraded permit can be downgraded', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const permit = lock.upgradable.acquire().result();
    const read = permit.upgrade().result().downgrade();
    expect([inspect(lock), read.live, permit.live]).toEqual(['<RWLock readers=2>', true, true]);
    permit.release();
    read.release();
  }));

test('RW-5.3 one upgrade at a time, by a live permit', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const permit = lock.upgradable.acquire().result();
    expect(() => permit.upgrade({ timeoutMs: Number.NaN })).toThrow(RangeError);
    const write = permit.upgrade().result();
    expect(thrownBy(() => permit.upgrade())).toMatchObject({ code: 'UPGRADING' });
    write.release();
    const reader = lock.read.tryAcquire();
    const waits = permit.upgrade();
    expect(thrownBy(() => permit.upgrade())).toMatchObject({ code: 'UPGRADING' });
    waits.abandon();
    permit.release();
    expect(thrownBy(() => permit.upgrade())).toMatchObject({ code: 'NOT_ACQUIRED' });
    reader?.release();
  }));

test.each(['waiting', 'granted', 'live', 'unobserved'])(
  'RW-5.3 ending the upgradable permit ends an upgrade that is %s',
  (state) =>
    withLoop((loop) => {
      const lock = loop.watch(new RWLock());
      const permit = lock.upgradable.acquire().result();
      const reader = state === 'live' || state === 'unobserved' ? null : lock.read.tryAcquire();
      const upgrade = permit.upgrade();
      let write: Permit | undefined;
      if (state === 'live') write = upgrade.result();
      if (state === 'granted') reader?.release();
      permit.release();
      if (state === 'waiting') reader?.release();
      expect([inspect(lock), write?.live ?? false]).toEqual(['<RWLock unlocked>', false]);
      lock.write.tryAcquire()?.release();
    }),
);

test('PERMIT-2.5 who waits at one side on a loop keeps the other sides from waiting on another', () =>
  withLoop((loop) => {
    const lock = loop.watch(new RWLock());
    const reader = lock.read.tryAcquire();
    const writing = lock.write.acquire();
    const other = new VirtualLoop();
    setEventLoop(other);
    for (const side of [lock.read, lock.upgradable, lock.write]) {
      expect(thrownBy(() => side.acquire())).toMatchObject({ name: 'RuntimeError', code: 'OTHER_LOOP' });
    }
    other.close();
    setEventLoop(loop);
    reader?.release();
    writing.result().release();
  }));
