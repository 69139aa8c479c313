/** What mutants of futures do that nothing else noticed. */
import { Future, fromPromise, wrapFuture } from '@aiokit/future';
import { type LoopHooks, realm } from '@aiokit/loop-core';
import { describe, expect, test } from 'vitest';
import { settle, withLoop } from './with-loop.js';

describe('what is no future and no options', () => {
  test.each([
    ['null', null],
    ['a number', 1],
    ['a loop in place of options', { enqueue() {} }],
  ])('is refused as options: %s', (_, options) => {
    expect(() => new Future(options as never)).toThrow(/^options must be an object such as \{ loop \}, got /);
  });

  test.each([null, undefined, 1, 'text', {}, { then: 1 }, Object.assign(() => {}, { then() {} })])(
    'is refused by wrapFuture: %s',
    (source) => {
      withLoop(() => {
        expect(() => wrapFuture(source as never)).toThrow(
          /^source must be a future, an awaitable or a promise, got /,
        );
      });
    },
  );
});

describe('hooks that do less than all', () => {
  const withHooks = (hooks: LoopHooks, body: () => void): void => {
    realm.hooks = hooks;
    try {
      body();
    } finally {
      realm.hooks = undefined;
    }
  };

  test('are enough for a future that fails', () =>
    withLoop((loop) => {
      withHooks({}, () => new Future<void>({ loop }).setException(new Error('failed')));
      loop.close();
      expect(loop.takeReports()).toMatchObject([{ sourceTraceback: undefined }]);
    }));
});

describe('errors that nobody has looked at', () => {
  test('have their stacks read once a turn, unless somebody has looked by then', () =>
    withLoop(async (loop) => {
      const read: number[] = [];
      const failed = (number: number): Future<void> => {
        const future = new Future<void>({ loop });
        const error = new Error('failed');
        Object.defineProperty(error, 'stack', { get: () => read.push(number) });
        future.setException(error);
        return future;
      };
      const [one, two, three] = [failed(1), failed(2), failed(3)];
      two.exception();
      await settle(loop);
      expect(read).toEqual([1, 3]);
      await settle(loop);
      const four = failed(4);
      await settle(loop);
      expect(read).toEqual([1, 3, 4]);
      for (const future of [one, three, four]) future.exception();
    }));
});

describe('a promise', () => {
  test('leaves nothing on the future when there is nothing to undo', () =>
    withLoop(async (loop) => {
      Object.assign(loop, { hold: undefined });
      const future = fromPromise(Promise.resolve(1));
      expect(String(future)).toBe('<Future pending>');
      await settle(loop);
      loop.runUntilIdle();
      expect(future.result()).toBe(1);
    }));

  test.each(['a promise', 'a function'])('is cancelled by a signal on a loop without holds: %s', (how) =>
    withLoop((loop) => {
      Object.assign(loop, { hold: undefined });
      const controller = new AbortController();
      const reasons: unknown[] = [];
      const source = (signal: AbortSignal): Promise<void> => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return new Promise(() => {});
      };
      const given = how === 'a promise' ? new Promise<void>(() => {}) : source;
      const aborted = fromPromise<void>(given, { signal: controller.signal });
      const cancelled = fromPromise<void>(given);
      controller.abort('enough');
      cancelled.cancel();
      loop.runUntilIdle();
      expect([aborted.cancelled(), cancelled.cancelled()]).toEqual([true, true]);
      expect(reasons).toHaveLength(how === 'a promise' ? 0 : 2);
    }),
  );

  test('is heard on a loop that cannot be closed', () =>
    withLoop(async (loop) => {
      Object.assign(loop, { isClosed: undefined });
      const future = fromPromise(Promise.resolve(1));
      await new Promise((resolve) => setImmediate(resolve));
      Reflect.deleteProperty(loop, 'isClosed');
      expect(future.result()).toBe(1);
    }));

  test('of a thenable that is settled at once leaves no hold, and no listener', () =>
    withLoop((loop) => {
      let holds = 0;
      Object.assign(loop, {
        hold: () => {
          holds++;
          return () => void holds--;
        },
      });
      const { signal } = new AbortController();
      const source = {
        // biome-ignore lint/suspicious/noThenProperty: a thenable
        then: (done: (value: number) => void) => done(1),
      };
      const future = fromPromise(source as PromiseLike<number>, { signal });
      expect([future.result(), holds]).toEqual([1, 0]);
    }));
});
