/** What an operation returns that did not have to wait, in a generator step and elsewhere. */
import { type Awaitable, type Operation, realm } from '@aiokit/loop-core';
import { completed, type CompletedOwner, completedVoid } from '@aiokit/loop-core/completed';
import { describe, expect, test } from 'vitest';
import { Driver } from './wait-queue-driver.js';
import { hop, type TestLoop, withLoop } from './wait-queue-loop.js';

declare const gc: () => void;

/** Makes one as a generator step does. */
function inStep<T>(value: T, owner?: CompletedOwner<T>, place?: number): Operation<T> {
  realm.stepping = {};
  try {
    return completed(value, owner, place);
  } finally {
    realm.stepping = undefined;
  }
}

const MAKERS = { 'in a step': inStep, elsewhere: completed };

describe.each(Object.entries(MAKERS))('%s', (_, make) => {
  test('WAIT-7.6 is done, and neither cancelled nor to be cancelled', () =>
    withLoop((loop) => {
      const awaitable = make('value');
      awaitable.abandon();
      expect([awaitable.done(), awaitable.cancelled(), awaitable.cancel('late')]).toEqual([
        true,
        false,
        false,
      ]);
      expect([awaitable.result(), awaitable.result()]).toEqual(['value', 'value']);
      expect(awaitable.getLoop()).toBe(loop);
    }));

  test('WAIT-7.6 gives its value to yield* without yielding, whatever it is', () =>
    withLoop((loop) => {
      const thenable = { then: () => expect.unreachable() };
      for (const value of ['value', undefined, null, 0, thenable, Promise.resolve()]) {
        const steps: unknown[] = [];
        const driver = new Driver(
          loop,
          (function* () {
            steps.push('begun');
            const got = yield* make(value);
            return got === value;
          })(),
        );
        loop.tick();
        expect([steps, driver.outcome]).toEqual([['begun'], { value: true }]);
      }
    }));

  test('WAIT-7.7 gives the value back once when it is abandoned before anybody has observed it', () =>
    withLoop(async () => {
      const back: string[] = [];
      const owner = {
        abandoned: (value: string, place?: number) => void back.push(`${value} ${place}`),
      };
      const given = make('abandoned', owner, 5);
      expect([given.done(), given.cancelled()]).toEqual([true, false]);
      given.abandon();
      given.abandon();
      make('disposed', owner)[Symbol.dispose]();
      expect(back).toEqual(['abandoned 5', 'disposed undefined']);
      const observers: Record<string, (operation: Operation<string>) => unknown> = {
        await: async (operation) => void (await operation),
        then: (operation) => operation.then(String),
        result: (operation) => operation.result(),
        'yield*': (operation) => operation[Symbol.iterator]().next(),
        all: (operation) => Promise.all([operation, Promise.resolve()]),
      };
      for (const [name, observe] of Object.entries(observers)) {
        const operation = make(name, owner);
        await observe(operation);
        operation.abandon();
        operation[Symbol.dispose]();
      }
      expect(back).toEqual(['abandoned 5', 'disposed undefined']);
    }));

  test('WAIT-7.6 gives its value to await and to then', () =>
    withLoop(async () => {
      const awaitable = make('value');
      expect(await awaitable).toBe('value');
      expect(await awaitable).toBe('value');
      expect(await awaitable.then((text) => `${text}!`)).toBe('value!');
      expect(await Promise.all([make(1), make(2)])).toEqual([1, 2]);
      await expect(
        Promise.resolve(
          make(1).then(() => {
            throw new RangeError('far');
          }),
        ),
      ).rejects.toBeInstanceOf(RangeError);
    }));

  test('WAIT-7.6 has await unwrap a thenable, once somebody awaits it', () =>
    withLoop(async () => {
      let asked = 0;
      const thenable = {
        then(resolve: (value: string) => void): void {
          asked++;
          resolve('inner');
        },
      };
      const awaitable = make(thenable);
      await hop();
      expect(asked).toBe(0);
      expect(await (awaitable as PromiseLike<unknown>)).toBe('inner');
      expect(asked).toBe(1);
      expect(awaitable.result()).toBe(thenable);
    }));

  test('WAIT-7.6 calls callbacks and runnables through the loop, an iteration later, in order', () =>
    withLoop((loop: TestLoop) => {
      const awaitable = make('value');
      const steps: unknown[] = [];
      const callback = (done: Awaitable<string>): void => void steps.push(done.result());
      const runnable = { run: () => steps.push('runnable') };
      awaitable.addDoneCallback(callback);
      awaitable.subscribe(runnable);
      awaitable.addDoneCallback((done) => steps.push(done === awaitable));
      expect([awaitable.removeDoneCallback(callback), awaitable.unsubscribe(runnable)]).toEqual([0, false]);
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual(['value', 'runnable', true]);
      expect(() => awaitable.addDoneCallback(1 as never)).toThrow(TypeError);
    }));
});

describe('one that gives nothing', () => {
  test('WAIT-7.8 is always the same in a step, and elsewhere', () =>
    withLoop(async (loop) => {
      const outside = completedVoid();
      expect(completedVoid()).toBe(outside);
      expect(Object.getPrototypeOf(outside)).toBe(Promise.prototype);
      expect(await outside).toBe(undefined);
      realm.stepping = {};
      const inside = completedVoid();
      expect(completedVoid()).toBe(inside);
      realm.stepping = undefined;
      expect(await inside).toBe(undefined);
      for (const one of [outside, inside]) {
        expect([one.done(), one.cancelled(), one.result(), one.cancel()]).toEqual([
          true,
          false,
          undefined,
          false,
        ]);
        const steps: unknown[] = [];
        const driver = new Driver(
          loop,
          (function* () {
            steps.push(yield* one);
          })(),
        );
        one.addDoneCallback((done) => steps.push(done === one));
        one.abandon();
        loop.tick();
        expect([steps, driver.outcome]).toEqual([[undefined, true], { value: undefined }]);
      }
    }));
});

describe('as a promise', () => {
  test('WAIT-7.6 is one of the host’s, which takes it as it is', () =>
    withLoop(() => {
      const awaitable = completed('value');
      expect(awaitable).toBeInstanceOf(Promise);
      expect(Promise.resolve(awaitable) === (awaitable as unknown)).toBe(true);
      expect(Object.getPrototypeOf(awaitable.then())).toBe(Promise.prototype);
    }));

  test('WAIT-7.6 is awaited in one turn, as a native one', () =>
    withLoop(async () => {
      const steps: string[] = [];
      const wait = async (name: string, awaitable: PromiseLike<unknown>): Promise<void> => {
        await awaitable;
        steps.push(name);
      };
      const waits = [
        wait('native', Promise.resolve()),
        wait('ours', completed(1)),
        wait('native again', Promise.resolve()),
        wait('ours again', completed(2)),
      ];
      queueMicrotask(() => steps.push('turn'));
      await Promise.all(waits);
      expect(steps).toEqual(['native', 'ours', 'native again', 'ours again', 'turn']);
    }));

  test('WAIT-7.6 keeps no value longer than itself', () =>
    withLoop(async () => {
      const value = new WeakRef(
        (() => {
          const item = { item: true };
          completed(item);
          return item;
        })(),
      );
      for (let round = 0; round < 3; round++) {
        await hop();
        gc();
      }
      expect(value.deref()).toBe(undefined);
    }));
});
