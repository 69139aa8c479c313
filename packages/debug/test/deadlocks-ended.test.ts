/** Cycles that somebody outside of them ends later, which nobody can know as they close; and the same ends as deadlines. */
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep, type Task, timeout } from '@aiokit/task';
import { expect, test } from 'vitest';
import { type Debugged, withDebug } from './with-debug.js';

function* takes(lock: Lock): Coroutine<void> {
  using _ = yield* lock.acquire();
}

function* takesInTime(lock: Lock): Coroutine<void> {
  using _ = yield* lock.acquire({ timeoutMs: 30 });
}

/** Ends a wait of a task for a lock, later. */
type End = (debugged: Debugged, waiting: Task<void>, lock: Lock) => void;

const ends: Record<string, End> = {
  'a callback of a timer cancels': ({ loop }, waiting) => void loop.callLater(30, () => waiting.cancel()),
  'another task cancels': (_, waiting) => {
    createTask(function* (): Coroutine<void> {
      yield* sleep(30);
      waiting.cancel();
    });
  },
  'another task releases by hand': (_, __, lock) => {
    createTask(function* (): Coroutine<void> {
      yield* sleep(30);
      lock.release();
    });
  },
};

/** Awaits a task that wants the lock that it has. Whatever becomes of the task, it ends. */
function* holds(
  lock: Lock,
  wants: () => Coroutine<void>,
  told: (waiting: Task<void>) => void,
): Coroutine<string> {
  using _ = yield* lock.acquire();
  const waiting = createTask(wants(), { name: 'waiting' });
  told(waiting);
  try {
    yield* waiting;
  } catch {
    return 'ended';
  }
  return 'ended';
}

test.each(Object.keys(ends))(
  'DEBUG-8.5 a cycle that %s is reported as it closes, and the program goes on',
  (how) =>
    withDebug((debugged) => {
      const { loop, take } = debugged;
      const lock = new Lock();
      const seen: string[][] = [];
      const holder = createTask(
        holds(
          lock,
          () => takes(lock),
          (waiting) => ends[how]?.(debugged, waiting, lock),
        ),
        { name: 'holder' },
      );
      loop.callLater(15, () => void seen.push(take()));
      loop.runUntilIdle();
      expect(seen).toEqual([[expect.stringMatching(/^deadlock: 2 tasks wait for each other: /)]]);
      expect(holder.result()).toBe('ended');
      expect(take()).toEqual([]);
    }),
);

test.each<[string, (lock: Lock) => Coroutine<void>]>([
  ['timeoutMs', takesInTime],
  ['timeout()', (lock) => timeout(30, () => takes(lock))],
])('DEBUG-8.5 one that %s ends is none', (_, wants) =>
  withDebug(({ loop, take }) => {
    const lock = new Lock();
    const holder = createTask(
      holds(
        lock,
        () => wants(lock),
        () => {},
      ),
    );
    loop.runUntilIdle();
    expect(holder.result()).toBe('ended');
    expect(take()).toEqual([]);
  }),
);
