/**
 * Random scenarios of three tasks of three operations, which give up in time, under many schedules with a cancellation: 100
 * scenarios of 10,000 schedules a primitive in mode `proof`, a few otherwise.
 */
import { isTimeoutError, type Operation as OperationOf } from '@aiokit/loop-core';
import { LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import {
  Barrier,
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  Event,
  isBrokenBarrierError,
  KeyedLock,
  Lock,
  type Permit,
  RWLock,
  Semaphore,
} from '@aiokit/sync-primitives';
import { type Coroutine, createTask, shield, sleep } from '@aiokit/task';
import { explore, type Program, type World } from '@aiokit/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const proof = process.env['MODE'] === 'proof';
const [scenarios, schedules] = proof ? [100, 10_000] : [8, 150];

type Operation = () => Coroutine<unknown>;

const IN_TIME = { timeoutMs: 3 };

/** What one primitive offers, on a new one for each run; it says what must hold. */
type Offer = (world: World) => Readonly<Record<string, Operation>>;

/** Lets a time-out pass: the operation was not done. */
function* inTime(operation: Operation): Coroutine<void> {
  try {
    yield* operation();
  } catch (error) {
    if (!isTimeoutError(error)) throw error;
  }
}

/** Takes, holds for a while, and gives back. */
const hold = (take: () => OperationOf<Permit>, enter: (by: 1 | -1) => void, delayMs: number): Operation =>
  function* () {
    using permit = yield* take();
    enter(1);
    try {
      yield* sleep(delayMs);
    } finally {
      enter(-1);
      permit.release();
    }
  };

const permits =
  (
    make: () => Pick<Semaphore, 'statistics'> & {
      acquire(options: typeof IN_TIME): OperationOf<Permit>;
      tryAcquire(): Permit | null;
    },
    most: number,
    more?: (primitive: never) => Readonly<Record<string, Operation>>,
  ): Offer =>
  (world) => {
    const primitive = make();
    let inside = 0;
    const enter = (by: 1 | -1): void => {
      inside += by;
    };
    world.invariant(() => inside <= most, 'too many hold it');
    world.atEnd(() => {
      const { holders, waiting } = primitive.statistics();
      return holders + waiting === 0;
    }, 'something is held, or somebody waits');
    return {
      hold: hold(() => primitive.acquire(IN_TIME), enter, 0),
      'hold long': hold(() => primitive.acquire(IN_TIME), enter, 2),
      'hold if free': function* () {
        const permit = primitive.tryAcquire();
        if (!permit) return;
        enter(1);
        try {
          yield* sleep(0);
        } finally {
          enter(-1);
          permit.release();
        }
      },
      ...more?.(primitive as never),
    };
  };

const keyedLockOf =
  (make: () => KeyedLock): Offer =>
  (world) => {
    const locks = make();
    const inside = { a: 0, b: 0 };
    const counts = (key: 'a' | 'b') => (by: 1 | -1) => {
      inside[key] += by;
    };
    world.invariant(() => inside.a <= 1 && inside.b <= 1, 'two hold one key');
    world.atEnd(() => locks.size === 0, 'a key is left');
    const holdOne = (key: 'a' | 'b', delayMs: number): Operation =>
      hold(() => locks.acquire(key, IN_TIME), counts(key), delayMs);
    return {
      'hold a': holdOne('a', 0),
      'hold b long': holdOne('b', 2),
      'hold both': function* () {
        using permit = yield* locks.acquire('b', IN_TIME);
        counts('b')(1);
        try {
          yield* holdOne('a', 0)();
        } finally {
          counts('b')(-1);
          permit.release();
        }
      },
    };
  };

const barrierOf =
  (make: () => Barrier): Offer =>
  (world) => {
    const barrier = make();
    let come = 0;
    world.invariant(() => barrier.nWaiting < 2 && barrier.statistics().waiting <= 3, 'too many wait');
    world.atEnd(() => {
      const idle = barrier.nWaiting + barrier.statistics().waiting === 0;
      return idle && /filling|broken/.test(String(barrier));
    }, 'the barrier is stuck, or somebody waits');
    const orBroken = (operation: Operation): Operation =>
      function* () {
        try {
          yield* operation();
        } catch (error) {
          if (!isBrokenBarrierError(error)) throw error;
        }
      };
    return {
      wait: orBroken(function* () {
        come++;
        let passed = false;
        try {
          const place = yield* barrier.wait(IN_TIME);
          passed = true;
          if (come < 2 || place >= barrier.parties) throw new Error('passed alone');
        } finally {
          if (!passed) come--;
        }
        yield* sleep(0);
      }),
      reset: orBroken(() => barrier.reset()[Symbol.iterator]() as Coroutine<void>),
      abort: orBroken(function* () {
        yield* sleep(1);
        yield* barrier.abort();
        yield* barrier.reset();
      }),
    };
  };

const conditionOf =
  (make: () => Condition): Offer =>
  (world) => {
    const condition = make();
    let inside = 0;
    world.invariant(() => inside <= 1, 'two have the lock');
    world.atEnd(() => !condition.locked() && condition.statistics().waiting === 0, 'somebody is left');
    const locked = (section: () => Coroutine<unknown>): Operation =>
      function* () {
        const permit = yield* condition.acquire(IN_TIME);
        inside++;
        try {
          yield* section();
        } finally {
          inside--;
          permit.release();
        }
      };
    return {
      wait: locked(function* () {
        inside--;
        try {
          yield* condition.wait(IN_TIME);
        } finally {
          inside++;
          if (!condition.locked()) world.invariant(() => false, 'the wait has ended without the lock');
        }
      }),
      notify: locked(function* () {
        condition.notify();
        yield* sleep(0);
      }),
      'notify all': locked(function* () {
        yield* sleep(0);
        condition.notifyAll();
      }),
    };
  };

const queueOf =
  (make: () => Queue<number>): Offer =>
  (world) => {
    const queue = make();
    let [items, begun] = [0, 0];
    const put = new Set<number>();
    const got: number[] = [];
    world.invariant(() => queue.qsize() <= 1, 'too many are in it');
    world.atEnd(() => {
      while (!queue.empty()) got.push(queue.getNowait());
      const { getters, putters, reservedItems, reservedPlaces } = queue.statistics();
      const all = new Set(got);
      return (
        getters + putters + reservedItems + reservedPlaces === 0 &&
        all.size === got.length &&
        [...put].every((item) => all.has(item)) &&
        got.every((item) => item <= begun)
      );
    }, 'an item is lost, or is there twice');
    return {
      put: function* () {
        const item = ++items;
        begun = item;
        yield* queue.put(item, IN_TIME);
        put.add(item);
      },
      get: function* () {
        got.push(yield* queue.get(IN_TIME));
      },
      'get if there': function* () {
        if (!queue.empty()) got.push(queue.getNowait());
        yield* sleep(0);
      },
    };
  };

const offers: Readonly<Record<string, Offer>> = {
  Lock: permits(() => new Lock(), 1),
  Semaphore: permits(() => new Semaphore(2), 2),
  BoundedSemaphore: permits(() => new BoundedSemaphore(2), 2),
  CapacityLimiter: permits(
    () => new CapacityLimiter(2),
    2,
    (limiter: CapacityLimiter) => ({
      'raise or lower': function* () {
        limiter.total = 3 - limiter.total;
        yield* sleep(1);
      },
    }),
  ),
  KeyedLock: keyedLockOf(() => new KeyedLock()),
  Barrier: barrierOf(() => new Barrier(2)),
  RWLock: (world) => {
    const { read, write } = new RWLock();
    let [readers, writers] = [0, 0];
    const reading = (by: 1 | -1): void => {
      readers += by;
    };
    const writing = (by: 1 | -1): void => {
      writers += by;
    };
    world.invariant(() => writers === 0 || (writers === 1 && readers === 0), 'a writer is not alone');
    world.atEnd(() => write.tryAcquire() !== null, 'something is held, or somebody waits');
    return {
      read: hold(() => read.acquire(IN_TIME), reading, 0),
      'read long': hold(() => read.acquire(IN_TIME), reading, 2),
      write: hold(() => write.acquire(IN_TIME), writing, 0),
    };
  },
  Event: (world) => {
    const event = new Event();
    let sets = 0;
    world.atEnd(() => event.statistics().waiting === 0, 'somebody waits');
    return {
      wait: function* () {
        const before = sets - (event.isSet() ? 1 : 0);
        yield* event.wait(IN_TIME);
        if (sets === before) throw new Error('woken and not set');
      },
      set: function* () {
        sets++;
        event.set();
        yield* sleep(0);
      },
      clear: function* () {
        event.clear();
        yield* sleep(0);
      },
    };
  },
  Condition: conditionOf(() => new Condition()),
  Queue: queueOf(() => new Queue<number>(1)),
  LifoQueue: queueOf(() => new LifoQueue<number>(1)),
  PriorityQueue: queueOf(() => new PriorityQueue<number>(1)),
};

const pause: Operation = function* () {
  yield* sleep(0);
};

interface Outcome {
  /** The reports of scenarios in which something is wrong. */
  readonly failures: readonly string[];
  readonly schedules: number;
}

/** Random scenarios, so many schedules of each. */
async function explored(offer: Offer, numRuns: number, each: number): Promise<Outcome> {
  const plans = fc.array(fc.array(fc.nat(59), { minLength: 3, maxLength: 3 }), {
    minLength: 3,
    maxLength: 3,
  });
  const failures: string[] = [];
  let schedules = 0;
  for (const plan of fc.sample(plans, { numRuns, seed: 11 })) {
    const program: Program = (world) => {
      const operations = [...Object.values(offer(world)), pause];
      for (const numbers of plan) {
        world.spawn(function* () {
          for (const number of numbers) yield* inTime(operations[number % operations.length] as Operation);
        });
      }
    };
    const report = await explore(program, { schedules: each, cancellations: 1 });
    schedules += report.schedules;
    if (!report.ok) failures.push(`${report.failure?.message}\n${JSON.stringify(plan)}\n${String(report)}`);
  }
  return { failures, schedules };
}

test.each(Object.entries(offers))(
  '%s: random scenarios, cancelled anywhere',
  { timeout: proof ? 600_000 : 60_000 },
  async (name, offer) => {
    const begun = [Date.now(), process.cpuUsage().user / 1000] as const;
    const outcome = await explored(offer, scenarios, schedules);
    expect(outcome.failures).toEqual([]);
    if (!proof) return;
    const wall = ((Date.now() - begun[0]) / 1000).toFixed(1);
    const processor = ((process.cpuUsage().user / 1000 - begun[1]) / 1000).toFixed(1);
    console.info(
      `${name}: ${scenarios} random scenarios, ${outcome.schedules} schedules in ${wall} s, ${processor} s of a processor`,
    );
  },
);

/** Keeps the turn of whoever is cancelled. */
class Keeping extends Lock {
  override acquire(options?: object): ReturnType<Lock['acquire']> {
    return shield(super.acquire(options)) as never;
  }
}

/** Forgets to take the lock again. */
class Careless extends Condition {
  override wait(options?: object): ReturnType<Condition['wait']> {
    const waiting = super.wait(options);
    waiting.addDoneCallback(() => {
      if (this.locked()) this.release();
    });
    return waiting;
  }
}

/** Has a lock for each call. */
class Forgetful extends KeyedLock {
  override acquire(key: unknown, options?: object): ReturnType<KeyedLock['acquire']> {
    return super.acquire([key], options);
  }
}

/** Lets whoever is in have one more. */
class Generous extends CapacityLimiter {
  override tryAcquire(): Permit | null {
    return super.tryAcquire() ?? (this.borrowed === 1 ? new Semaphore(1).tryAcquire() : null);
  }
}

/** Takes an item before somebody asks for it to be delivered. */
class Eager extends Queue<number> {
  override get(): ReturnType<Queue<number>['get']> {
    return createTask(super.get()) as never;
  }
}

test.each<[string, Offer, RegExp]>([
  ['a lock for two', permits(() => new Semaphore(2), 1), /^Error: too many hold it/],
  ['a turn that is kept', permits(() => new Keeping(), 1), /^Error: something is held|nobody will wake/],
  [
    'a condition that gives up its lock',
    conditionOf(() => new Careless()),
    /two have the lock|without the lock|left/,
  ],
  ['a queue that takes early', queueOf(() => new Eager(1)), /^Error: an item is lost|nobody will wake/],
  ['a lock for each call', keyedLockOf(() => new Forgetful()), /^Error: two hold one key/],
  ['a token that is not counted', permits(() => new Generous(1), 1), /^Error: too many hold it/],
  ['a barrier for one', barrierOf(() => new Barrier(1)), /^Error: passed alone/],
  ['a queue of two', queueOf(() => new Queue<number>(2)), /^Error: too many are in it/],
])('a bug that is put in is found: %s', async (_, offer, message) => {
  const { failures } = await explored(offer, 20, 200);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.join()).toMatch(message);
});
