/**
 * Random scenarios of three tasks of three operations, which give up in time, under many schedules with a cancellation: 100
 * scenarios of 10,000 schedules a primitive in mode `proof`, a few otherwise.
 */
import { isTimeoutError } from '@aiokit/loop-core';
import { Queue } from '@aiokit/queue';
import { Condition, Event, Lock, RWLock, Semaphore } from '@aiokit/sync-primitives';
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
const hold = (
  take: () => ReturnType<Lock['acquire']>,
  enter: (by: 1 | -1) => void,
  delayMs: number,
): Operation =>
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
  (make: () => Pick<Semaphore, 'acquire' | 'tryAcquire' | 'statistics'>, most: number): Offer =>
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
};

const pause: Operation = function* () {
  yield* sleep(0);
};

/** The reports of random scenarios in which something is wrong. */
async function failuresOf(offer: Offer, numRuns: number, each: number): Promise<string[]> {
  const plans = fc.array(fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 });
  const failures: string[] = [];
  for (const plan of fc.sample(plans, { numRuns, seed: 11 })) {
    const program: Program = (world) => {
      const operations = [...Object.values(offer(world)), pause];
      for (const numbers of plan) {
        world.spawn(function* () {
          for (const number of numbers) yield* inTime(operations[number] as Operation);
        });
      }
    };
    const report = await explore(program, { schedules: each, cancellations: 1 });
    if (!report.ok) failures.push(`${report.failure?.message}\n${JSON.stringify(plan)}\n${String(report)}`);
  }
  return failures;
}

test.each(Object.entries(offers))(
  '%s: random scenarios, cancelled anywhere',
  { timeout: proof ? 600_000 : 60_000 },
  async (_, offer) => {
    expect(await failuresOf(offer, scenarios, schedules)).toEqual([]);
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
  ['a queue of two', queueOf(() => new Queue<number>(2)), /^Error: too many are in it/],
])('a bug that is put in is found: %s', async (_, offer, message) => {
  const failures = await failuresOf(offer, 20, 200);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.join()).toMatch(message);
});
