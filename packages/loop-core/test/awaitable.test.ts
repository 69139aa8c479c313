/** The three ways to wait, on the smallest awaitable there can be. */
import {
  AwaitableBase,
  CancelledError,
  type CancellableWait,
  currentLoop,
  type EventLoop,
  realm,
  type Runnable,
} from '@aiokit/loop-core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { Driver, Scope } from './wait-queue-driver.js';
import { hop, settle, thrownBy, withLoop } from './wait-queue-loop.js';

/** An awaitable that ends when it is told to. */
class Manual<T> extends AwaitableBase<T> {
  readonly #loop = currentLoop();
  #outcome: (() => T) | undefined;
  #cancelled = false;
  abandoned = 0;
  callbacks = 0;
  asked = 0;

  /** Ends it; says whether anybody was told. */
  end(outcome: () => T): boolean {
    const told = this.wake(this.#loop);
    this.#outcome = outcome;
    return told;
  }

  get names(): string[] {
    return this.waiting.map(String);
  }

  override done(): boolean {
    return this.#outcome !== undefined;
  }
  override cancelled(): boolean {
    return this.#cancelled;
  }
  override result(): T {
    this.asked++;
    if (!this.#outcome) throw new Error('pending');
    return this.#outcome();
  }
  override cancel(message?: string): boolean {
    if (this.done()) return false;
    this.#cancelled = true;
    this.end(() => {
      throw new CancelledError(message);
    });
    return true;
  }
  override getLoop(): EventLoop {
    return this.#loop;
  }
  override abandon(): void {
    this.abandoned++;
  }
  override called(): void {
    this.callbacks++;
  }
}

const fail = <T>(awaitable: Manual<T>, error: unknown): boolean =>
  awaitable.end(() => {
    throw error;
  });

describe('a generator', () => {
  test('WAIT-7.1 hands the awaitable out once and is given the result', () =>
    withLoop(() => {
      const awaitable = new Manual<string>();
      const waiting = awaitable[Symbol.iterator]();
      const first = waiting.next(undefined);
      expect([first.done, first.value === awaitable]).toEqual([false, true]);
      expect(thrownBy(() => waiting.next(null))).toMatchObject({ name: 'RuntimeError', code: 'NOT_AWAITED' });
      expect([waiting.next(undefined).done, first.value === awaitable]).toEqual([false, true]);
      awaitable.end(() => 'value');
      expect(waiting.next(undefined)).toEqual({ done: true, value: 'value' });
      expect(awaitable[Symbol.iterator]().next()).toEqual({ done: true, value: 'value' });
    }));

  test('WAIT-7.1 that is thrown into, or closed, abandons what it waits for', () =>
    withLoop(() => {
      const awaitable = new Manual<string>();
      const error = new Error('stop');
      const one = awaitable[Symbol.iterator]();
      one.next(undefined);
      expect(thrownBy(() => (one as Iterator<unknown>).throw?.(error))).toBe(error);
      expect(awaitable.abandoned).toBe(1);
      const two = awaitable[Symbol.iterator]();
      two.next(undefined);
      expect((two as Iterator<unknown>).return?.('early')).toEqual({ done: true, value: 'early' });
      expect(awaitable.abandoned).toBe(2);
    }));

  test('WAIT-7.1 goes on in the iteration after the end, in the order of coming', () =>
    withLoop((loop) => {
      const awaitable = new Manual<string>();
      const steps: string[] = [];
      function* wait(name: string): Generator<unknown, void> {
        steps.push(`${name} ${yield* awaitable}`);
      }
      new Driver(loop, wait('a'));
      new Driver(loop, wait('b'));
      loop.tick();
      expect(awaitable.end(() => 'value')).toBe(true);
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual(['a value', 'b value']);
    }));
});

describe('plain code', () => {
  test('WAIT-7.2 is called with the awaitable, in order, in the iteration after the end', () =>
    withLoop((loop) => {
      const awaitable = new Manual<string>();
      const steps: unknown[] = [];
      const a = (done: Manual<string>): void => void steps.push(['a', done === awaitable]);
      const b = (): void => void steps.push('b');
      for (const callback of [a, b, a]) awaitable.addDoneCallback(callback);
      expect(awaitable.names).toEqual(['<Handle a()>', '<Handle b()>', '<Handle a()>']);
      awaitable.end(() => 'value');
      expect([steps, awaitable.names]).toEqual([[], []]);
      loop.tick();
      expect(steps).toEqual([['a', true], 'b', ['a', true]]);
      expect(awaitable.callbacks).toBe(3);
      awaitable.addDoneCallback(b);
      expect(steps).toHaveLength(3);
      loop.tick();
      expect(steps).toHaveLength(4);
      expect(awaitable.end(() => 'again')).toBe(false);
    }));

  test('WAIT-7.2 may take callbacks and subscriptions back until the end', () =>
    withLoop((loop) => {
      const awaitable = new Manual<string>();
      const steps: string[] = [];
      const a = (): void => void steps.push('a');
      const runnable: Runnable = { run: () => steps.push('r') };
      expect([awaitable.removeDoneCallback(a), awaitable.unsubscribe(runnable)]).toEqual([0, false]);
      awaitable.addDoneCallback(a);
      awaitable.subscribe(runnable);
      awaitable.addDoneCallback(a);
      expect(awaitable.removeDoneCallback(a)).toBe(2);
      expect(awaitable.unsubscribe(runnable)).toBe(true);
      expect(awaitable.names).toEqual([]);
      const b = (): void => void steps.push('b');
      awaitable.subscribe(runnable);
      for (const callback of [a, b, a, b]) awaitable.addDoneCallback(callback);
      expect(awaitable.removeDoneCallback(b)).toBe(2);
      awaitable.end(() => 'value');
      expect([awaitable.removeDoneCallback(a), awaitable.unsubscribe(runnable)]).toEqual([0, false]);
      loop.tick();
      expect(steps).toEqual(['r', 'a', 'a']);
    }));

  test('WAIT-7.2 whose callback throws is reported; the others are called', () =>
    withLoop((loop) => {
      const awaitable = new Manual<string>();
      const steps: string[] = [];
      awaitable.addDoneCallback(function boom() {
        throw new RangeError('boom');
      });
      awaitable.addDoneCallback(() => steps.push('b'));
      awaitable.end(() => 'value');
      loop.tick();
      expect(steps).toEqual(['b']);
      expect(awaitable.callbacks).toBe(2);
      const [report, ...others] = loop.takeReports();
      expect(report).toMatchObject({
        message: 'Exception in callback boom()',
        exception: new RangeError('boom'),
      });
      expect(others).toEqual([]);
    }));

  test.each([undefined, null, 'text', {}])('WAIT-7.2 must give a function, which %j is not', (callback) =>
    withLoop(() => {
      const awaitable = new Manual<string>();
      expect(() => awaitable.addDoneCallback(callback as never)).toThrow(TypeError);
      expect(awaitable.names).toEqual([]);
    }),
  );

  test('WAIT-7.2 prints nameless callbacks as anonymous', () =>
    withLoop(() => {
      const awaitable = new Manual<string>();
      awaitable.addDoneCallback((() => () => {})());
      expect(awaitable.names).toEqual(['<Handle anonymous()>']);
    }));

  test('WAIT-7.2 runs in its own async context, and sees none where it had none', () =>
    withLoop((loop) => {
      const store = new AsyncLocalStorage<string>();
      const awaitable = new Manual<string>();
      const seen: unknown[] = [];
      const add = (): void => {
        awaitable.addDoneCallback(() => seen.push(store.getStore()));
        void awaitable.then(() => seen.push(store.getStore()));
      };
      store.run('a', add);
      add();
      store.run('b', add);
      store.run('ender', () => awaitable.end(() => 'value'));
      loop.tick();
      expect(seen).toEqual(['a', 'a', undefined, undefined, 'b', 'b']);
    }));

  test('WAIT-7.2 gives up nothing by default', () =>
    withLoop(() => {
      class Bare extends Manual<string> {
        override abandon(): void {
          AwaitableBase.prototype.abandon.call(this);
        }
        override called(): void {
          AwaitableBase.prototype.called.call(this);
        }
      }
      const awaitable = new Bare();
      awaitable.abandon();
      awaitable.called();
      expect(awaitable.done()).toBe(false);
    }));
});

describe('an async function', () => {
  test.each([true, false])('WAIT-7.3 gets the value, or what ended the wait; early: %s', (early) =>
    withLoop(async (loop) => {
      const [fine, bad] = [new Manual<string>(), new Manual<string>()];
      const error = new RangeError('far');
      const end = (): void => {
        fine.end(() => 'value');
        fail(bad, error);
      };
      if (early) end();
      const seen: unknown[] = [];
      void (async () => seen.push(await fine, await fine))();
      void (async () => {
        try {
          await bad;
        } catch (caught) {
          seen.push(caught);
        }
      })();
      await hop();
      if (!early) end();
      await settle(loop);
      expect(new Set(seen)).toEqual(new Set(['value', error]));
    }),
  );

  test('WAIT-7.3 asks a done awaitable once, however many wait', () =>
    withLoop(async () => {
      const awaitable = new Manual<string>();
      awaitable.end(() => 'value');
      expect(await Promise.all([awaitable, awaitable.then((text) => `${text}!`), awaitable])).toEqual([
        'value',
        'value!',
        'value',
      ]);
      expect(awaitable.asked).toBe(1);
    }));

  test('WAIT-7.3 lets the host have a turn in the iteration that wakes it', () =>
    withLoop((loop) => {
      let turns = 0;
      loop.hostTurn = () => void turns++;
      const awaitable = new Manual<string>();
      void awaitable.then();
      void awaitable.then();
      expect(turns).toBe(0);
      awaitable.end(() => 'value');
      loop.tick();
      expect(turns).toBe(2);
    }));

  test('WAIT-7.3 may wait on a loop that gives no turns', async () => {
    const ready: Runnable[] = [];
    const bare = { enqueue: (runnable: Runnable) => void ready.push(runnable) } as unknown as EventLoop;
    realm.running = bare;
    const awaitable = new Manual<string>();
    realm.running = undefined;
    const seen: unknown[] = [];
    void awaitable.then((value) => seen.push(value));
    awaitable.end(() => 'value');
    for (const runnable of ready) runnable.run();
    expect(seen).toEqual(['value']);
    await hop();
  });

  test('WAIT-7.4 is cancelled through its scope: at what it waits for', () =>
    withLoop(async (loop) => {
      const scope = new Scope();
      const awaitable = new Manual<string>();
      const seen: unknown[] = [];
      const asked: CancellableWait[] = [];
      realm.scope = () => ({
        enter: (wait) => {
          asked.push(wait);
          scope.enter(wait);
        },
        leave: (wait) => scope.leave(wait),
      });
      try {
        awaitable.then(
          () => expect.unreachable(),
          (error: unknown) => seen.push(error),
        );
      } finally {
        realm.scope = undefined;
      }
      expect(asked).toHaveLength(1);
      scope.cancel('why');
      expect(awaitable.cancelled()).toBe(true);
      await settle(loop);
      expect(seen).toEqual([new CancelledError('why')]);
      expect(scope.waiting).toBe(false);
    }));

  test('WAIT-7.4 has its scope also where there are no async contexts', () =>
    withLoop(async (loop) => {
      const { context } = realm;
      const scope = new Scope();
      const awaitable = new Manual<string>();
      const seen: unknown[] = [];
      realm.context = { capture: () => null } as unknown as NonNullable<typeof context>;
      realm.scope = () => scope;
      try {
        void awaitable.then((value) => seen.push(value));
      } finally {
        realm.context = context;
        realm.scope = undefined;
      }
      expect(scope.waiting).toBe(true);
      awaitable.end(() => 'value');
      await settle(loop);
      expect([seen, scope.waiting]).toEqual([['value'], false]);
    }));

  test('WAIT-7.4 is cancelled as soon as it waits if it was cancelled before', () =>
    withLoop(async (loop) => {
      const scope = new Scope();
      const awaitable = new Manual<string>();
      const seen: unknown[] = [];
      scope.cancel('early');
      realm.scope = () => scope;
      try {
        awaitable.then(
          () => expect.unreachable(),
          (error: unknown) => seen.push(error),
        );
      } finally {
        realm.scope = undefined;
      }
      expect(awaitable.cancelled()).toBe(true);
      await settle(loop);
      expect(seen).toEqual([new CancelledError('early')]);
    }));

  test('WAIT-7.4 is cancelled in place of an outcome that is on its way, which is given back', () =>
    withLoop(async (loop) => {
      const scope = new Scope();
      const awaitable = new Manual<string>();
      const seen: unknown[] = [];
      realm.scope = () => scope;
      try {
        awaitable.then(
          () => expect.unreachable(),
          (error: unknown) => seen.push(error),
        );
      } finally {
        realm.scope = undefined;
      }
      awaitable.end(() => 'value');
      scope.cancel('why');
      expect(awaitable.abandoned).toBe(0);
      await settle(loop);
      expect(seen).toEqual([new CancelledError('why')]);
      expect([awaitable.abandoned, awaitable.asked]).toEqual([1, 0]);
    }));
});

describe('what then returns', () => {
  test('WAIT-7.5 settles with what the handler returned or threw, asked before or after', () =>
    withLoop(async (loop) => {
      const outcomes: [(value: string) => unknown, unknown][] = [
        [(value) => `${value}!`, 'value!'],
        [() => undefined, undefined],
        [() => Promise.resolve('inner'), 'inner'],
      ];
      for (const [handler, expected] of outcomes) {
        const awaitable = new Manual<string>();
        const chained = awaitable.then(handler);
        const early = Promise.resolve(chained);
        // The host asks for the outcome in a microtask.
        await hop();
        awaitable.end(() => 'value');
        loop.tick();
        expect(await early).toBe(expected);
        expect(await chained).toBe(expected);
        const late = new Manual<string>();
        const unasked = late.then(handler);
        late.end(() => 'value');
        loop.tick();
        expect(await unasked).toBe(expected);
        expect(await unasked).toBe(expected);
      }
    }));

  test('WAIT-7.5 lets an outcome through that no handler takes', () =>
    withLoop(async (loop) => {
      const [fine, bad] = [new Manual<string>(), new Manual<string>()];
      const error = new RangeError('far');
      const asked = [Promise.resolve(fine.then()), Promise.resolve(bad.then(null, undefined))];
      fine.end(() => 'value');
      fail(bad, error);
      loop.tick();
      expect(await Promise.allSettled(asked)).toEqual([
        { status: 'fulfilled', value: 'value' },
        { status: 'rejected', reason: error },
      ]);
      const handled = new Manual<string>();
      const mended = Promise.resolve(handled.then(null, (reason) => ({ reason })));
      fail(handled, error);
      loop.tick();
      expect(await mended).toEqual({ reason: error });
    }));

  test('WAIT-7.5 is rejected where it would settle with itself', () =>
    withLoop(async (loop) => {
      const awaitable = new Manual<string>();
      const chained: PromiseLike<unknown> = awaitable.then(() => chained);
      const seen = Promise.resolve(chained);
      awaitable.end(() => 'value');
      loop.tick();
      await expect(seen).rejects.toBeInstanceOf(TypeError);
    }));
});
