/** asyncio's barrier. */
import { isRuntimeError } from '@aiokit/loop-core';
import { Barrier, BrokenBarrierError, isBrokenBarrierError } from '@aiokit/sync-primitives';
import { type Coroutine, createTask } from '@aiokit/task';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { settle, thrownBy, withLoop } from './with-loop.js';

test.each([
  [0, RangeError],
  [-1, RangeError],
  [1.5, RangeError],
  [Number.NaN, RangeError],
  ['2', TypeError],
  [undefined, TypeError],
])('PERMIT-2.1 a barrier for %s is refused', (parties, type) => {
  const error = thrownBy(() => new Barrier(parties as number));
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(/^parties must be a whole number, 1 or more, got /);
});

test('PERMIT-2.1 a barrier for Infinity is refused', () => {
  const error = thrownBy(() => new Barrier(Infinity));
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toBe('parties must be a finite number, got Infinity');
});

test('BARRIER-1.1 all are let on with their numbers, and the last does not wait', () =>
  withLoop(async (loop) => {
    const barrier = loop.watch(new Barrier(3));
    const waits = [barrier.wait(), barrier.wait()];
    for (const one of waits) one.addDoneCallback(() => {});
    expect([barrier.parties, barrier.nWaiting, inspect(barrier)]).toEqual([
      3,
      2,
      '<Barrier filling waiters=2/3>',
    ]);
    const last = barrier.wait();
    expect([last.done(), last.result(), inspect(barrier)]).toEqual([
      true,
      2,
      '<Barrier draining waiters=0/3>',
    ]);
    await settle(loop);
    expect([waits.map((one) => one.result()), inspect(barrier)]).toEqual([
      [0, 1],
      '<Barrier filling waiters=0/3>',
    ]);
    expect(await new Barrier(1).wait()).toBe(0);
  }));

test('BARRIER-1.1 in an async function', () =>
  withLoop(async (loop) => {
    const barrier = loop.watch(new Barrier(2));
    const all = Promise.all([barrier.wait(), barrier.wait(), barrier.wait(), barrier.wait()]);
    expect(await loop.runUntilCompleteAsync(all)).toEqual([0, 1, 0, 1]);
  }));

test('BARRIER-1.2 whoever comes while it lets others on waits until they have left', () =>
  withLoop((loop) => {
    const barrier = loop.watch(new Barrier(2));
    const steps: string[] = [];
    function* worker(name: string): Coroutine<void> {
      for (let round = 0; round < 3; round++) steps.push(`${name} ${round}: ${yield* barrier.wait()}`);
    }
    createTask(worker('a'));
    createTask(worker('b'));
    loop.runUntilIdle();
    const rounds = [0, 1, 2].map((round) =>
      steps
        .filter((step) => step.includes(` ${round}:`))
        .map((step) => step.slice(-1))
        .sort(),
    );
    expect(rounds).toEqual([
      ['0', '1'],
      ['0', '1'],
      ['0', '1'],
    ]);
  }));

test('BARRIER-1.3 whoever gives up is not counted any more', () =>
  withLoop((loop) => {
    const barrier = loop.watch(new Barrier(3));
    const controller = new AbortController();
    const task = createTask(barrier.wait());
    const late = barrier.wait({ timeoutMs: 5 });
    late.addDoneCallback(() => {});
    loop.tick();
    expect(barrier.nWaiting).toBe(2);
    task.cancel();
    loop.advance(5);
    loop.tick();
    expect([barrier.nWaiting, barrier.broken, task.cancelled()]).toEqual([0, false, true]);
    expect(thrownBy(() => late.result())).toMatchObject({ code: 'TIMEOUT' });
    const aborted = barrier.wait({ signal: controller.signal });
    aborted.addDoneCallback(() => {});
    const abandoned = barrier.wait();
    expect(barrier.nWaiting).toBe(2);
    abandoned.abandon();
    controller.abort('no');
    loop.runUntilIdle();
    expect([barrier.nWaiting, thrownBy(() => aborted.result())]).toEqual([0, 'no']);
    expect(thrownBy(() => barrier.wait({ timeoutMs: 0 }).result())).toMatchObject({ code: 'TIMEOUT' });
    expect(barrier.nWaiting).toBe(0);
  }));

test('BARRIER-2.1 reset throws those out who wait, and it is as new', () =>
  withLoop((loop) => {
    const barrier = loop.watch(new Barrier(2));
    const task = createTask(barrier.wait());
    loop.tick();
    const reset = barrier.reset();
    expect([reset.done(), inspect(barrier)]).toEqual([true, '<Barrier resetting waiters=0/2>']);
    const next = createTask(barrier.wait());
    loop.runUntilIdle();
    expect(isBrokenBarrierError(thrownBy(() => task.result()))).toBe(true);
    expect([barrier.broken, barrier.nWaiting]).toEqual([false, 1]);
    barrier.wait();
    loop.runUntilIdle();
    expect(next.result()).toBe(0);
    barrier.reset();
    expect(inspect(barrier)).toBe('<Barrier filling waiters=0/2>');
  }));

test('BARRIER-2.2 abort breaks it until a reset', () =>
  withLoop(async (loop) => {
    const barrier = loop.watch(new Barrier(2));
    const task = createTask(barrier.wait());
    loop.tick();
    barrier.abort();
    loop.runUntilIdle();
    expect(thrownBy(() => task.result())).toMatchObject({ message: 'Abort or reset of barrier' });
    await expect(barrier.wait()).rejects.toMatchObject({
      name: 'BrokenBarrierError',
      message: 'Barrier aborted',
    });
    expect([barrier.broken, inspect(barrier)]).toEqual([true, '<Barrier broken>']);
    barrier.reset();
    expect(barrier.broken).toBe(false);
  }));

test('BARRIER-3.1 BrokenBarrierError is a RuntimeError with a code', () => {
  const error = new BrokenBarrierError('no');
  expect(error).toMatchObject({ name: 'BrokenBarrierError', code: 'BROKEN_BARRIER', message: 'no' });
  expect([isRuntimeError(error), isBrokenBarrierError(error), isBrokenBarrierError(new Error('no'))]).toEqual(
    [true, true, false],
  );
});
