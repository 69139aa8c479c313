/** A limit that changes, and who is within it. */
import { CapacityLimiter } from '@aiokit/sync-primitives';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { thrownBy, withLoop } from './with-loop.js';

test.each([
  [-1, RangeError],
  [1.5, RangeError],
  [Number.NaN, RangeError],
  ['2', TypeError],
  [undefined, TypeError],
])('PERMIT-2.1 a total of %s is refused', (total, type) => {
  const limiter = new CapacityLimiter(1);
  for (const action of [
    () => new CapacityLimiter(total as number),
    () => {
      limiter.total = total as number;
    },
  ]) {
    const error = thrownBy(action);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(/^total must be a whole number, 0 or more, got /);
  }
  expect(limiter.total).toBe(1);
});

test('LIMIT-1.1 more lets in who waits, less sends nobody away', () =>
  withLoop((loop) => {
    const limiter = loop.watch(new CapacityLimiter(1));
    const permits = [limiter.acquire(), limiter.acquire(), limiter.acquire(), limiter.acquire()];
    const done = (): number => permits.filter((one) => one.done()).length;
    expect(done()).toBe(1);
    limiter.total = 3;
    expect([done(), limiter.borrowed, limiter.available]).toEqual([3, 3, 0]);
    limiter.total = 1;
    expect([done(), limiter.borrowed, limiter.available, limiter.locked()]).toEqual([3, 3, 0, true]);
    permits[0]?.result().release();
    permits[1]?.result().release();
    expect([done(), limiter.borrowed]).toEqual([3, 1]);
    permits[2]?.result().release();
    expect([done(), limiter.borrowed]).toEqual([4, 1]);
    permits[3]?.result().release();
    limiter.total = Infinity;
    expect([limiter.tryAcquire()?.live, limiter.tryAcquire()?.live]).toEqual([true, true]);
    limiter.total = 2;
    expect([limiter.available, limiter.tryAcquire()]).toEqual([0, null]);
    limiter.total = 0;
    expect(inspect(limiter)).toBe('<CapacityLimiter borrowed=2/0>');
  }));

test('LIMIT-1.2 it tells who is in', () =>
  withLoop((loop) => {
    const limiter = loop.watch(new CapacityLimiter(3));
    const permits = [limiter.tryAcquire({ borrower: 'ann' }), limiter.tryAcquire()];
    expect(limiter.borrowers).toEqual(['ann', permits[1]]);
    const third = limiter.acquire({ borrower: 'ben' }).result();
    const waits = limiter.acquire({ borrower: 'cat' });
    expect([limiter.borrowers.length, limiter.statistics()]).toEqual([
      3,
      { holders: 3, waiting: 1, longestWaitMs: undefined },
    ]);
    expect(inspect(limiter)).toBe('<CapacityLimiter borrowed=3/3 waiters=1>');
    permits[0]?.release();
    waits.result();
    expect(limiter.borrowers).toEqual([permits[1], 'ben', 'cat']);
    third.release();
    expect(limiter.borrowers).toEqual([permits[1], 'cat']);
  }));

test('LIMIT-2.1 a borrower has one token at most', () =>
  withLoop((loop) => {
    const limiter = loop.watch(new CapacityLimiter(1));
    const borrower = 'ann';
    const error = { name: 'RuntimeError', code: 'ALREADY_BORROWING' };
    const permit = limiter.tryAcquire({ borrower });
    expect(thrownBy(() => limiter.acquire({ borrower }))).toMatchObject(error);
    expect(thrownBy(() => limiter.tryAcquire({ borrower }))).toMatchObject(error);
    const waits = limiter.acquire({ borrower: 'ben' });
    expect(thrownBy(() => limiter.acquire({ borrower: 'ben' }))).toMatchObject(error);
    waits.abandon();
    const again = limiter.acquire({ borrower: 'ben' });
    permit?.release();
    again.abandon();
    const late = limiter.acquire({ borrower: 'ben', signal: AbortSignal.abort('no') });
    expect(thrownBy(() => late.result())).toBe('no');
    limiter.tryAcquire({ borrower: 'ben' })?.release();
    limiter.tryAcquire({ borrower })?.release();
    expect(limiter.borrowers).toEqual([]);
  }));

test('LIMIT-2.1 a borrower without a prototype is named as well as may be', () => {
  const limiter = new CapacityLimiter(2);
  const borrower = Object.create(null) as object;
  limiter.tryAcquire({ borrower });
  expect(thrownBy(() => limiter.tryAcquire({ borrower }))).toMatchObject({
    code: 'ALREADY_BORROWING',
    message: '<object> has a token, or waits for one',
  });
});
