import { CancelledError, getEventLoop, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { fromPromise, Future } from '@aiokit/future';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { runProgram } from './program.js';
import { hop, settle, withLoop } from './with-loop.js';

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason?: unknown) => void;
}

function defer<T>(): Deferred<T> {
  let settlers: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settlers = { resolve, reject };
  });
  return { promise, ...(settlers as unknown as Omit<Deferred<T>, 'promise'>) };
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the outcome', () => {
  test('FUT-8.1 is what the promise is fulfilled with', () =>
    withLoop(async (loop) => {
      const { promise, resolve } = defer<string>();
      const future = fromPromise(promise);
      expect(future).toBeInstanceOf(Future);
      expect(future.getLoop()).toBe(loop);
      expect(future.done()).toBe(false);
      resolve('there');
      expect(future.done()).toBe(false);
      await hop();
      expect(future.result()).toBe('there');
    }));

  test('FUT-8.1 is what the promise is rejected with', () =>
    withLoop(async () => {
      for (const reason of [new RangeError('far'), 'text', 0, false, '']) {
        const future = fromPromise(Promise.reject(reason as unknown));
        await hop();
        expect(future.exception()).toBe(reason);
      }
    }));

  test('FUT-8.1 is an error where the promise is rejected with nothing', () =>
    withLoop(async () => {
      for (const reason of [undefined, null]) {
        const future = fromPromise(Promise.reject(reason as unknown));
        await hop();
        expect(future.exception()).toBeInstanceOf(Error);
        expect(String(future.exception())).toContain(String(reason));
      }
    }));

  test('FUT-8.1 comes in the order of the promises, from any thenable, on the loop that was given', () =>
    withLoop(async (loop) => {
      const other = new VirtualLoop();
      const steps: string[] = [];
      const futures = ['a', 'b', 'c'].map((name) => {
        const thenable = { then: (resolve: (value: string) => void) => queueMicrotask(() => resolve(name)) };
        const future = fromPromise(thenable as PromiseLike<string>, { loop: other });
        future.addDoneCallback((done) => steps.push(done.result()));
        return future;
      });
      for (const future of futures) expect(future.getLoop()).toBe(other);
      await hop();
      loop.tick();
      expect(steps).toEqual([]);
      other.runUntilIdle();
      expect(steps).toEqual(['a', 'b', 'c']);
    }));

  test('FUT-8.1 that nobody looks at is reported', () =>
    withLoop(async (loop) => {
      fromPromise(Promise.reject(new RangeError('far')));
      await hop();
      loop.close();
      expect(loop.takeReports()).toMatchObject([{ message: 'Future exception was never retrieved' }]);
    }));

  test('FUT-8.1 of a promise that settles after the future does is ignored', () =>
    withLoop(async () => {
      const [fine, bad] = [defer<number>(), defer<number>()];
      const futures = [fromPromise(fine.promise), fromPromise(bad.promise)];
      for (const future of futures) future.setResult(7);
      fine.resolve(1);
      bad.reject(new Error('late'));
      await hop();
      expect(futures.map((future) => future.result())).toEqual([7, 7]);
    }));
});

describe('a function', () => {
  test('FUT-8.2 is called at once with a signal, and what it returns is waited for', () =>
    withLoop(async (loop) => {
      const signals: AbortSignal[] = [];
      const future = fromPromise((signal) => {
        signals.push(signal);
        return Promise.resolve('there');
      });
      expect(signals[0]).toBeInstanceOf(AbortSignal);
      await settle(loop);
      expect(future.result()).toBe('there');
      expect(signals[0]?.aborted).toBe(false);
    }));

  test('FUT-8.2 has its signal aborted an iteration after the future was cancelled', () =>
    withLoop(async (loop) => {
      let given: AbortSignal | undefined;
      const future = fromPromise((signal) => {
        given = signal;
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      });
      expect(future.cancel('why')).toBe(true);
      expect(given?.aborted).toBe(false);
      loop.tick();
      expect(given?.aborted).toBe(true);
      await hop();
      expect(() => future.result()).toThrow(new CancelledError('why'));
    }));

  test('FUT-8.2 that throws makes fromPromise throw', () =>
    withLoop(() => {
      const error = new RangeError('far');
      const source = (): Promise<void> => {
        throw error;
      };
      expect(() => fromPromise(source)).toThrow(error);
    }));
});

describe('a signal', () => {
  test('FUT-8.3 cancels the future with the message of its reason, at once', () =>
    withLoop(async (loop) => {
      const controller = new AbortController();
      const { promise, resolve } = defer<number>();
      const future = fromPromise(promise, { signal: controller.signal });
      expect(listeners(controller.signal)).toBe(1);
      controller.abort(new Error('enough'));
      expect(() => future.result()).toThrow(new CancelledError('enough'));
      resolve(1);
      await settle(loop);
      expect(future.cancelled()).toBe(true);
      expect(listeners(controller.signal)).toBe(0);
    }));

  test.each([null, 'text', 7, { message: 5 }])('FUT-8.3 cancels also with the reason %j', (reason) =>
    withLoop((loop) => {
      const controller = new AbortController();
      const future = fromPromise(new Promise(() => {}), { signal: controller.signal });
      controller.abort(reason);
      expect(future.cancelled()).toBe(true);
      loop.tick();
    }),
  );

  test('FUT-8.3 that has aborted before cancels at once, and a function is not called', () =>
    withLoop(async () => {
      const signal = AbortSignal.abort(new Error('early'));
      const futures = [
        fromPromise((): Promise<void> => expect.unreachable(), { signal }),
        fromPromise(Promise.resolve(), { signal }),
        fromPromise(Promise.reject(new Error('no')), { signal }),
      ];
      for (const future of futures) expect(future.cancelled()).toBe(true);
      await hop();
      for (const future of futures) expect(() => future.result()).toThrow(new CancelledError('early'));
      expect(listeners(signal)).toBe(0);
    }));

  test('FUT-8.3 reaches a function through the future', () =>
    withLoop((loop) => {
      const controller = new AbortController();
      let given: AbortSignal | undefined;
      fromPromise(
        (signal) => {
          given = signal;
          return new Promise(() => {});
        },
        { signal: controller.signal },
      );
      const reason = new Error('enough');
      controller.abort(reason);
      expect(given?.aborted).toBe(false);
      loop.tick();
      expect(given?.aborted).toBe(true);
      expect(given?.reason).toBe(reason);
    }));

  test('FUT-8.3 has no listener left of 100 futures, however they ended', () =>
    withLoop(async (loop) => {
      const { signal } = new AbortController();
      const ends = ['fulfilled', 'rejected', 'cancelled', 'set'] as const;
      const futures = Array.from({ length: 100 }, (_, index) => {
        const { promise, resolve, reject } = defer<number>();
        const future = fromPromise(promise, { signal });
        const end = ends[index % ends.length];
        if (end === 'fulfilled') resolve(1);
        else if (end === 'rejected') reject(new Error('no'));
        else if (end === 'cancelled') future.cancel();
        else future.setResult(2);
        return future;
      });
      expect(listeners(signal)).toBe(1);
      await settle(loop);
      expect(listeners(signal)).toBe(0);
      for (const future of futures) if (!future.cancelled()) future.exception();
    }));
});

describe('a loop in virtual time', () => {
  test('FUT-8.4 stands still while the promise is pending', () =>
    withLoop(async (loop) => {
      const { promise, resolve } = defer<number>();
      const future = fromPromise(promise);
      const timer = new Future<void>();
      loop.callLater(10, () => timer.setResult());
      setImmediate(() => setImmediate(() => setImmediate(resolve, 1)));
      expect(await loop.runUntilCompleteAsync(future)).toBe(1);
      expect(loop.time()).toBe(0);
      await loop.runUntilCompleteAsync(timer);
      expect(loop.time()).toBe(10);
    }));

  test('FUT-8.4 says that it waits for the host where it cannot, and for what', () => {
    const loop = new VirtualLoop();
    const future = fromPromise(new Promise(() => {}), { loop });
    expect(() => loop.runUntilComplete(future)).toThrow(/host/);
    expect(() => loop.runUntilComplete(future)).toThrow(expect.objectContaining({ code: 'HOST_WAIT' }));
    expect(() => loop.runUntilComplete(future)).toThrow(/<Future pending/);
    future.cancel();
    loop.close();
  });

  for (const [how, options] of [
    ['a promise', false],
    ['a function', true],
  ] as const) {
    test(`FUT-8.4 goes on as soon as the future of ${how} is done, whoever ended it`, () =>
      withLoop(async (loop) => {
        for (const end of [
          (future: Future<unknown>) => void future.cancel(),
          (future: Future<unknown>) => future.setResult(1),
          (future: Future<unknown>) => future.setException(new Error('no')),
        ]) {
          const future = fromPromise(
            options ? () => new Promise<unknown>(() => {}) : new Promise<unknown>(() => {}),
          );
          const timer = new Future<void>();
          const start = loop.time();
          loop.callLater(10, () => timer.setResult());
          end(future);
          await loop.runUntilCompleteAsync(timer);
          expect(loop.time() - start).toBe(10);
          if (!future.cancelled()) future.exception();
        }
      }));
  }

  test('FUT-8.5 that is closed hears nothing of the promise', () =>
    withLoop(async (loop) => {
      const [fine, bad] = [defer<number>(), defer<number>()];
      const futures = [fromPromise(fine.promise), fromPromise(bad.promise)];
      for (const future of futures) future.addDoneCallback(() => expect.unreachable());
      loop.close();
      fine.resolve(1);
      bad.reject(new Error('late'));
      await hop();
      expect(futures.map((future) => future.done())).toEqual([false, false]);
    }));

  test('FUT-8.5 also if it took the place of the loop that was there first', async () => {
    setEventLoop(null);
    const [fine, bad] = [defer<number>(), defer<number>()];
    const futures = [fromPromise(fine.promise), fromPromise(bad.promise)];
    for (const future of futures) future.addDoneCallback(() => expect.unreachable());
    getEventLoop().close();
    fine.resolve(1);
    bad.reject(new Error('late'));
    await hop();
    expect(futures.map((future) => future.done())).toEqual([false, false]);
  });
});

describe('the arguments', () => {
  test.each([
    [undefined, 'undefined'],
    [1, '1'],
    [{}, '[object Object]'],
    [() => 5, '5'],
    [() => null, 'null'],
  ])('FUT-8.6 that are no promise are refused: %#', (source, shown) =>
    withLoop(() => {
      expect(() => fromPromise(source as never)).toThrow(
        new TypeError(`source must be a promise or a function that returns one, got ${shown}`),
      );
    }),
  );

  test('FUT-8.6 with a bad signal or loop are refused before anything is called', () =>
    withLoop(() => {
      const source = (): Promise<void> => expect.unreachable();
      expect(() => fromPromise(source, { signal: 1 as never })).toThrow(
        'signal must be an AbortSignal, got 1',
      );
      expect(() => fromPromise(source, { loop: 1 as never })).toThrow('loop must be an event loop, got 1');
    }));
});

test('FUT-8.1 a rejected promise is not reported by the host as well', () => {
  const { status, stdout } = runProgram(`
    import { fromPromise } from '@aiokit/future';
    process.on('unhandledRejection', () => console.log('unhandled'));
    const future = fromPromise(Promise.reject(new Error('no')));
    const late = fromPromise(new Promise((_, reject) => setTimeout(reject, 1, new Error('late'))));
    late.cancel();
    setTimeout(() => console.log(String(future.exception())), 5);
  `);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'Error: no\n' });
});
