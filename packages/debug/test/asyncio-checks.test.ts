/**
 * What asyncio says in debug mode and always, a row each: a program that makes it speak, a program that differs by one token
 * and does not, and a correct one. Every other detector is on.
 */
import { readFileSync } from 'node:fs';
import { setLogLevel, trackResource } from '@aiokit/debug';
import { Future } from '@aiokit/future';
import { getLogger, HostLoop, type Logger, setLogger } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { type Coroutine, coroutine, createTask, Runner, shield, sleep, TaskGroup } from '@aiokit/task';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Debugged, withDebug } from './with-debug.js';

/** What a program is run with: the test, and the token in which the two programs differ. */
type Program<T> = (test: Debugged, token: T) => unknown;

interface Row<T = never> {
  readonly id: string;
  readonly program: Program<T>;
  /** The token that makes it speak, and the one that does not. */
  readonly fires: T;
  readonly near: T;
  readonly says: RegExp;
  readonly silent: (test: Debugged) => unknown;
}

const row = <T>(one: Row<T>): Row => one as unknown as Row;

// eslint-disable-next-line require-yield -- it fails before it waits
const fail = function* fail(): Coroutine<never> {
  throw new Error('failed');
};
const page = coroutine(function* page(): Coroutine<number> {
  yield* sleep(1);
  return 1;
});
const nothing = (): void => {};

/** A clock of the host that the program moves. */
function clockOf(loop: VirtualLoop): { now: number } {
  loop.slowCallbackDurationMs = 100;
  const clock = { now: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  onTestFinished(() => void vi.restoreAllMocks());
  return clock;
}

/** What is thrown is said as well as what is reported. */
function saying({ errors }: Debugged, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    errors.push(String(error));
  }
}

/** Everything that is logged at level debug is an error of the test. */
function listenToDebug({ errors }: Debugged): void {
  const logger: Logger = { ...getLogger(), debug: (text) => void errors.push(text) };
  setLogger({ ...console, ...logger, warn: nothing });
}

const rows: Row[] = [
  row({
    id: 'DEBUG-15.1',
    program: ({ loop }, ms: number) => {
      const clock = clockOf(loop);
      loop.callSoon(() => {
        clock.now += ms;
      });
      loop.runUntilIdle();
    },
    fires: 100,
    near: 99,
    says: /^Executing <Handle .*> took 0\.100 seconds/,
    silent: ({ loop }) => {
      clockOf(loop);
      loop.callSoon(nothing);
      loop.runUntilIdle();
    },
  }),
  row({
    id: 'DEBUG-15.2',
    program: (debugged, callback: unknown) => {
      saying(debugged, () => debugged.loop.callSoon(callback as () => void));
      debugged.loop.runUntilIdle();
    },
    fires: function* call(): Generator {},
    near: function call(): void {},
    says: /^TypeError: coroutines cannot be used with callSoon\(\)/,
    silent: ({ loop }) => {
      loop.callLater(1, nothing);
      loop.runUntilIdle();
    },
  }),
  row<unknown>({
    id: 'DEBUG-15.2',
    program: (debugged, callback: unknown) => {
      saying(debugged, () => debugged.loop.callAt(5, callback as () => void));
      debugged.loop.runUntilIdle();
    },
    fires: 'nothing',
    near: nothing,
    says: /^TypeError: .*(callable|function).*'?nothing/,
    silent: ({ loop }) => {
      loop.callAt(5, nothing);
      loop.runUntilIdle();
    },
  }),
  row({
    id: 'DEBUG-15.3',
    program: ({ loop, errors }, enabled: boolean) => {
      loop.setDebug(enabled);
      const future = new Future<void>();
      loop.callExceptionHandler({ message: 'about a future', future });
      for (const { sourceTraceback } of loop.takeReports()) {
        if (sourceTraceback) errors.push(`created:${sourceTraceback}`);
      }
    },
    fires: true,
    near: false,
    says: /^created: +at .*asyncio-checks\.test\.ts:\d+/,
    silent: ({ loop, errors }) => {
      loop.callExceptionHandler({ message: 'about nothing' });
      for (const { sourceTraceback } of loop.takeReports()) if (sourceTraceback) errors.push(sourceTraceback);
    },
  }),
  row({
    id: 'DEBUG-15.4',
    program: async ({ collect, loop }, make: () => unknown) => {
      (function forgets() {
        make();
      })();
      loop.runUntilIdle();
      await collect();
    },
    fires: () => void page(),
    near: () => void createTask(page()),
    says: /Coroutine created at \(most recent call first\):\n +at .*asyncio-checks\.test\.ts/,
    silent: async ({ collect }) => collect(),
  }),
  row({
    id: 'DEBUG-15.5',
    program: (debugged, level: 'debug' | 'info') => {
      setLogLevel(level);
      onTestFinished(() => setLogLevel('info'));
      listenToDebug(debugged);
      debugged.loop.close();
    },
    fires: 'debug',
    near: 'info',
    says: /^Close <\w+ /,
    silent: (debugged) => {
      setLogLevel('debug');
      onTestFinished(() => setLogLevel('info'));
      listenToDebug(debugged);
      debugged.loop.runUntilIdle();
      setLogLevel('info');
    },
  }),
  row({
    id: 'DEBUG-15.6',
    program: async ({ loop, collect }, look: 'done' | 'exception') => {
      (function starts() {
        const task = createTask(fail());
        loop.runUntilIdle();
        task[look]();
      })();
      await collect();
    },
    fires: 'done',
    near: 'exception',
    says: /^Task exception was never retrieved/,
    silent: async ({ loop, collect }) => {
      createTask(page());
      loop.runUntilIdle();
      await collect();
    },
  }),
  row({
    id: 'DEBUG-15.6',
    program: async ({ collect }, look: 'done' | 'exception') => {
      (function makes() {
        const future = new Future<void>();
        future.setException(new Error('failed'));
        future[look]();
      })();
      await collect();
    },
    fires: 'done',
    near: 'exception',
    says: /^Future exception was never retrieved/,
    silent: async ({ collect }) => {
      new Future<void>().setResult();
      await collect();
    },
  }),
  row({
    id: 'DEBUG-15.7',
    program: ({ loop }, end: 'setResult' | 'done') => {
      const future = new Future<void>();
      createTask(function* (): Coroutine<void> {
        yield* future;
      });
      loop.runUntilIdle();
      future[end]();
      loop.runUntilIdle();
      loop.close();
    },
    fires: 'done',
    near: 'setResult',
    says: /^Task was destroyed but it is pending!/,
    silent: ({ loop }) => {
      createTask(page());
      loop.runUntilIdle();
      loop.close();
    },
  }),
  row({
    id: 'DEBUG-15.8',
    program: async ({ loop, collect }, start: (made: Coroutine<number>) => unknown) => {
      (function forgets() {
        start(page());
      })();
      loop.runUntilIdle();
      await collect();
    },
    fires: (made) => void made,
    near: createTask,
    says: /^coroutine 'page' was never awaited/,
    silent: async ({ loop, collect }) => {
      createTask(function* (): Coroutine<void> {
        yield* page();
      });
      loop.runUntilIdle();
      await collect();
    },
  }),
  row({
    id: 'DEBUG-15.9',
    program: ({ loop }, callback: (error: Error) => unknown) => {
      loop.callSoon(() => void callback(new Error('failed')));
      loop.runUntilIdle();
    },
    fires: (error) => {
      throw error;
    },
    near: (error) => {
      return error;
    },
    says: /^Exception in callback /,
    silent: ({ loop }) => {
      loop.callSoon(nothing);
      loop.runUntilIdle();
    },
  }),
  row({
    id: 'DEBUG-15.10',
    program: ({ loop, errors }, message: string) => {
      loop.setExceptionHandler(null);
      loop.callExceptionHandler({ message });
      const said = errors.splice(0);
      errors.push(...said.filter((text) => !text.startsWith('known')));
    },
    fires: '',
    near: 'known',
    says: /^Unhandled exception in event loop/,
    silent: ({ loop }) => loop.runUntilIdle(),
  }),
  row({
    id: 'DEBUG-15.11',
    program: ({ loop }, handler: (error: Error) => unknown) => {
      loop.setExceptionHandler(() => void handler(new Error('failed')));
      loop.callExceptionHandler({ message: 'known' });
    },
    fires: (error) => {
      throw error;
    },
    near: (error) => {
      return error;
    },
    says: /^Unhandled error in exception handler/,
    silent: ({ loop }) => loop.setExceptionHandler(nothing),
  }),
  row({
    id: 'DEBUG-15.12',
    program: ({ loop }, handler: (error: Error) => unknown) => {
      loop.setExceptionHandler(null);
      loop.defaultExceptionHandler = () => void handler(new Error('failed'));
      loop.callExceptionHandler({ message: 'known' });
    },
    fires: (error) => {
      throw error;
    },
    near: (error) => {
      return error;
    },
    says: /^Exception in default exception handler/,
    silent: ({ loop }) => loop.runUntilIdle(),
  }),
  row({
    id: 'DEBUG-15.13',
    program: ({ loop }, child: () => Coroutine<unknown>) => {
      const parent = createTask(function* (): Coroutine<void> {
        const body = new TaskGroup().run(function* (group) {
          group.createTask(child());
          yield* sleep(0);
        });
        body[Symbol.iterator]().next();
        yield* sleep(0);
      });
      loop.runUntilIdle();
      parent.done();
    },
    fires: (): Coroutine<unknown> => fail(),
    near: () => page(),
    says: /^Task <.*> has errored out but its parent task <.*> is already completed/,
    silent: ({ loop }) => {
      createTask(function* (): Coroutine<void> {
        yield* new TaskGroup().run(function* (group) {
          group.createTask(page());
          yield* sleep(0);
        });
      });
      loop.runUntilIdle();
    },
  }),
  row({
    id: 'DEBUG-15.14',
    program: async ({ errors }, leave: (error: Error) => unknown) => {
      const loop = new HostLoop();
      loop.setExceptionHandler((_, { message }) => errors.push(message));
      const runner = new Runner({ debug: true, loopFactory: () => loop });
      await runner.run(function* main(): Coroutine<void> {
        createTask(function* (): Coroutine<void> {
          try {
            yield* new Future<void>();
          } finally {
            leave(new Error('failed'));
          }
        });
        yield* sleep(0);
      });
      await runner.close();
    },
    fires: (error) => {
      throw error;
    },
    near: (error) => {
      return error;
    },
    says: /^unhandled exception during asyncio\.run\(\) shutdown/,
    silent: async () => {
      const runner = new Runner({ debug: true, loopFactory: () => new HostLoop() });
      await runner.run(page());
      await runner.close();
    },
  }),
  row({
    id: 'DEBUG-15.15',
    program: async ({ collect }, end: 'close' | 'isClosed') => {
      (function makes() {
        for (const loop of [new VirtualLoop()]) {
          loop.setDebug(true);
          loop.setDebug(false);
          loop[end]();
        }
      })();
      await collect();
    },
    fires: 'isClosed',
    near: 'close',
    says: /^unclosed event loop <VirtualLoop>/,
    silent: async ({ collect }) => collect(),
  }),
  row({
    id: 'DEBUG-15.16',
    program: async ({ collect }, end: 'closed' | 'toString') => {
      (function opens() {
        trackResource({}, { name: 'transport <Socket>' })[end]();
      })();
      await collect();
    },
    fires: 'toString',
    near: 'closed',
    says: /^unclosed transport <Socket>/,
    silent: async ({ collect }) => collect(),
  }),
  row({
    id: 'DEBUG-15.17',
    program: ({ loop }, end: 'cancel' | 'done') => {
      const inner = createTask(function* (): Coroutine<void> {
        yield* sleep(1);
        throw new Error('failed');
      });
      const outer = shield(inner);
      outer[end]();
      outer.addDoneCallback(() => outer.cancelled() || outer.exception());
      loop.runUntilIdle();
      inner.exception();
    },
    fires: 'cancel',
    near: 'done',
    says: /^Error exception in shielded future/,
    silent: ({ loop }) => {
      const outer = shield(page());
      loop.runUntilIdle();
      outer.result();
    },
  }),
];

/** What a program has made debug say, and the loop. */
async function saidBy(program: (test: Debugged) => unknown): Promise<string[]> {
  const said: string[] = [];
  await withDebug(async (debugged) => {
    await program(debugged);
    said.push(
      ...debugged.takeWhole(),
      ...debugged.errors.splice(0),
      ...debugged.loop.takeReports().map(({ message }) => message),
    );
  });
  return said;
}

describe.each(rows)('$id', ({ id, program, fires, near, says, silent }) => {
  test(`${id} speaks`, async () => {
    const said = await saidBy((debugged) => program(debugged, fires));
    expect(said).toEqual([expect.stringMatching(says)]);
  });

  test(`${id} does not where one token differs`, async () => {
    expect(await saidBy((debugged) => program(debugged, near))).toEqual([]);
  });

  test(`${id} does not of what is correct`, async () => {
    expect(await saidBy(silent)).toEqual([]);
  });
});

test('DEBUG-15 what cannot exist is a difference with a reason', () => {
  const folder = new URL('../../../docs/semantics/', import.meta.url);
  const table = readFileSync(new URL('debug.md', folder), 'utf8').split('## DEBUG-15 ')[1] ?? '';
  const differences = readFileSync(new URL('differences.md', folder), 'utf8');
  const named = [...table.matchAll(/^\| – \|.*\| (DIFF-\d+) \|$/gm)].map(([, id]) => id);
  expect(named.length).toBe([...table.matchAll(/^\| – \|/gm)].length);
  for (const id of named) expect(differences).toMatch(new RegExp(`## ${id} [^]*?\\*\\*Why:\\*\\*`));
});
