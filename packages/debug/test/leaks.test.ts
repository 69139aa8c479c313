/** With `leaks: 'gc'` a pending task that nobody can wake is reported when it is collected. Every other detector is on. */
import { setDebugLimits } from '@aiokit/debug';
import { Future } from '@aiokit/future';
import { Queue } from '@aiokit/queue';
import { Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { allTasks, type Coroutine, createTask, gather, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';
import { hop } from '../../loop-core/test/watched-loops.js';
import { type Debugged, withDebug } from './with-debug.js';

/** What a forgotten task waits for, which nobody else knows. */
const waits: Record<string, () => Coroutine<unknown>> = {
  *future() {
    yield* new Future<void>();
  },
  *lock() {
    const lock = new Lock();
    lock.tryAcquire();
    yield* lock.acquire();
  },
  *event() {
    yield* new Event().wait();
  },
  *queue() {
    yield* new Queue<number>().get();
  },
  *semaphore() {
    yield* new Semaphore(0).acquire();
  },
  *condition() {
    const condition = new Condition();
    const permit = yield* condition.acquire();
    yield* condition.wait();
    permit.release();
  },
  *task() {
    yield* createTask(waits['event']?.() as Coroutine<unknown>, { name: 'inner' });
  },
  *gather() {
    yield* gather(new Event().wait(), new Future<void>());
  },
  *holder() {
    const lock = new Lock();
    locks.push(lock);
    yield* lock.acquire();
    yield* new Event().wait();
  },
  *finally() {
    try {
      yield* new Event().wait();
    } finally {
      finals++;
    }
  },
};
/** They are there as long as the test. */
const locks: Lock[] = [];
let finals = 0;

/** Runs it until it stands, and keeps nothing of it. */
function forget({ loop }: Debugged, name: string, make: () => Coroutine<unknown>): void {
  createTask(make(), { name });
  loop.runUntilIdle();
}

const gone = (debugged: Debugged): string[] =>
  debugged.loop.takeReports().map(({ message, task }) => {
    expect(message).toBe('Task was destroyed but it is pending!');
    return String(task);
  });

test('DEBUG-2.16 of 50 programs that forget a task, nine in ten are reported after three collections, none of those that do not', () =>
  withDebug(async (debugged) => {
    setDebugLimits({ leaks: 'gc' });
    const kinds = Object.keys(waits);
    const kept: Event[] = [];
    const done: string[] = [];
    for (let program = 0; program < 50; program++) {
      const kind = kinds[program % kinds.length] as string;
      forget(debugged, `leak-${program}`, waits[kind] as () => Coroutine<unknown>);
      // The same, but somebody can wake it, or it sleeps, or has ended.
      const event = new Event();
      kept.push(event);
      forget(debugged, `kept-${program}`, function* () {
        yield* event.wait();
        done.push('woken');
      });
      createTask(
        (function* (): Coroutine<void> {
          yield* sleep(1000);
          done.push('slept');
        })(),
        { name: `asleep-${program}` },
      );
    }
    // Places are made text, so that they hold on to nothing.
    debugged.loop.callLater(300, () => {});
    while (debugged.loop.time() < 300) debugged.loop.tick();
    for (let collection = 0; collection < 3; collection++) {
      await hop();
      (globalThis as { gc?: () => void }).gc?.();
    }
    await hop();
    const reports = gone(debugged);
    expect(reports.filter((one) => !/'(leak-\d+|inner)'/.test(one))).toEqual([]);
    const leaks = new Set(reports.filter((one) => one.includes('leak-')));
    console.log({ programs: 50, reported: leaks.size });
    expect(leaks.size).toBeGreaterThanOrEqual(45);
    expect(finals).toBe(0);
    for (const event of kept) event.set();
    debugged.loop.runUntilIdle();
    expect(done.filter((one) => one === 'woken')).toHaveLength(50);
    expect(done.filter((one) => one === 'slept')).toHaveLength(50);
    debugged.take();
  }));

test('DEBUG-2.16 the report says where the task was made, and that no finally runs', () =>
  withDebug(async (debugged) => {
    setDebugLimits({ leaks: 'gc' });
    (function starts() {
      createTask(waits['event']?.() as Coroutine<unknown>, { name: 'lost' });
    })();
    debugged.loop.runUntilIdle();
    await debugged.collect();
    const [report] = debugged.loop.takeReports();
    expect(report).toMatchObject({ message: 'Task was destroyed but it is pending!' });
    expect(report?.['finally']).toMatch(/runs no finally/);
    expect(report?.sourceTraceback).toMatch(/at starts .*leaks\.test\.ts:/);
  }));

test('DEBUG-2.16 a task that its program keeps is pending, and is listed, cancelled and reported as ever', () =>
  withDebug(async (debugged) => {
    setDebugLimits({ leaks: 'gc' });
    const task = createTask(waits['event']?.() as Coroutine<unknown>, { name: 'kept' });
    debugged.loop.runUntilIdle();
    await debugged.collect();
    expect([...allTasks(debugged.loop)]).toContain(task);
    debugged.loop.close();
    expect(gone(debugged)).toEqual([expect.stringMatching(/'kept'/)]);
  }));

test("DEBUG-2.16 leaks: 'end' holds every task", () =>
  withDebug(async (debugged) => {
    forget(debugged, 'held', waits['event'] as () => Coroutine<unknown>);
    await debugged.collect();
    expect(gone(debugged)).toEqual([]);
    debugged.loop.close();
    expect(gone(debugged)).toHaveLength(1);
  }));

test.each(['never', 1, null])('DEBUG-3 leaks: %j is refused, and nothing has changed', (bad) => {
  expect(() => setDebugLimits({ frames: 3, leaks: bad as 'gc' })).toThrow(RangeError);
});
