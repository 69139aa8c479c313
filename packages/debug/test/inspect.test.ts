/** What a program shows of itself: lists, trees, graphs. */
import { captureCallGraph, formatCallGraph, ps, pstree, waitGraph, where } from '@aiokit/debug';
import { Future } from '@aiokit/future';
import { realm } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Queue } from '@aiokit/queue';
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, sleep, type Task, TaskGroup } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { withDebug } from './with-debug.js';

function* holds(lock: Lock, ms: number): Coroutine<void> {
  using _ = yield* lock.acquire();
  yield* sleep(ms);
}

const place = (name: string) =>
  expect.stringMatching(new RegExp(`^${name} \\(.*inspect\\.test\\.ts:\\d+:\\d+\\)$`)) as string;

/** A line of a tree, without the paths. */
const short = (text: string): string =>
  text
    .replace(/ \([^\s()]*?([\w.-]+\.ts):\d+:\d+\)/g, ' ($1)')
    .replace(/ at \/\S*?([\w.-]+\.ts):\d+:\d+$/gm, ' at $1');

describe('DEBUG-6.1 ps', () => {
  test('lists who waits for what, who holds it, since when and where', () =>
    withDebug(({ loop }) => {
      const lock = new Lock();
      createTask(holds(lock, 50), { name: 'holder' });
      createTask(holds(lock, 0), { name: 'waiter' });
      let list: unknown;
      loop.callLater(20, () => {
        list = ps();
      });
      loop.runUntilIdle();
      const about = { state: 'waiting', cancelling: false, sinceMs: 20 };
      expect(list).toEqual([
        { ...about, name: 'holder', waitsFor: ['<Sleep pending>'], heldBy: [], where: place('holds') },
        {
          ...about,
          name: 'waiter',
          waitsFor: ['<Lock locked waiters=1>'],
          heldBy: ['holder'],
          where: place('holds'),
        },
      ]);
      expect(ps()).toEqual([]);
    }));

  test('tells who runs, is ready, is being cancelled, waits for the host', () =>
    withDebug(async ({ loop }) => {
      let states: unknown;
      let end = (): void => {};
      createTask(async () => new Promise<void>((resolve) => (end = resolve)), { name: 'host' });
      const cancelled = createTask(() => sleep(50), { name: 'cancelled' });
      const main = createTask(
        function* (): Coroutine<void> {
          yield* sleep(1);
          createTask(holds(new Lock(), 0), { name: 'new' });
          cancelled.cancel();
          states = ps(loop).map(({ name, state, cancelling }) => [name, state, cancelling]);
          end();
          yield* sleep(0);
        },
        { name: 'main' },
      );
      await loop.runUntilCompleteAsync(main);
      expect(states).toEqual([
        ['host', 'host', false],
        ['cancelled', 'ready', true],
        ['main', 'running', false],
        ['new', 'ready', false],
      ]);
    }));

  test('works outside debug mode, and knows less', () => {
    const loop = new VirtualLoop();
    const task = createTask(holds(new Lock(), 5), { loop, name: 'plain' });
    loop.runUntilComplete(createTask(() => sleep(1), { loop }));
    expect(ps(loop)).toEqual([
      {
        name: 'plain',
        state: 'waiting',
        cancelling: false,
        waitsFor: ['<Sleep pending>'],
        heldBy: [],
        sinceMs: undefined,
        where: undefined,
      },
    ]);
    expect(where(task)).toEqual([]);
    loop.runUntilComplete(task);
    loop.close();
  });
});

describe('DEBUG-6.2 where', () => {
  test('is the place in the generator, through all that it delegates to', () =>
    withDebug(({ loop }) => {
      function* inner(): Coroutine<void> {
        yield* new Future<void>();
      }
      function* outer(): Coroutine<void> {
        yield* inner();
      }
      const task = createTask(outer());
      task.addDoneCallback(() => {});
      loop.runUntilIdle();
      expect(where(task).slice(0, 2)).toEqual([
        expect.stringMatching(/^ +at inner .*inspect\.test\.ts:/),
        expect.stringMatching(/^ +at outer .*inspect\.test\.ts:/),
      ]);
      task.cancel();
      loop.runUntilIdle();
      expect(where(task)).toEqual([]);
    }));

  test('is the place of the operation in an async function', () =>
    withDebug(async ({ loop }) => {
      const queue = new Queue<number>();
      let lines: string[] = [];
      const task = createTask(async function consumer() {
        await queue.get();
      });
      const main = createTask(async () => {
        await sleep(1);
        lines = where(task);
        queue.putNowait(1);
        await sleep(1);
      });
      await loop.runUntilCompleteAsync(main);
      expect(lines[0]).toMatch(/^ +at (Object\.)?consumer .*inspect\.test\.ts:/);
    }));

  test('refuses what is no task', () => {
    expect(() => where({})).toThrow(new TypeError('task must be a task, got [object Object]'));
  });
});

describe('DEBUG-6.3 pstree', () => {
  test('has under each task those that it waits for, through gather and groups too', () =>
    withDebug(({ loop }) => {
      const lock = new Lock();
      createTask(
        function* main(): Coroutine<void> {
          using _ = yield* lock.acquire();
          const one = createTask(() => sleep(10), { name: 'one' });
          const two = createTask(() => sleep(10), { name: 'two' });
          yield* gather(one, two);
          yield* new TaskGroup().run(function* (group) {
            group.createTask(() => sleep(10), { name: 'three' });
            yield* sleep(0);
          });
        },
        { name: 'main' },
      );
      createTask(holds(lock, 0), { name: 'other' });
      const trees: string[] = [];
      for (const at of [5, 15]) loop.callLater(at, () => trees.push(short(pstree())));
      loop.runUntilIdle();
      expect(trees[0]).toBe(
        [
          '(T) main  waits for <Gathering pending cb=[Task.wakeup()]>  for 0.005 s  at main (inspect.test.ts)',
          '├── (T) one  waits for <Sleep pending>  for 0.005 s  at inspect.test.ts',
          '└── (T) two  waits for <Sleep pending>  for 0.005 s  at inspect.test.ts',
          '(T) other  waits for <Lock locked waiters=1>  held by main  for 0.005 s  at holds (inspect.test.ts)',
        ].join('\n'),
      );
      expect(trees[1]).toMatch(/^\(T\) main .*\n└── \(T\) three .*\n\(T\) other /);
      expect(pstree()).toBe('no task is pending');
    }));

  test('shows cycles first, and does not run in them', () =>
    withDebug(({ loop, take }) => {
      const tasks: Task<unknown>[] = [];
      function* awaits(other: number): Coroutine<void> {
        yield* sleep(0);
        yield* tasks[other] as Task<unknown>;
      }
      for (const [index, name] of ['a', 'b'].entries()) tasks.push(createTask(awaits(1 - index), { name }));
      loop.runUntilIdle();
      expect(take()).toHaveLength(1);
      expect(pstree()).toMatch(
        /^cycle: a → b → a\n\(T\) a .*\n└── \(T\) b .*\n {4}└── \(T\) a {2}see above$/,
      );
      loop.close();
      loop.takeReports();
    }));

  test('of 1,000 tasks has a line for each', () =>
    withDebug(({ loop }) => {
      const lock = new Lock();
      const tasks = Array.from({ length: 1000 }, (_, index) =>
        createTask(holds(lock, 0), { name: `t${index}` }),
      );
      loop.tick();
      const lines = pstree().split('\n');
      expect(lines).toHaveLength(tasks.length);
      loop.runUntilIdle();
    }));
});

describe('DEBUG-6.4 waitGraph', () => {
  test('has tasks, primitives, holders and cycles', () =>
    withDebug(({ loop, take }) => {
      const [a, b] = [new Lock(), new Lock()];
      function* takes(first: Lock, second: Lock): Coroutine<void> {
        using _ = yield* first.acquire();
        yield* sleep(1);
        using __ = yield* second.acquire();
      }
      const one = createTask(takes(a, b), { name: 'one' });
      const two = createTask(takes(b, a), { name: 'two' });
      createTask(
        function* (): Coroutine<void> {
          yield* two;
        },
        { name: 'last' },
      );
      loop.runUntilIdle();
      expect(take()).toHaveLength(1);
      // By name: a difference between tasks is printed with all that they refer to.
      const name = (one: object) => (one === a ? 'A' : one === b ? 'B' : (one as Task<unknown>).getName());
      const { tasks, edges, cycles } = waitGraph();
      expect(tasks.map(name)).toEqual(['one', 'two', 'last']);
      expect(edges.map(({ from, to, kind }) => [name(from), kind, name(to)])).toEqual([
        ['one', 'waits', 'B'],
        ['B', 'held', 'two'],
        ['two', 'waits', 'A'],
        ['A', 'held', 'one'],
        ['last', 'awaits', 'two'],
      ]);
      expect(cycles.map((cycle) => cycle.map(name))).toEqual([['one', 'two']]);
      one.cancel();
      loop.runUntilIdle();
      expect(waitGraph()).toEqual({ tasks: [], edges: [], cycles: [] });
    }));
});

describe('DEBUG-6.5 call graphs', () => {
  test('go from a task to all that wait for it', () =>
    withDebug(({ loop }) => {
      function* leaf(): Coroutine<void> {
        yield* sleep(10);
      }
      const task = createTask(leaf(), { name: 'leaf' });
      function* waits(what: Task<void>): Coroutine<void> {
        yield* what;
      }
      const middle = createTask(waits(task), { name: 'middle' });
      createTask(waits(middle), { name: 'top' });
      loop.tick();
      loop.tick();
      const graph = captureCallGraph(task, { limit: 1 });
      expect([graph?.future === task, graph?.awaitedBy.map(({ future }) => future === middle)]).toEqual([
        true,
        [true],
      ]);
      expect(graph?.callStack).toEqual([place('leaf')]);
      expect(short(formatCallGraph(task, { limit: 1 }))).toBe(
        [
          "* Task(name='leaf')",
          '  + Call stack:',
          '  |   leaf (inspect.test.ts)',
          '  + Awaited by:',
          "     * Task(name='middle')",
          '       + Call stack:',
          '       |   waits (inspect.test.ts)',
          '       + Awaited by:',
          "          * Task(name='top')",
          '            + Call stack:',
          '            |   waits (inspect.test.ts)',
        ].join('\n'),
      );
      loop.runUntilIdle();
    }));

  test('of the current task begin where it stands', () =>
    withDebug(({ loop }) => {
      const lines = loop.runUntilComplete(
        createTask(
          function* here(): Coroutine<string> {
            yield* sleep(0);
            return short(formatCallGraph());
          },
          { name: 'me' },
        ),
      );
      expect(lines.split('\n').slice(0, 3)).toEqual([
        "* Task(name='me')",
        '  + Call stack:',
        '  |   here (inspect.test.ts)',
      ]);
    }));

  test('is none outside a task, and refuses what is no future', () => {
    expect(realm.stepping).toBe(undefined);
    expect([captureCallGraph(), formatCallGraph()]).toEqual([null, '']);
    expect(() => captureCallGraph({})).toThrow(/^future must be a future or a task, got /);
  });
});
