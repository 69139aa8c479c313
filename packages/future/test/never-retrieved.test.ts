import { type ExceptionContext, getEventLoop, setEventLoop } from '@aiokit/loop-core';
import { fromPromise, Future, wrapFuture } from '@aiokit/future';
import { describe, expect, test, vi } from 'vitest';
import { Driver } from './driver.js';
import { runProgram } from './program.js';
import { hop, settle, TestLoop, withLoop } from './with-loop.js';

declare const gc: () => void;

/** Collects garbage, and lets the host call finalizers. */
async function collect(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    gc();
    await hop();
  }
}

const shown = ({ message, exception, future }: ExceptionContext): string =>
  [message, exception, future].map(String).join(' | ');

const REPORT =
  "Future exception was never retrieved | RangeError: far | <Future finished exception=RangeError('far')>";

describe('an exception that nobody looks at is reported', () => {
  test('FUT-9.1 when the loop is closed', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      const error = new RangeError('far');
      future.setException(error);
      loop.runUntilIdle();
      expect(loop.takeReports()).toEqual([]);
      loop.close();
      const reports = loop.takeReports();
      expect(reports.map(shown)).toEqual([REPORT]);
      expect(reports[0]?.exception).toBe(error);
      loop.close();
    }));

  test('FUT-9.1 on its own loop only', () => {
    const [one, two] = [new TestLoop(), new TestLoop()];
    new Future<number>({ loop: one }).setException(new RangeError('far'));
    two.finish();
    expect(one.takeReports()).toEqual([]);
    one.close();
    expect(one.takeReports().map(shown)).toEqual([REPORT]);
  });

  test('FUT-9.1 by the loop that took the place of its own', () => {
    setEventLoop(null);
    const future = new Future<number>();
    future.setException(new RangeError('far'));
    const reports: ExceptionContext[] = [];
    const loop = getEventLoop();
    loop.setExceptionHandler((_, context) => reports.push(context));
    loop.close();
    expect(reports.map(shown)).toEqual([REPORT]);
  });

  test('FUT-9.1 when the future is collected', () =>
    withLoop(async (loop) => {
      (() => {
        const future = new Future<number>();
        future.setException(new RangeError('far'));
      })();
      await collect();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.1 when the future is collected, whose own method threw the error', () =>
    withLoop(async (loop) => {
      class Failing extends Future<number> {
        failNow(stack?: () => string): void {
          const error = new RangeError('far');
          if (stack) Object.defineProperty(error, 'stack', { get: stack });
          this.setException(error);
        }
      }
      (() => {
        new Failing().failNow();
        new Failing().failNow(() => {
          throw new Error('no stack');
        });
      })();
      await collect();
      expect(loop.takeReports().map(({ exception }) => String(exception))).toEqual(
        Array(2).fill('RangeError: far'),
      );
    }));

  test('FUT-9.1 when the process ends, with the stack', () => {
    const { status, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      globalThis.future = new Future();
      function guilty() { return new RangeError('far'); }
      globalThis.future.setException(guilty());
      process.on('exit', () => console.error('end'));
    `);
    expect(status).toBe(0);
    expect(stderr).toContain('Future exception was never retrieved');
    expect(stderr).toContain('RangeError: far');
    expect(stderr).toMatch(/at guilty /);
    expect(stderr.match(/never retrieved/g)).toHaveLength(1);
  });

  test('FUT-9.1 when the process ends, by the loop’s own handler', () => {
    const { status, stdout } = runProgram(`
      import { getEventLoop } from '@aiokit/loop-core';
      import { Future } from '@aiokit/future';
      getEventLoop().setExceptionHandler((loop, { message, future }) => console.log(message, String(future)));
      globalThis.future = new Future();
      globalThis.future.setException(new Error('no'));
    `);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "Future exception was never retrieved <Future finished exception=Error('no')>\n",
    });
  });

  test('FUT-9.1 of every loop when the process says that it ends', () =>
    withLoop(async (loop) => {
      vi.resetModules();
      const copy = await import('@aiokit/future');
      const once = vi.spyOn(process, 'once');
      const other = new TestLoop();
      for (const one of [loop, other])
        new copy.Future<number>({ loop: one }).setException(new RangeError('far'));
      const [event, listener] = once.mock.calls.at(-1) ?? [];
      once.mockRestore();
      expect(event).toBe('exit');
      process.removeListener('exit', listener as () => void);
      (listener as () => void)();
      for (const one of [loop, other]) expect(one.takeReports().map(shown)).toEqual([REPORT]);
      other.finish();
    }));

  test('FUT-9.2 once, whatever comes first', () =>
    withLoop(async (loop) => {
      let future: Future<number> | undefined = new Future<number>();
      future.setException(new RangeError('far'));
      loop.close();
      expect(loop.takeReports()).toHaveLength(1);
      expect(future.exception()).toEqual(new RangeError('far'));
      future = undefined;
      await collect();
      expect(loop.takeReports()).toEqual([]);
    }));

  test('FUT-9.2 with the name of its class', () =>
    withLoop((loop) => {
      class Task extends Future<number> {}
      new Task().setException(new RangeError('far'));
      loop.close();
      expect(loop.takeReports().map(({ message }) => message)).toEqual([
        'Task exception was never retrieved',
      ]);
    }));

  test('FUT-9.2 and keeps nothing alive', () =>
    withLoop(async (loop) => {
      const future = ((): WeakRef<Future<number>> => {
        const made = new Future<number>();
        made.addDoneCallback(() => {});
        made.setException(new RangeError('far'));
        return new WeakRef(made);
      })();
      loop.tick();
      await collect();
      expect(future.deref()).toBe(undefined);
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.4 if a callback did not look', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      future.addDoneCallback((done) => done.done());
      future.addDoneCallback(() => {});
      future.setException(new RangeError('far'));
      loop.tick();
      loop.close();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.4 if a runnable that subscribed did not look, and keeps no future alive for that', () =>
    withLoop(async (loop) => {
      const future = ((): WeakRef<Future<number>> => {
        const made = new Future<number>();
        made.subscribe({ run: () => {} });
        made.setException(new RangeError('far'));
        return new WeakRef(made);
      })();
      loop.tick();
      await collect();
      expect(future.deref()).toBe(undefined);
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.4 if a callback threw before it looked', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      future.addDoneCallback(() => {
        throw new Error('boom');
      });
      future.setException(new RangeError('far'));
      loop.tick();
      expect(loop.takeReports()).toHaveLength(1);
      loop.close();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.4 if the callbacks that would have looked were dropped with their loop', () =>
    withLoop((loop) => {
      const futures = [new Future<number>(), new Future<number>()];
      for (const future of futures) future.addDoneCallback((done) => done.exception());
      futures[0]?.setException(new RangeError('far'));
      futures[1]?.setResult(1);
      loop.close();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));
});

describe('an exception is not reported', () => {
  const looks: Record<string, (future: Future<number>, loop: TestLoop) => unknown> = {
    'result()': (future) => expect(() => future.result()).toThrow(RangeError),
    'exception()': (future) => future.exception(),
    await: (future) => (async () => void (await future))().catch(() => {}),
    'then, of a pending future': (future) => future.then(undefined, () => {}),
    toPromise: (future) => future.toPromise().catch(() => {}),
    cancel: (future) => future.cancel(),
    'a callback': (future) => future.addDoneCallback((done) => done.exception()),
    'the second callback': (future) => {
      future.addDoneCallback(() => {});
      future.addDoneCallback((done) => done.exception());
    },
    'a generator': (future, loop) =>
      new Driver(
        loop,
        (function* () {
          try {
            yield* future;
          } catch {}
        })(),
      ),
  };

  const early = Object.entries(looks).filter(([how]) => !/^(result|exception|cancel)/.test(how));
  for (const [how, look] of early) {
    test(`FUT-9.3 if ${how} looked, having come before`, () =>
      withLoop(async (loop) => {
        const future = new Future<number>();
        look(future, loop);
        await hop();
        loop.tick();
        future.setException(new RangeError('far'));
        await settle(loop);
        await collect();
        loop.close();
        expect(loop.takeReports()).toEqual([]);
      }));
  }
  for (const [how, look] of Object.entries(looks)) {
    test(`FUT-9.3 if ${how} looked, having come after`, () =>
      withLoop(async (loop) => {
        const future = new Future<number>();
        future.setException(new RangeError('far'));
        look(future, loop);
        await settle(loop);
        await collect();
        loop.close();
        expect(loop.takeReports()).toEqual([]);
      }));
  }

  test('FUT-9.3 if a future that wraps it was looked at, which is reported otherwise', () =>
    withLoop((loop) => {
      const other = new TestLoop();
      const futures = [new Future<number>(), new Future<number>()];
      const wrappers = futures.map((future) => wrapFuture(future, { loop: other }));
      for (const future of futures) future.setException(new RangeError('far'));
      loop.tick();
      loop.close();
      expect(loop.takeReports()).toEqual([]);
      wrappers[0]?.exception();
      other.close();
      expect(other.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test('FUT-9.3 if there is none', () =>
    withLoop(async (loop) => {
      (() => {
        new Future<number>().setResult(1);
        new Future<number>().cancel();
        void new Future<number>();
        fromPromise(new Promise(() => {})).cancel();
      })();
      await collect();
      loop.close();
      expect(loop.takeReports()).toEqual([]);
    }));

  test('FUT-9.3 at the end of a process if somebody looked', () => {
    const { status, stderr } = runProgram(`
      import { Future } from '@aiokit/future';
      const future = new Future();
      future.setException(new Error('no'));
      try { await future; } catch {}
    `);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('a host', () => {
  test('FUT-9.5 without finalizers reports at the close', () =>
    withLoop(async (loop) => {
      const { FinalizationRegistry: Registry } = globalThis;
      vi.resetModules();
      const copy = await import('@aiokit/future');
      globalThis.FinalizationRegistry = undefined as never;
      try {
        const [seen, unseen] = [new copy.Future<number>(), new copy.Future<number>()];
        for (const future of [seen, unseen]) future.setException(new RangeError('far'));
        seen.exception();
      } finally {
        globalThis.FinalizationRegistry = Registry;
      }
      loop.close();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }));

  test.each([
    ['without a process', undefined],
    ['whose process has no events', {}],
  ])('FUT-9.5 %s reports at the close', (_, fake) =>
    withLoop(async (loop) => {
      vi.resetModules();
      const copy = await import('@aiokit/future');
      const host = Object.getOwnPropertyDescriptor(globalThis, 'process') as PropertyDescriptor;
      Object.defineProperty(globalThis, 'process', { value: fake, configurable: true });
      try {
        new copy.Future<number>().setException(new RangeError('far'));
      } finally {
        Object.defineProperty(globalThis, 'process', host);
      }
      loop.close();
      expect(loop.takeReports().map(shown)).toEqual([REPORT]);
    }),
  );
});
