/**
 * Operations that are given away: however and whenever the wait for them ends, what they had or were promised is with
 * whoever got it, or goes to the next.
 */
import { isCancelledError, isTimeoutError, type Operation } from '@aiokit/loop-core';
import {
  type Coroutine,
  createTask,
  ensureFuture,
  gather,
  select,
  shield,
  sleep,
  type Task,
  timeout,
  waitFor,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts } from './hosts.js';
import { TinyQueue } from './owners.js';
import { play, playAsync, rejection, thrownIn } from './with-loop.js';

/** How an operation is given away: makes the coroutine whose task is then cancelled. */
type Give = (operation: Operation<string>) => Task<unknown>;

const task = (steps: () => Coroutine<unknown>): Task<unknown> => createTask(steps());

const gives: Record<string, Give> = {
  createTask: (operation) => createTask(operation),
  ensureFuture: (operation) => ensureFuture(operation) as Task<unknown>,
  'createTask of a function': (operation) => createTask(() => operation),
  'createTask of waitFor': (operation) => createTask(waitFor(operation, 1000)),
  'createTask of waitFor without a limit': (operation) => createTask(waitFor(operation, null)),
  'createTask of select': (operation) => createTask(select([sleep(1000), operation])),
  'a task that awaits gather': (operation) => {
    const all = gather(operation, sleep(1000));
    return task(function* () {
      return yield* all;
    });
  },
  'a task that awaits shield': (operation) => {
    const shielded = shield(operation);
    return task(function* () {
      return yield* shielded;
    });
  },
  'a task in a timeout': (operation) => createTask(timeout(1000, () => operation)),
};

/** Its own task has the item an iteration before the one who is cancelled: then it is that task's. */
const HOLDERS = ['a task that awaits gather'];
/** Those that have not been given the operation before their first step. */
const LATE = [
  'createTask of a function',
  'a task in a timeout',
  'a task that awaits gather',
  'a task that awaits shield',
];

describe('an operation that waits', () => {
  test.each(Object.entries(gives).filter(([name]) => !LATE.includes(name)))(
    'OWN-1.1 given to %s, which is cancelled before its first step',
    (_, give) =>
      play(function* () {
        const queue = new TinyQueue<string>();
        const owner = give(queue.get());
        const next = createTask(queue.get());
        owner.cancel();
        queue.put('item');
        expect(isCancelledError(yield* thrownIn(owner))).toBe(true);
        expect([yield* next, queue.queue.size, queue.reserved]).toEqual(['item', 0, 0]);
      }),
  );

  test.each(Object.entries(gives))('OWN-1.2 given to %s, which is cancelled while it waits', (_, give) =>
    play(function* () {
      const queue = new TinyQueue<string>();
      const owner = give(queue.get());
      const next = createTask(queue.get());
      yield* sleep(1);
      owner.cancel();
      expect(isCancelledError(yield* thrownIn(owner))).toBe(true);
      yield* sleep(1);
      queue.put('item');
      expect([yield* next, queue.queue.size, queue.reserved]).toEqual(['item', 0, 0]);
    }),
  );

  test.each(Object.entries(gives))(
    'OWN-1.3 given to %s, which is cancelled in the iteration of the grant',
    (_, give) =>
      play(function* () {
        const queue = new TinyQueue<string>();
        const owner = give(queue.get());
        const next = createTask(queue.get());
        yield* sleep(1);
        queue.put('item');
        owner.cancel();
        expect(isCancelledError(yield* thrownIn(owner))).toBe(true);
        expect([yield* next, queue.queue.size, queue.reserved]).toEqual(['item', 0, 0]);
      }),
  );

  test.each(Object.entries(gives).filter(([name]) => !HOLDERS.includes(name)))(
    'OWN-1.4 given to %s, which is cancelled once it has the item: it is its result',
    (name, give) =>
      play(function* () {
        const queue = new TinyQueue<string>();
        const owner = give(queue.get());
        yield* sleep(1);
        queue.put('item');
        yield* sleep(1);
        expect([owner.cancel(), owner.done()]).toEqual([false, true]);
        const result = owner.result();
        expect(result).toEqual(name.endsWith('select') ? { index: 1, value: 'item' } : 'item');
        expect(queue.reserved).toBe(0);
      }),
  );

  test('OWN-1.5 what a task of gather has taken is that task’s: give gather a task to keep it', () =>
    play(function* () {
      const queue = new TinyQueue<string>();
      const kept = createTask(queue.get());
      const all = gather(kept, sleep(1000));
      yield* sleep(1);
      queue.put('item');
      yield* sleep(1);
      all.cancel();
      expect(isCancelledError(yield* thrownIn(all))).toBe(true);
      expect(kept.result()).toBe('item');
    }));

  test.each([
    ['waitFor', (operation: Operation<string>) => waitFor(operation, 10)],
    ['timeout', (operation: Operation<string>) => timeout(10, () => operation)],
    ['waitFor of a coroutine', (operation: Operation<string>) => waitFor(() => operation, 10)],
  ] as const)('OWN-1.6 %s: not taken when the time is up before the grant, or with it', (_, limited) =>
    play(function* (loop) {
      for (const order of ['before', 'with', 'after'] as const) {
        const queue = new TinyQueue<string>();
        const start = loop.time();
        if (order === 'with') loop.callAt(start + 10, () => queue.put('item'));
        if (order === 'after') loop.callAt(start + 5, () => queue.put('item'));
        const error = yield* thrownIn(
          (function* () {
            const value = yield* limited(queue.get());
            throw new Error(value);
          })(),
        );
        expect([order, isTimeoutError(error) || error.message]).toEqual([
          order,
          order === 'after' ? 'item' : true,
        ]);
        if (order === 'before') queue.put('item');
        expect(queue.reserved).toBe(0);
        if (order !== 'after') expect(yield* queue.get()).toBe('item');
      }
    }),
  );

  test('OWN-1.7 waitFor for no time takes nothing, and gives back what was there', () =>
    play(function* () {
      const queue = new TinyQueue<string>();
      queue.put('item');
      expect(isTimeoutError(yield* thrownIn(waitFor(queue.get(), 0)))).toBe(true);
      expect(queue.items).toEqual(['item']);
      const empty = new TinyQueue<string>();
      expect(isTimeoutError(yield* thrownIn(waitFor(empty.get(), 0)))).toBe(true);
      expect(empty.queue.size).toBe(0);
    }));

  test('OWN-1.8 waitFor outside a task gives it up with the refusal', async () => {
    const queue = new TinyQueue<string>();
    expect((await rejection(waitFor(queue.get(), 5))).code).toBe('NO_CURRENT_TASK');
    expect(queue.queue.live).toBe(0);
    queue.put('item');
    const closed = waitFor(queue.get(), 5);
    closed.close();
    expect(queue.items).toEqual(['item']);
    const coroutine = (function* (): Coroutine<void> {
      throw new Error('never begun');
    })();
    waitFor(coroutine, 5).close();
    expect(coroutine.next()).toEqual({ done: true, value: undefined });
  });
});

describe('an operation that did not have to wait', () => {
  test.each(Object.entries(gives).filter(([name]) => !LATE.includes(name)))(
    'OWN-2.1 given to %s, which is cancelled before its first step',
    (_, give) =>
      play(function* () {
        const queue = new TinyQueue<string>();
        queue.put('item');
        const owner = give(queue.get());
        owner.cancel();
        yield* thrownIn(owner);
        expect(queue.items).toEqual(['item']);
      }),
  );

  test.each(['gather', 'shield'] as const)(
    'OWN-2.2 given to %s, which is cancelled itself, before the first step',
    (name) =>
      play(function* () {
        const queue = new TinyQueue<string>();
        queue.put('item');
        const outer = name === 'gather' ? gather(queue.get(), sleep(1000)) : shield(queue.get());
        outer.cancel();
        yield* thrownIn(outer);
        yield* sleep(1);
        expect(queue.items).toEqual(['item']);
      }),
  );
});

describe('in async functions', () => {
  inBothHosts((host) => {
    const { wait: waitIn, options } = host;
    const bodies: Record<
      string,
      (own: Parameters<typeof options>[0], queue: TinyQueue<string>) => PromiseLike<unknown>
    > = {
      'a wait': (own, queue) => waitIn(own, queue.get()),
      waitFor: (own, queue) => waitFor(queue.get(), 1000, options(own)),
      'a timeout': (own, queue) => timeout(1000, async (limit) => waitIn(limit, queue.get()), options(own)),
      'a timeout of an operation': (own, queue) => timeout(1000, () => queue.get(), options(own)),
      select: (own, queue) => waitIn(own, select([queue.get(), sleep(1000)])),
      gather: (own, queue) => waitIn(own, gather(queue.get(), sleep(1000))),
      shield: (own, queue) => waitIn(own, shield(queue.get())),
    };

    test.each(Object.entries(bodies))(
      'OWN-3.1 %s that is cancelled while it waits, or in the iteration of the grant',
      (_, body) =>
        playAsync(async (scope) => {
          for (const granted of [false, true]) {
            const queue = new TinyQueue<string>();
            const owner = createTask(async (own) => body(own, queue));
            await waitIn(scope, sleep(1));
            const next = createTask(queue.get());
            await waitIn(scope, sleep(1));
            if (granted) queue.put('item');
            owner.cancel();
            expect(isCancelledError(await rejection(owner))).toBe(true);
            await waitIn(scope, sleep(1));
            if (!granted) queue.put('item');
            expect([await waitIn(scope, next), queue.queue.size, queue.reserved]).toEqual(['item', 0, 0]);
          }
        }),
    );
  });
});
