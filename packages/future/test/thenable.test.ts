import { CancelledError, type CancellableWait, realm } from '@aiokit/loop-core';
import { Future } from '@aiokit/future';
import { describe, expect, test } from 'vitest';
import { runProgram } from './program.js';
import { hop, settle, withLoop } from './with-loop.js';

/** What a promise-like settles with, looked at when the loop and the host have nothing left to do. */
function watch(promise: PromiseLike<unknown>): { state: string; value?: unknown } {
  const seen: { state: string; value?: unknown } = { state: 'pending' };
  promise.then(
    (value) => Object.assign(seen, { state: 'fulfilled', value }),
    (value) => Object.assign(seen, { state: 'rejected', value }),
  );
  return seen;
}

const END = {
  fulfilled: (future: Future<unknown>) => future.setResult('value'),
  rejected: (future: Future<unknown>) => future.setException('reason'),
};

/** `then` of a future that is done, and of one that will be: both must keep the rules. */
const WHEN = {
  done: (future: Future<unknown>, end: (future: Future<unknown>) => void) => end(future),
  pending: (future: Future<unknown>, end: (future: Future<unknown>) => void) =>
    void future.getLoop().callSoon(end, future),
};

describe('await', () => {
  for (const when of ['pending', 'done'] as const) {
    test(`FUT-6.6 of a ${when} future gives the result`, () =>
      withLoop(async (loop) => {
        const future = new Future<unknown>();
        WHEN[when](future, END.fulfilled);
        const seen: unknown[] = [];
        void (async () => seen.push(await future, await future))();
        expect(seen).toEqual([]);
        await settle(loop);
        expect(seen).toEqual(['value', 'value']);
      }));

    test(`FUT-6.6 of a ${when} future throws what it failed with`, () =>
      withLoop(async (loop) => {
        const future = new Future<unknown>();
        const error = new RangeError('far');
        WHEN[when](future, (one) => one.setException(error));
        const seen: unknown[] = [];
        void (async () => {
          try {
            await future;
          } catch (caught) {
            seen.push(caught);
          }
        })();
        await settle(loop);
        expect(seen[0]).toBe(error);
      }));

    test(`FUT-6.6 of a ${when} future throws a CancelledError if it was cancelled`, () =>
      withLoop(async (loop) => {
        const future = new Future<unknown>();
        WHEN[when](future, (one) => void one.cancel('why'));
        const seen = watch(
          (async () => {
            await future;
          })(),
        );
        await settle(loop);
        expect(seen).toEqual({ state: 'rejected', value: new CancelledError('why') });
      }));

    test(`FUT-6.6 works through Promise.all, race, any and resolve, ${when}`, () =>
      withLoop(async (loop) => {
        const never = new Future<unknown>();
        const fine = new Future<unknown>();
        const bad = new Future<unknown>();
        WHEN[when](fine, END.fulfilled);
        WHEN[when](bad, END.rejected);
        const seen = {
          all: watch(Promise.all([fine, fine])),
          allBad: watch(Promise.all([fine, bad])),
          race: watch(Promise.race([never, fine])),
          any: watch(Promise.any([bad, fine])),
          settled: watch(Promise.allSettled([fine, bad])),
          resolve: watch(Promise.resolve(fine)),
        };
        await settle(loop);
        expect(seen).toEqual({
          all: { state: 'fulfilled', value: ['value', 'value'] },
          allBad: { state: 'rejected', value: 'reason' },
          race: { state: 'fulfilled', value: 'value' },
          any: { state: 'fulfilled', value: 'value' },
          settled: {
            state: 'fulfilled',
            value: [
              { status: 'fulfilled', value: 'value' },
              { status: 'rejected', reason: 'reason' },
            ],
          },
          resolve: { state: 'fulfilled', value: 'value' },
        });
        never.cancel();
      }));
  }

  test('FUT-6.6 unwraps a result that is thenable, which result() and yield* do not', () =>
    withLoop(async (loop) => {
      const inner = Promise.resolve('inner');
      const future = new Future<Promise<string>>();
      const seen: unknown[] = [];
      void (async () => seen.push(await future))();
      await hop();
      future.setResult(inner);
      void (async () => seen.push(await future))();
      await settle(loop);
      expect(seen).toEqual(['inner', 'inner']);
      expect(future.result()).toBe(inner);
      expect(future[Symbol.iterator]().next().value).toBe(inner);
    }));

  test('FUT-6.6 resumes async functions in the order in which they came, among callbacks', () =>
    withLoop(async (loop) => {
      const future = new Future<string>();
      const steps: string[] = [];
      const wait = async (name: string): Promise<void> => {
        await future;
        steps.push(name);
      };
      void wait('a');
      await hop();
      future.addDoneCallback(() => steps.push('callback'));
      void wait('b');
      await hop();
      future.setResult('there');
      await settle(loop);
      expect(steps).toEqual(['callback', 'a', 'b']);
    }));

  test('FUT-6.6 is done by the loop’s own run, before its clock moves', () =>
    withLoop(async (loop) => {
      const future = new Future<number>();
      const times: number[] = [];
      void (async () => {
        for (let i = 0; i < 3; i++) {
          const timer = new Future<void>();
          loop.callLater(10, () => timer.setResult());
          await timer;
          times.push(loop.time());
        }
        future.setResult(1);
      })();
      await loop.runUntilCompleteAsync(future);
      expect(times).toEqual([10, 20, 30]);
    }));
});

for (const when of ['pending', 'done'] as const) {
  describe(`then of a ${when} future`, () => {
    test('FUT-6.7 calls one handler, once, later, as a function, with the outcome alone', () =>
      withLoop(async (loop) => {
        for (const how of ['fulfilled', 'rejected'] as const) {
          const calls: unknown[] = [];
          const handler = (name: string) =>
            function (this: unknown, ...args: unknown[]): void {
              calls.push([name, this, ...args]);
            };
          const future = new Future<unknown>();
          WHEN[when](future, END[how]);
          void future.then(handler('fulfilled'), handler('rejected'));
          expect(calls).toEqual([]);
          await settle(loop);
          expect(calls).toEqual([[how, undefined, how === 'fulfilled' ? 'value' : 'reason']]);
        }
      }));

    test('FUT-6.7 is fulfilled with what a handler returns, of whichever kind', () =>
      withLoop(async (loop) => {
        for (const how of ['fulfilled', 'rejected'] as const) {
          const inner = new Future<string>();
          const returned: unknown[] = [
            'plain',
            undefined,
            Promise.resolve('promised'),
            inner,
            { then: (resolve: (value: string) => void) => resolve('thenable') },
          ];
          const seen = returned.map((value) => {
            const future = new Future<unknown>();
            WHEN[when](future, END[how]);
            return watch(
              future.then(
                () => value,
                () => value,
              ),
            );
          });
          await settle(loop);
          expect(seen[3]).toEqual({ state: 'pending' });
          inner.setResult('inner');
          await settle(loop);
          const values = ['plain', undefined, 'promised', 'inner', 'thenable'];
          expect(seen).toEqual(values.map((value) => ({ state: 'fulfilled', value })));
        }
      }));

    test('FUT-6.7 is rejected with what a handler throws, or what the thenable it returns is rejected with', () =>
      withLoop(async (loop) => {
        const thrown: unknown = 'thrown';
        for (const how of ['fulfilled', 'rejected'] as const) {
          const handlers = [
            () => {
              throw thrown;
            },
            () => Promise.reject(thrown),
            () => ({ then: (_: unknown, reject: (reason: string) => void) => reject('thrown') }),
            () => {
              const inner = new Future<never>();
              inner.setException('thrown');
              return inner;
            },
          ];
          const seen = handlers.map((handler) => {
            const future = new Future<unknown>();
            WHEN[when](future, END[how]);
            return watch(future.then(handler, handler));
          });
          await settle(loop);
          expect(seen).toEqual(handlers.map(() => ({ state: 'rejected', value: 'thrown' })));
        }
      }));

    test.each([undefined, null, 1, {}])(
      'FUT-6.7 passes the outcome through where a handler is %j',
      (handler) =>
        withLoop(async (loop) => {
          const fine = new Future<unknown>();
          const bad = new Future<unknown>();
          WHEN[when](fine, END.fulfilled);
          WHEN[when](bad, END.rejected);
          const seen = [
            watch(fine.then(handler as never, () => 'wrong')),
            watch(bad.then(() => 'wrong', handler as never)),
            watch(fine.then(handler as never, handler as never).then(undefined, handler as never)),
            watch(bad.then(handler as never, handler as never).then(handler as never)),
          ];
          await settle(loop);
          expect(seen).toEqual([
            { state: 'fulfilled', value: 'value' },
            { state: 'rejected', value: 'reason' },
            { state: 'fulfilled', value: 'value' },
            { state: 'rejected', value: 'reason' },
          ]);
        }),
    );

    test('FUT-6.7 may be asked many times, and calls the handlers in that order', () =>
      withLoop(async (loop) => {
        const future = new Future<unknown>();
        const steps: string[] = [];
        WHEN[when](future, END.fulfilled);
        for (const name of ['a', 'b', 'c']) void future.then(() => steps.push(name));
        const chained = future.then(() => 'one');
        void chained.then(() => steps.push('d'));
        void chained.then(() => steps.push('e'));
        await settle(loop);
        expect(steps).toEqual(['a', 'b', 'c', 'd', 'e']);
      }));

    test('FUT-6.7 gives what may be asked after it has settled', () =>
      withLoop(async (loop) => {
        for (const handler of [
          () => 'value',
          () => Promise.resolve('value'),
          () => {
            throw 'reason' as unknown;
          },
        ]) {
          const future = new Future<unknown>();
          WHEN[when](future, END.fulfilled);
          const chained = future.then(handler);
          const early = watch(chained);
          await settle(loop);
          const late = watch(chained);
          const later: unknown[] = [];
          chained.then(
            () => later.push('called'),
            () => later.push('called'),
          );
          expect(later).toEqual([]);
          await hop();
          expect(later).toEqual(['called']);
          expect(late).toEqual(early);
          expect(late.state).not.toBe('pending');
        }
      }));

    test('FUT-6.7 that resolves to itself is rejected with a TypeError', () => {
      const { status, stdout } = runProgram(`
        import { Future } from '@aiokit/future';
        process.on('unhandledRejection', () => {});
        const timer = setTimeout(() => process.exit(7), 3000);
        const ask = (promise) => promise.then(() => 'fulfilled', (error) => error instanceof TypeError);
        const end = (future) => ${when === 'done' ? 'future.setResult(1)' : 'setTimeout(() => future.setResult(1))'};
        const one = new Future();
        end(one);
        const chained = one.then(() => chained);
        console.log(await ask(chained));
        const two = new Future();
        end(two);
        const late = two.then(() => late);
        await new Promise((resolve) => setTimeout(resolve, 5));
        console.log(await ask(late));
        clearTimeout(timer);
      `);
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\ntrue\n' });
    });
  });
}

describe('a rejection', () => {
  const program = (body: string): string => `
    import { Future } from '@aiokit/future';
    const seen = [];
    process.on('unhandledRejection', (reason) => seen.push(String(reason)));
    console.error = (...text) => seen.push('logged ' + text.join(' '));
    const future = new Future();
    const fail = () => future.setException(new RangeError('far'));
    const hop = () => new Promise((resolve) => setImmediate(resolve));
    ${body}
    await hop(); await hop(); await hop();
    console.log(JSON.stringify(seen));
  `;
  const UNHANDLED = ['RangeError: far'];

  test.each([
    ['then without a second handler, pending', 'future.then(() => {}); fail();', UNHANDLED],
    ['then without a second handler, done', 'fail(); future.then(() => {});', UNHANDLED],
    ['then whose handler throws', 'future.then(null, (e) => { throw e; }); fail();', UNHANDLED],
    ['an async function', '(async () => { await future; })(); await hop(); fail();', UNHANDLED],
    ['each branch', 'future.then(); future.then(); fail();', [...UNHANDLED, ...UNHANDLED]],
    ['a second handler, pending', 'future.then(null, () => {}); fail();', []],
    ['a second handler, done', 'fail(); future.then(null, () => {});', []],
    ['a handler further on', 'future.then(() => {}).then(null, () => {}); fail();', []],
    ['await in try', '(async () => { try { await future; } catch {} })(); await hop(); fail();', []],
    ['allSettled', 'Promise.allSettled([future]); await hop(); fail();', []],
    ['toPromise', 'future.toPromise(); fail();', UNHANDLED],
    ['toPromise, handled', 'future.toPromise().catch(() => {}); fail();', []],
  ])('FUT-6.8 is reported by the host exactly if nobody handles it: %s', (_, body, expected) => {
    const { status, stdout } = runProgram(program(body));
    expect({ status, seen: JSON.parse(stdout) }).toEqual({ status: 0, seen: expected });
  });

  test('FUT-6.8 that nobody handles ends the process, as any does', () => {
    const { status, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      const future = new Future();
      void future.then(() => {});
      future.setException(new RangeError('far'));
    `);
    expect(status).toBe(1);
    expect(stderr).toContain('RangeError: far');
    expect(stderr).not.toContain('never retrieved');
  });
});

describe('the wait of an async function', () => {
  /** A scope as the task package has one: it cancels what is waited for now, or the next outcome. */
  class Scope {
    readonly waits = new Set<CancellableWait>();
    cancellation: Error | undefined;
    readonly steps: string[] = [];
    enter(wait: CancellableWait): void {
      this.steps.push('enter');
      this.waits.add(wait);
    }
    leave(wait: CancellableWait): Error | undefined {
      this.steps.push('leave');
      this.waits.delete(wait);
      const { cancellation } = this;
      this.cancellation = undefined;
      return cancellation;
    }
  }

  function withScope(scope: Scope | null, body: () => void): void {
    realm.scope = () => scope;
    try {
      body();
    } finally {
      realm.scope = undefined;
    }
  }

  test('FUT-6.9 is known to its scope until it is over, and can be cancelled there', () =>
    withLoop(async (loop) => {
      const scope = new Scope();
      const future = new Future<string>();
      let seen: unknown;
      withScope(scope, () => {
        seen = watch(future);
      });
      expect(scope.waits.size).toBe(1);
      const [wait] = scope.waits;
      expect(wait?.cancel('why')).toBe(true);
      expect(future.cancelled()).toBe(true);
      expect(wait?.cancel('again')).toBe(false);
      expect(scope.steps).toEqual(['enter']);
      await settle(loop);
      expect(scope.steps).toEqual(['enter', 'leave']);
      expect(seen).toEqual({ state: 'rejected', value: new CancelledError('why') });
    }));

  test('FUT-6.9 ends as cancelled if its scope says so, whatever the outcome was', () =>
    withLoop(async (loop) => {
      for (const end of [END.fulfilled, END.rejected]) {
        const scope = new Scope();
        const future = new Future<unknown>();
        let seen: unknown;
        withScope(scope, () => {
          seen = watch(future);
        });
        end(future);
        scope.cancellation = new CancelledError('instead');
        await settle(loop);
        expect(seen).toEqual({ state: 'rejected', value: new CancelledError('instead') });
        if (end === END.rejected) future.exception();
      }
    }));

  test('FUT-6.9 outside a scope, or of a done future, has none', () =>
    withLoop(async (loop) => {
      const scope = new Scope();
      const future = new Future<unknown>();
      let seen: unknown;
      withScope(null, () => {
        seen = watch(future);
      });
      future.setResult('value');
      withScope(scope, () => void watch(future));
      expect(scope.steps).toEqual([]);
      await settle(loop);
      expect(seen).toEqual({ state: 'fulfilled', value: 'value' });
    }));
});
