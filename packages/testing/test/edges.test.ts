/** Arguments that make no sense, handlers of one's own, and ends that are rare. */
import { Future } from '@aiokit/future';
import { CancelledError } from '@aiokit/loop-core';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { assertCheckpoints, explore, exploreOne, type World } from '@aiokit/testing';
import { expect, test } from 'vitest';

test.each<[string, (world: World) => void, string]>([
  ['choose(0)', (world) => void world.choose(0), 'RangeError: n must be an integer of 1 or more, got 0'],
  [
    'choose(1.5)',
    (world) => void world.choose(1.5),
    'RangeError: n must be an integer of 1 or more, got 1.5',
  ],
  ['invariant(1)', (world) => world.invariant(1 as never), 'TypeError: holds must be a function, got 1'],
  ['atEnd(1)', (world) => world.atEnd(1 as never), 'TypeError: holds must be a function, got 1'],
])('EXPLORE-7.1 is refused by the world: %s', async (_, program, message) => {
  const { failure } = await explore(program);
  expect(failure).toMatchObject({ kind: 'error', message });
});

test('EXPLORE-2.6 a handler of the program itself is told in place of the explorer', async () => {
  let told = 0;
  const report = await explore((world) => {
    world.loop.setExceptionHandler(() => told++);
    world.loop.callSoon(() => {
      throw new Error('handled');
    });
  });
  expect([report.ok, told]).toEqual([true, 2]);
});

test('EXPLORE-2.1 what is thrown need not be an error', async () => {
  const { failure } = await explore(() => {
    // biome-ignore lint/style/useThrowOnlyError: that is what is tested
    throw 'a text' as unknown;
  });
  expect(failure?.message).toBe('a text');
});

test('EXPLORE-2.7 two runs of one schedule agree about results that are null or objects', async () => {
  const report = await explore((world) => {
    world.spawn(sleep(0, null));
    world.spawn(sleep(0, {}));
  });
  expect(report).toMatchObject({ ok: true, complete: true });
});

test('EXPLORE-1.1 stacks that the host does not limit are left alone', async () => {
  const host = Error as { stackTraceLimit?: number | undefined };
  const { stackTraceLimit } = host;
  host.stackTraceLimit = undefined;
  try {
    expect(await explore((world) => void world.spawn(sleep(0)))).toMatchObject({ ok: true });
    expect(host.stackTraceLimit).toBeUndefined();
  } finally {
    host.stackTraceLimit = stackTraceLimit;
  }
});

test('EXPLORE-8.1 the table has a label for what is waited for, and for what has none', async () => {
  const report = await exploreOne(function* (world) {
    const bare = Object.setPrototypeOf({}, null) as object;
    world.label(bare, 'nothing');
    yield* new Future<void>({ loop: world.loop });
  }, []);
  expect(report.failure?.kind).toBe('deadlock');
  expect(report.failure?.waiting).toEqual(['main waits for Future 1']);
});

test('KIT-4.3 cancellations and an early end go through to what has no checkpoint yet', async () => {
  const ends: string[] = [];
  function* inner(): Coroutine<void> {
    try {
      yield* sleep(5);
    } catch (error) {
      ends.push(error instanceof CancelledError ? 'cancelled' : 'failed');
      throw error;
    } finally {
      ends.push('over');
    }
  }
  const report = await explore(function* (): Coroutine<void> {
    const task = createTask(assertCheckpoints(inner()));
    yield* sleep(0);
    yield* sleep(0);
    task.cancel();
    yield* sleep(0);
    const early = assertCheckpoints(inner());
    early.next(undefined);
    early.return(undefined);
  });
  expect(report.failure).toBeUndefined();
  expect(ends).toEqual(expect.arrayContaining(['cancelled', 'over']));
});
