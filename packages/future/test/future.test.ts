import {
  CancelledError,
  getEventLoop,
  InvalidStateError,
  isCancelledError,
  isInvalidStateError,
  realm,
  setEventLoop,
} from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Future } from '@aiokit/future';
import { describe, expect, test } from 'vitest';
import { Driver } from './driver.js';
import { withLoop } from './with-loop.js';

/** A future of each state but pending, by what it ends up as. */
const DONE = {
  finished: (future: Future<unknown>) => future.setResult(1),
  failed: (future: Future<unknown>) => future.setException(new RangeError('far')),
  cancelled: (future: Future<unknown>) => void future.cancel(),
};

/** A future that has ended in one of the ways, and that nobody will be told about. */
function doneFuture(how: keyof typeof DONE): Future<unknown> {
  const future = new Future<unknown>();
  DONE[how](future);
  if (how === 'failed') future.exception();
  return future;
}

const thrownBy = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('a new future', () => {
  test('FUT-1.1 belongs to the loop that it is given', () =>
    withLoop(() => {
      const loop = new VirtualLoop();
      expect(new Future({ loop }).getLoop()).toBe(loop);
    }));

  test('FUT-1.1 belongs to the default loop where none runs', () =>
    withLoop((loop) => {
      expect(new Future().getLoop()).toBe(loop);
      expect(new Future({}).getLoop()).toBe(loop);
      expect(new Future({ loop: undefined }).getLoop()).toBe(loop);
    }));

  test('FUT-1.1 belongs to the running loop before the default one', () =>
    withLoop(() => {
      const loop = new VirtualLoop();
      const loops: unknown[] = [];
      loop.callSoon(() => loops.push(new Future().getLoop()));
      loop.runUntilIdle();
      expect(loops).toEqual([loop]);
    }));

  test('FUT-1.1 follows the bare scheduler to the loop that takes its place', () => {
    setEventLoop(null);
    const future = new Future();
    const bare = future.getLoop();
    const loop = getEventLoop();
    expect(loop).not.toBe(bare);
    expect(future.getLoop()).toBe(loop);
    loop.close();
  });

  test.each([null, 1, 'loop', {}, { enqueue: true }])('FUT-1.1 refuses %j as a loop', (loop) => {
    expect(() => new Future({ loop: loop as never })).toThrow(
      new TypeError(`loop must be an event loop, got ${loop === 'loop' ? "'loop'" : String(loop)}`),
    );
  });

  test('FUT-1.3 is pending', () =>
    withLoop(() => {
      const future = new Future();
      expect(future.done()).toBe(false);
      expect(future.cancelled()).toBe(false);
    }));

  test('FUT-1.3 is shown to debug’s hook, if there is one', () =>
    withLoop(() => {
      const made: object[] = [];
      realm.hooks = { created: (future) => made.push(future) };
      try {
        const future = new Future();
        expect(made[0]).toBe(future);
        realm.hooks = {};
        expect(() => new Future()).not.toThrow();
      } finally {
        realm.hooks = undefined;
      }
      expect(made).toHaveLength(1);
    }));
});

describe('the outcome', () => {
  test('FUT-2.1 is the result that was set, undefined included', () =>
    withLoop(() => {
      for (const value of [undefined, null, 0, 'text', { a: 1 }]) {
        const future = new Future<unknown>();
        future.setResult(value);
        expect(future.done()).toBe(true);
        expect(future.cancelled()).toBe(false);
        expect(future.result()).toBe(value);
        expect(future.exception()).toBe(null);
        expect(future.result()).toBe(value);
      }
    }));

  test('FUT-2.2 is the very exception that was set, each time', () =>
    withLoop(() => {
      const future = new Future();
      const error = new RangeError('far');
      future.setException(error);
      expect(future.done()).toBe(true);
      expect(future.cancelled()).toBe(false);
      expect(thrownBy(() => future.result())).toBe(error);
      expect(future.exception()).toBe(error);
      expect(thrownBy(() => future.result())).toBe(error);
    }));

  test('FUT-2.3 is not there while it is pending', () =>
    withLoop(() => {
      const future = new Future();
      const early = thrownBy(() => future.result());
      expect(early).toEqual(new InvalidStateError('Result is not ready.'));
      expect(early).toHaveProperty('code', 'INVALID_STATE');
      expect(isInvalidStateError(early)).toBe(true);
      expect(thrownBy(() => future.exception())).toEqual(new InvalidStateError('Exception is not set.'));
      expect(future.done()).toBe(false);
    }));

  test('FUT-2.4 of a cancelled future is a CancelledError with the message, each time', () =>
    withLoop(() => {
      const future = new Future();
      future.cancel('enough');
      expect(future.done()).toBe(true);
      expect(future.cancelled()).toBe(true);
      for (const ask of [() => future.result(), () => future.exception(), () => future.result()]) {
        const error = thrownBy(ask);
        expect(isCancelledError(error)).toBe(true);
        expect(error).toEqual(new CancelledError('enough'));
      }
      const silent = new Future();
      silent.cancel();
      expect(thrownBy(() => silent.result())).toHaveProperty('message', '');
    }));
});

describe('the transition', () => {
  test('FUT-3.1 is taken by setResult at once', () =>
    withLoop(() => {
      const future = new Future<string>();
      expect(future.setResult('now')).toBe(undefined);
      expect(future.result()).toBe('now');
    }));

  test('FUT-3.2 makes an error of an error class', () =>
    withLoop(() => {
      class OwnError extends RangeError {}
      for (const type of [Error, RangeError, OwnError, CancelledError]) {
        const future = new Future();
        future.setException(type);
        expect(future.exception()).toBeInstanceOf(type);
        expect(future.exception()).toHaveProperty('message', '');
      }
    }));

  test('FUT-3.2 takes whatever else can be thrown as it is, functions too', () =>
    withLoop(() => {
      for (const exception of ['text', 0, '', false, Symbol('s'), { code: 1 }, () => 1, Map]) {
        const future = new Future();
        future.setException(exception);
        expect(future.exception()).toBe(exception);
        expect(thrownBy(() => future.result())).toBe(exception);
      }
    }));

  test.each([undefined, null])(
    'FUT-3.4 is refused for the exception %s, and the future is as it was',
    (none) =>
      withLoop(() => {
        const future = new Future();
        expect(() => future.setException(none)).toThrow(
          new TypeError(`exception must be an error, got ${String(none)}`),
        );
        expect(future.done()).toBe(false);
      }),
  );

  const texts = {
    finished: 'FINISHED: <Future finished result=1>',
    failed: "FINISHED: <Future finished exception=RangeError('far')>",
    cancelled: 'CANCELLED: <Future cancelled>',
  };
  for (const how of ['finished', 'failed', 'cancelled'] as const) {
    test(`FUT-3.3 is taken once: a ${how} future refuses another and stays as it was`, () =>
      withLoop(() => {
        const future = doneFuture(how);
        for (const again of [() => future.setResult(2), () => future.setException(new Error('late'))]) {
          const error = thrownBy(again);
          expect(error).toEqual(new InvalidStateError(texts[how]));
          expect(error).toHaveProperty('code', 'INVALID_STATE');
        }
        expect(future.cancel('late')).toBe(false);
        expect(String(future)).toBe(texts[how].replace(/^\w+: /, ''));
      }));
  }

  test('FUT-3.5 is not taken on a closed loop while somebody waits', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const other = new Future<number>();
      const callback = (): void => expect.unreachable();
      future.addDoneCallback(callback);
      future.addDoneCallback(callback);
      loop.close();
      for (const end of [
        () => future.setResult(1),
        () => future.setException(new Error('no')),
        () => future.cancel(),
      ]) {
        expect(thrownBy(end)).toMatchObject({ code: 'LOOP_CLOSED', message: 'Event loop is closed' });
        expect(future.done()).toBe(false);
        expect(String(future)).toBe('<Future pending cb=[callback(), callback()]>');
      }
      other.setResult(1);
      expect(other.result()).toBe(1);
      expect(thrownBy(() => other.addDoneCallback(callback))).toHaveProperty('code', 'LOOP_CLOSED');
      expect(future.removeDoneCallback(callback)).toBe(2);
      expect(future.cancel()).toBe(true);
    }));
});

describe('callbacks', () => {
  for (const how of ['finished', 'failed', 'cancelled'] as const) {
    test(`FUT-4.1 of a future that has ${how} are called with it, in order, an iteration later`, () =>
      withLoop((loop) => {
        const future = new Future<unknown>();
        const steps: unknown[] = [];
        for (const name of ['a', 'b', 'c']) {
          future.addDoneCallback((done) => {
            expect(done).toBe(future);
            if (how === 'failed') done.exception();
            steps.push(name);
          });
        }
        DONE[how](future);
        expect(steps).toEqual([]);
        loop.tick();
        expect(steps).toEqual(['a', 'b', 'c']);
        loop.runUntilIdle();
        expect(steps).toEqual(['a', 'b', 'c']);
      }));
  }

  test('FUT-4.1 take their turn among what else the loop has to do', () =>
    withLoop((loop) => {
      const one = new Future<number>();
      const two = new Future<number>();
      const steps: string[] = [];
      one.addDoneCallback(() => steps.push('one'));
      two.addDoneCallback(() => steps.push('two'));
      one.addDoneCallback(() => steps.push('one again'));
      loop.callSoon(() => {
        loop.callSoon(() => steps.push('before'));
        two.setResult(2);
        loop.callSoon(() => steps.push('between'));
        one.setResult(1);
        loop.callSoon(() => steps.push('after'));
        steps.push('set');
      });
      loop.tick();
      expect(steps).toEqual(['set']);
      loop.tick();
      expect(steps).toEqual(['set', 'before', 'two', 'between', 'one', 'one again', 'after']);
    }));

  test('FUT-4.2 of a done future are called an iteration later', () =>
    withLoop((loop) => {
      const future = doneFuture('finished');
      const steps: string[] = [];
      future.addDoneCallback(() => steps.push('a'));
      loop.callSoon(() => steps.push('between'));
      future.addDoneCallback(() => steps.push('b'));
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual(['a', 'between', 'b']);
    }));

  test('FUT-4.3 may be added more than once, and are then called as often', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: string[] = [];
      const a = (): void => void steps.push('a');
      const b = (): void => void steps.push('b');
      for (const callback of [a, b, a]) future.addDoneCallback(callback);
      future.setResult(1);
      loop.tick();
      expect(steps).toEqual(['a', 'b', 'a']);
    }));

  test('FUT-4.3 are removed wherever they are, and counted', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: string[] = [];
      const a = (): void => void steps.push('a');
      const b = (): void => void steps.push('b');
      expect(future.removeDoneCallback(a)).toBe(0);
      for (const callback of [a, b, a, b, b]) future.addDoneCallback(callback);
      expect(future.removeDoneCallback(a)).toBe(2);
      expect(future.removeDoneCallback(a)).toBe(0);
      expect(future.removeDoneCallback(() => steps.push('b'))).toBe(0);
      future.setResult(1);
      expect(future.removeDoneCallback(b)).toBe(0);
      loop.tick();
      expect(steps).toEqual(['b', 'b', 'b']);
    }));

  test.each([1, 2, 3])('FUT-4.3 can all be removed and added again, %i of them', (count) =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: string[] = [];
      const a = (): void => void steps.push('a');
      for (let i = 0; i < count; i++) future.addDoneCallback(a);
      expect(future.removeDoneCallback(a)).toBe(count);
      expect(String(future)).toBe('<Future pending>');
      future.addDoneCallback(a);
      future.setResult(1);
      loop.tick();
      expect(steps).toEqual(['a']);
    }),
  );

  test('FUT-4.4 that throw are reported one by one, and the others are called', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: string[] = [];
      const boom = (): void => {
        throw new RangeError('boom');
      };
      future.addDoneCallback(() => steps.push('a'));
      future.addDoneCallback(boom);
      future.addDoneCallback(() => steps.push('b'));
      future.addDoneCallback(boom);
      future.addDoneCallback(() => steps.push('c'));
      future.setResult(1);
      loop.tick();
      expect(steps).toEqual(['a', 'b', 'c']);
      const reports = loop.takeReports();
      expect(reports).toHaveLength(2);
      for (const { message, exception, handle } of reports) {
        expect(message).toBe('Exception in callback boom()');
        expect(exception).toEqual(new RangeError('boom'));
        expect(String(handle)).toBe('<Handle boom()>');
      }
      expect(future.result()).toBe(1);
    }));

  test('FUT-4.4 without a name are reported as anonymous', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      future.addDoneCallback(
        (() => () => {
          throw new Error('boom');
        })(),
      );
      future.setResult(1);
      loop.tick();
      expect(loop.takeReports().map(({ message }) => message)).toEqual(['Exception in callback anonymous()']);
    }));

  test('FUT-4.5 added in a callback are called an iteration later', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: string[] = [];
      future.addDoneCallback((done) => {
        steps.push('a');
        done.addDoneCallback(() => steps.push('c'));
      });
      future.addDoneCallback(() => steps.push('b'));
      future.setResult(1);
      loop.tick();
      expect(steps).toEqual(['a', 'b']);
      loop.tick();
      expect(steps).toEqual(['a', 'b', 'c']);
    }));

  test('FUT-4.5 cannot be stopped by a callback before them', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: unknown[] = [];
      const b = (): void => void steps.push('b');
      future.addDoneCallback((done) => steps.push(done.removeDoneCallback(b)));
      future.addDoneCallback(b);
      future.setResult(1);
      loop.tick();
      expect(steps).toEqual([0, 'b']);
    }));

  test('FUT-4.5 may end other futures, and not their own again', () =>
    withLoop((loop) => {
      const one = new Future<number>();
      const two = new Future<number>();
      const steps: unknown[] = [];
      one.addDoneCallback((done) => {
        steps.push(done.cancel());
        steps.push(thrownBy(() => done.setResult(2)));
        two.setResult(done.result() + 1);
        steps.push('one');
      });
      two.addDoneCallback((done) => steps.push(done.result()));
      one.setResult(1);
      loop.tick();
      expect(steps).toEqual([false, new InvalidStateError('FINISHED: <Future finished result=1>'), 'one']);
      loop.tick();
      expect(steps[3]).toBe(2);
    }));

  test.each([undefined, null, 1, {}])('FUT-4.6 must be functions, which %s is not', (callback) =>
    withLoop(() => {
      const future = new Future<number>();
      expect(() => future.addDoneCallback(callback as never)).toThrow(/^callback must be a function, got /);
      expect(String(future)).toBe('<Future pending>');
    }),
  );

  test('FUT-4.7 are called once, by whichever outcome was first', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      let calls = 0;
      future.addDoneCallback(() => calls++);
      expect(future.cancel()).toBe(true);
      expect(() => future.setResult(1)).toThrow(InvalidStateError);
      expect(future.cancel()).toBe(false);
      loop.runUntilIdle();
      expect(calls).toBe(1);
    }));
});

describe('cancel', () => {
  test('FUT-5.1 ends a pending future and says so', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const steps: unknown[] = [];
      future.addDoneCallback((done) => steps.push(done.cancelled()));
      expect(future.cancel('why')).toBe(true);
      expect(future.cancelled()).toBe(true);
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual([true]);
    }));

  test.each(['finished', 'failed', 'cancelled'] as const)('FUT-5.2 does nothing to one that has %s', (how) =>
    withLoop(() => {
      const future = doneFuture(how);
      const before = String(future);
      expect(future.cancel('late')).toBe(false);
      expect(String(future)).toBe(before);
    }),
  );

  test('FUT-5.2 keeps the message of the first', () =>
    withLoop(() => {
      const future = new Future();
      future.cancel('first');
      future.cancel('second');
      expect(thrownBy(() => future.result())).toHaveProperty('message', 'first');
    }));
});

describe('waiting in a generator', () => {
  test('FUT-6.1 yields the future itself, once, and returns its result', () =>
    withLoop(() => {
      const future = new Future<string>();
      const waiting = future[Symbol.iterator]();
      const { done, value } = waiting.next(undefined);
      expect(done).toBe(false);
      expect(value).toBe(future);
      future.setResult('there');
      expect(waiting.next(undefined)).toEqual({ done: true, value: 'there' });
    }));

  test('FUT-6.1 throws what the future failed with', () =>
    withLoop(() => {
      const future = new Future<string>();
      const waiting = future[Symbol.iterator]();
      waiting.next(undefined);
      future.setException(new RangeError('far'));
      expect(() => waiting.next(undefined)).toThrow(new RangeError('far'));
    }));

  test.each(['finished', 'failed', 'cancelled'] as const)('FUT-6.1 for one that has %s never yields', (how) =>
    withLoop(() => {
      const future = doneFuture(how);
      const waiting = future[Symbol.iterator]();
      const ends = { finished: 1, failed: new RangeError('far'), cancelled: new CancelledError() };
      let end: unknown;
      try {
        const { done, value } = waiting.next(undefined);
        end = done && value;
      } catch (error) {
        end = error;
      }
      expect(end).toEqual(ends[how]);
    }),
  );

  test('FUT-6.2 lets throw and return through, and leaves the future alone', () =>
    withLoop(() => {
      const future = new Future<string>();
      const error = new Error('stop');
      const one = future[Symbol.iterator]();
      one.next(undefined);
      expect(thrownBy(() => (one as Iterator<unknown>).throw?.(error))).toBe(error);
      const two = future[Symbol.iterator]();
      two.next(undefined);
      expect((two as Iterator<unknown>).return?.('early')).toEqual({ done: true, value: 'early' });
      expect(future.done()).toBe(false);
      function* main(): Generator<unknown, string> {
        try {
          return yield* future;
        } finally {
          steps.push('left');
        }
      }
      const steps: string[] = [];
      const main1 = main();
      main1.next(undefined);
      expect(main1.return('early')).toEqual({ done: true, value: 'early' });
      const main2 = main();
      main2.next(undefined);
      expect(thrownBy(() => main2.throw(error))).toBe(error);
      expect(steps).toEqual(['left', 'left']);
    }));

  test('FUT-6.3 by somebody who resumes too early is an error', () =>
    withLoop(() => {
      const waiting = new Future()[Symbol.iterator]();
      waiting.next(undefined);
      expect(thrownBy(() => waiting.next(null))).toMatchObject({
        name: 'RuntimeError',
        code: 'NOT_AWAITED',
        message: "await wasn't used with future",
      });
    }));

  test('FUT-6.3 by a loop, a spread or a comparison is an error, and not without an end', () =>
    withLoop(() => {
      const future = new Future<string>();
      const early = { name: 'RuntimeError', code: 'NOT_AWAITED' };
      const list = future as unknown as Iterable<unknown>;
      expect(thrownBy(() => [...list])).toMatchObject(early);
      expect(thrownBy(() => new Set(list))).toMatchObject(early);
      expect(
        thrownBy(() => {
          for (const _ of list) break;
        }),
      ).toMatchObject(early);
      future.setResult('there');
      expect([...list]).toEqual([]);
    }));

  test('FUT-6.4 goes on an iteration after the outcome, in the order of coming', () =>
    withLoop((loop) => {
      const future = new Future<string>();
      const steps: string[] = [];
      function* wait(name: string): Generator<unknown, void> {
        steps.push(`${name} waits`);
        steps.push(`${name} ${yield* future}`);
        steps.push(`${name} again ${yield* future}`);
      }
      const a = new Driver(loop, wait('a'));
      future.addDoneCallback(() => steps.push('callback, added before a and b have begun'));
      const b = new Driver(loop, wait('b'));
      loop.tick();
      expect(steps).toEqual(['a waits', 'b waits']);
      steps.length = 0;
      loop.tick();
      expect(steps).toEqual([]);
      future.setResult('there');
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual([
        'callback, added before a and b have begun',
        'a there',
        'a again there',
        'b there',
        'b again there',
      ]);
      expect([a.outcome, b.outcome]).toEqual([{ value: undefined }, { value: undefined }]);
    }));

  test('FUT-6.4 is ended by a cancellation of the future, an iteration later', () =>
    withLoop((loop) => {
      const future = new Future<string>();
      const driver = new Driver(
        loop,
        (function* () {
          return yield* future;
        })(),
      );
      loop.tick();
      driver.cancel('why');
      expect(future.cancelled()).toBe(true);
      expect(driver.outcome).toBe(undefined);
      loop.tick();
      expect(driver.outcome).toEqual({ error: new CancelledError('why') });
    }));

  test('FUT-6.5 can be taken back until the outcome is there', () =>
    withLoop((loop) => {
      const future = new Future<string>();
      const steps: string[] = [];
      const runnable = (name: string) => ({ run: () => steps.push(name) });
      const [a, b, c] = [runnable('a'), runnable('b'), runnable('c')];
      expect(future.unsubscribe(a)).toBe(false);
      future.subscribe(a);
      expect(future.unsubscribe(b)).toBe(false);
      expect(future.unsubscribe(a)).toBe(true);
      expect(future.unsubscribe(a)).toBe(false);
      for (const one of [a, b, c]) future.subscribe(one);
      expect(future.unsubscribe(b)).toBe(true);
      future.setResult('there');
      expect(future.unsubscribe(a)).toBe(false);
      future.subscribe(b);
      loop.tick();
      expect(steps).toEqual(['a', 'c', 'b']);
    }));

  test('FUT-6.5 of many is in the order of coming, past any size', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const order: number[] = [];
      const expected = Array.from({ length: 70_000 }, (_, index) => index);
      for (const index of expected) future.addDoneCallback(() => order.push(index));
      future.setResult(1);
      loop.tick();
      expect(order).toEqual(expected);
    }));

  test('FUT-6.5 abandon leaves a future as it is', () =>
    withLoop(() => {
      const future = new Future<number>();
      future.abandon();
      expect(future.done()).toBe(false);
      future.setResult(1);
      future.abandon();
      expect(future.result()).toBe(1);
    }));
});
