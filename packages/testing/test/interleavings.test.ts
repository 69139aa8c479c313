/**
 * Every interleaving of three tasks of three operations on each primitive, with a cancellation at every point: all of them in
 * mode `proof`, the first thousand otherwise.
 */
import type { Awaitable } from '@aiokit/loop-core';
import { isQueueShutDown, LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import {
  Barrier,
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  Event,
  isBrokenBarrierError,
  KeyedLock,
  Lock,
  RWLock,
  Semaphore,
} from '@aiokit/sync-primitives';
import { type Coroutine, shield, sleep } from '@aiokit/task';
import { explore, type Program } from '@aiokit/testing';
import { describe, expect, test } from 'vitest';

const schedules = process.env['MODE'] === 'proof' ? Infinity : 1000;
const timeout = schedules === Infinity ? 3_600_000 : 60_000;

interface Permits {
  acquire(): Awaitable<Disposable>;
}

/** Three tasks that take, hold and give back; at most `most` hold at once. */
const holding =
  (make: () => { readonly from: readonly Permits[]; readonly free: () => boolean }, most: number): Program =>
  (world) => {
    const { from, free } = make();
    let inside = 0;
    world.invariant(() => inside <= most, 'too many hold it');
    for (const permits of from) {
      world.spawn(function* () {
        using permit = yield* permits.acquire();
        inside++;
        try {
          yield* sleep(0);
        } finally {
          inside--;
          permit[Symbol.dispose]();
        }
      });
    }
    world.atEnd(() => free() && inside === 0, 'something is held, or somebody waits');
  };

const thrice = <P extends Permits>(primitive: P, free: () => boolean) => ({
  from: [primitive, primitive, primitive],
  free,
});

/** What is queued is got once, in order among the items of one task, or is still there. */
const exchanging =
  (
    make: (maxsize: number) => Queue<number>,
    maxsize: number,
    plans: readonly string[],
    order: boolean,
  ): Program =>
  (world) => {
    const queue = make(maxsize);
    const put: number[] = [];
    const got: number[] = [];
    const started: number[] = [];
    world.invariant(() => queue.qsize() <= maxsize, 'too many are in it');
    plans.forEach((plan, task) => {
      world.spawn(function* () {
        try {
          for (const [at, operation] of plan.split('').entries()) {
            if (operation === 'p') {
              const item = task * 10 + at;
              started.push(item);
              yield* queue.put(item);
              put.push(item);
            } else {
              got.push(yield* queue.get());
              queue.taskDone();
            }
          }
        } catch (error) {
          if (!isQueueShutDown(error)) throw error;
        }
      });
    });
    // Whoever waits for a task that is over, or was cancelled, is let go.
    world.loop.callLater(1000, () => queue.shutdown());
    world.atEnd(() => {
      while (!queue.empty()) got.push(queue.getNowait());
      const { getters, putters, reservedItems, reservedPlaces } = queue.statistics();
      const all = new Set(got);
      const inOrder = [0, 1, 2].every((task) => {
        const own = got.filter((item) => Math.floor(item / 10) === task);
        return own.join() === own.toSorted((a, b) => a - b).join();
      });
      return (
        all.size === got.length &&
        put.every((item) => all.has(item)) &&
        got.every((item) => started.includes(item)) &&
        (inOrder || !order) &&
        getters + putters + reservedItems + reservedPlaces === 0
      );
    }, 'an item is lost, is there twice, or out of order');
  };

const waiting: Program = (world) => {
  const event = new Event();
  let set = false;
  let woken = 0;
  const wait = function* (): Coroutine<void> {
    for (let times = 0; times < 2; times++) {
      yield* event.wait();
      if (!set) throw new Error('woken too early');
      woken++;
      yield* sleep(0);
    }
  };
  world.spawn(wait);
  world.spawn(wait);
  world.spawn(function* () {
    try {
      yield* sleep(0);
      yield* sleep(0);
    } finally {
      set = true;
      event.set();
    }
  });
  // The setter may be cancelled before its first step.
  world.loop.callLater(1000, () => {
    set = true;
    event.set();
  });
  world.atEnd(() => event.isSet() && woken <= 4);
};

/** A buffer of one place, with two conditions. */
const buffer: Program = (world) => {
  const lock = new Lock();
  const [filled, emptied] = [new Condition(lock), new Condition(lock)];
  let item: number | undefined;
  let over = false;
  let [put, got] = [0, 0];
  const produce = function* (): Coroutine<void> {
    using permit = yield* lock.acquire();
    while (item !== undefined && !over) yield* emptied.wait();
    if (item === undefined) item = ++put;
    filled.notify();
    if (!lock.locked() && permit.live) throw new Error('the lock is not held');
  };
  const consume = function* (): Coroutine<void> {
    using permit = yield* lock.acquire();
    while (item === undefined && !over) yield* filled.wait();
    if (item !== undefined) got++;
    item = undefined;
    emptied.notify();
    if (!lock.locked() && permit.live) throw new Error('the lock is not held');
  };
  world.spawn(consume);
  world.spawn(consume);
  world.spawn(function* () {
    yield* produce();
    yield* produce();
  });
  // Whoever waits for a task that was cancelled is let go.
  world.loop.callLater(1000, () => {
    const permit = lock.acquire();
    permit.addDoneCallback(() => {
      over = true;
      filled.notifyAll();
      emptied.notifyAll();
      permit.result().release();
    });
  });
  world.atEnd(() => !lock.locked() && put === got + (item === undefined ? 0 : 1));
};

const meeting: Program = (world) => {
  const barrier = new Barrier(3);
  const places: number[] = [];
  let come = 0;
  const meet = function* (): Coroutine<void> {
    come++;
    try {
      places.push(yield* barrier.wait());
      if (come < 3) throw new Error('passed before all have come');
    } catch (error) {
      if (!isBrokenBarrierError(error)) throw error;
    }
  };
  for (let task = 0; task < 3; task++) world.spawn(meet);
  world.loop.callLater(1000, () => void barrier.abort());
  world.atEnd(() => new Set(places).size === places.length, 'two have passed as one');
};

const programs: readonly (readonly [string, Program])[] = [
  [
    'Lock',
    holding(() => {
      const lock = new Lock();
      return thrice(lock, () => !lock.locked() && lock.statistics().waiting === 0);
    }, 1),
  ],
  [
    'Semaphore',
    holding(() => {
      const permits = new Semaphore(2);
      return thrice(permits, () => permits.statistics().holders + permits.statistics().waiting === 0);
    }, 2),
  ],
  [
    'BoundedSemaphore',
    holding(() => {
      const permits = new BoundedSemaphore(1);
      return thrice(permits, () => permits.statistics().holders + permits.statistics().waiting === 0);
    }, 1),
  ],
  [
    'RWLock, two readers and a writer',
    holding(() => {
      const { read, write } = new RWLock();
      return { from: [read, write, read], free: () => write.tryAcquire() !== null };
    }, 2),
  ],
  [
    'RWLock, two writers and a reader',
    holding(() => {
      const { read, write } = new RWLock();
      return { from: [write, write, read], free: () => write.tryAcquire() !== null };
    }, 1),
  ],
  [
    'CapacityLimiter',
    holding(() => {
      const limiter = new CapacityLimiter(2);
      return thrice(limiter, () => limiter.statistics().holders === 0);
    }, 2),
  ],
  [
    'KeyedLock',
    holding(() => {
      const locks = new KeyedLock<string>();
      const a = { acquire: () => locks.acquire('a') };
      return thrice(a, () => locks.size === 0);
    }, 1),
  ],
  ['Event', waiting],
  ['Condition', buffer],
  ['Barrier', meeting],
];

const plans = [
  ['ppp', 'ggg', 'g'],
  ['pp', 'pp', 'ggg'],
  ['pgp', 'gpg', 'p'],
];
const queues: readonly (readonly [string, (maxsize: number) => Queue<number>, boolean])[] = [
  ['Queue', (maxsize) => new Queue<number>(maxsize), true],
  ['LifoQueue', (maxsize) => new LifoQueue<number>(maxsize), false],
  ['PriorityQueue', (maxsize) => new PriorityQueue<number>(maxsize), false],
];

const all = [
  ...programs,
  ...queues.flatMap(([name, make, order]) =>
    plans.map((plan) => [`${name}(1) ${plan.join(' ')}`, exchanging(make, 1, plan, order)] as const),
  ),
];

describe.each(all)('%s', (_, program) => {
  test.each([0, 1, 2])('every interleaving, cancelled %i times', { timeout }, async (cancellations) => {
    const report = await explore(program, { strategy: 'exhaustive', schedules, cancellations });
    expect(report.ok ? 'right' : String(report)).toBe('right');
    if (schedules === Infinity) console.info(String(report));
  });

  test('many at random, cancelled twice', { timeout }, async () => {
    const report = await explore(program, { schedules: Math.min(schedules, 100_000), cancellations: 2 });
    expect(report.ok ? 'right' : String(report)).toBe('right');
  });
});

describe('bugs that are put in are found', () => {
  const failureOf = async (program: Program, cancellations = 0): Promise<string | undefined> =>
    (await explore(program, { schedules: 3000, cancellations })).failure?.message;

  test('one too many is let in', async () => {
    const two = holding(() => thrice(new Semaphore(2), () => true), 1);
    expect(await failureOf(two)).toBe('Error: too many hold it');
    const queue = exchanging((maxsize) => new Queue<number>(maxsize + 1), 1, ['pp', 'gg', 'g'], true);
    expect(await failureOf(queue)).toBe('Error: too many are in it');
  });

  test('a turn is lost when its taker is cancelled', async () => {
    const lock = () => {
      const real = new Lock();
      // The task has the permit, and nobody asks the task for it.
      return thrice({ acquire: () => shield(real.acquire()) }, () => !real.locked());
    };
    expect(await failureOf(holding(lock, 1))).toBe(undefined);
    expect(await failureOf(holding(lock, 1), 1)).toMatch(/nobody will wake|something is held/);
  });

  test('items come out of order', async () => {
    const program = exchanging(
      (maxsize) => new LifoQueue<number>(maxsize),
      Infinity,
      ['pp', 'gg', 'g'],
      true,
    );
    expect(await failureOf(program)).toBe('Error: an item is lost, is there twice, or out of order');
  });
});
