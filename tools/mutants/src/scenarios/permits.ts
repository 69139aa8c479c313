/** Locks, semaphores and limiters: never too many, nobody overtakes, nothing is lost. */
import type { Operation } from '@aiokit/loop-core';
import { isTimeoutError } from '@aiokit/loop-core';
import {
  BoundedSemaphore,
  CapacityLimiter,
  KeyedLock,
  Lock,
  type Permit,
  Semaphore,
} from '@aiokit/sync-primitives';
import { type Coroutine, sleep } from '@aiokit/task';
import type { Program, World } from '@aiokit/testing';
import { cancelled, CountingSignal, Line, type Scenario } from './scenario.js';

/** Sections that so many may be in at once. */
class Sections {
  readonly #line = new Line();
  readonly #world: World;
  inside = 0;

  constructor(world: World, most: number) {
    this.#world = world;
    world.invariant(() => this.inside <= most, 'too many hold it');
  }

  /** Takes, holds for a while, and gives back twice. */
  *enter(acquire: () => Operation<Permit>, weight = 1, delayMs = 0): Coroutine<void> {
    const number = this.#line.ask();
    const permit = yield* acquire();
    this.#line.got(number);
    this.#world.note('is in');
    this.inside += weight;
    try {
      yield* sleep(delayMs);
    } finally {
      this.inside -= weight;
      permit.release();
      permit[Symbol.dispose]();
    }
  }

  /** As `enter`; its time may be up first. */
  *enterInTime(acquire: () => Operation<Permit>, delayMs = 0): Coroutine<void> {
    try {
      yield* this.enter(acquire, 1, delayMs);
    } catch (error) {
      if (!isTimeoutError(error) && error !== 'aborted') throw error;
    }
  }
}

const lock: Program = (world) => {
  const one = new Lock();
  const sections = new Sections(world, 1);
  for (let task = 0; task < 3; task++) {
    world.spawn(function* () {
      for (let round = 0; round < 2; round++) yield* sections.enter(() => one.acquire());
    });
  }
  world.atEnd(() => one.tryAcquire() !== null, 'the lock is lost');
};

/** Some give up by signal or time-out, at the instant of a release or not. */
const limited =
  (make: () => Lock | Semaphore): Program =>
  (world) => {
    const one = make();
    const signal = new CountingSignal();
    const sections = new Sections(world, 1);
    world.spawn(() => sections.enter(() => one.acquire(), 1, 2));
    world.spawn(() => sections.enterInTime(() => one.acquire({ signal, timeoutMs: 100 })));
    world.spawn(() => sections.enterInTime(() => one.acquire({ timeoutMs: 2 })));
    world.spawn(() => sections.enterInTime(() => one.acquire({ signal })));
    world.spawn(function* () {
      yield* sleep(2);
      signal.abort('aborted');
    });
    world.atEnd(() => one.tryAcquire() !== null, 'the lock is lost');
    world.atEnd(
      () => one.statistics().waiting === 0 && !String(one).includes('waiters'),
      'somebody is still in line',
    );
    world.atEnd(() => signal.listeners === 0, 'a listener is left');
    world.atEnd(() => world.loop.time() < 100, 'a timer was left');
  };

const semaphore =
  (weights: readonly number[], value: number): Program =>
  (world) => {
    const permits = new Semaphore(value);
    const sections = new Sections(world, value);
    for (const weight of weights) {
      world.spawn(() => sections.enter(() => permits.acquire({ permits: weight }), weight));
    }
    world.spawn(() => sections.enter(() => permits.acquire()));
    world.atEnd(() => permits.tryAcquire({ permits: value }) !== null, 'permits are lost');
    world.atEnd(() => permits.tryAcquire() === null, 'there are too many permits');
  };

/** One who asks for much gives up; who asks for little is behind. */
const heavy: Program = (world) => {
  const permits = new Semaphore(2);
  let stuck = true;
  const hold = function* (): Coroutine<void> {
    using permit = yield* permits.acquire();
    yield* sleep(10);
    permit.release();
  };
  world.spawn(hold);
  world.spawn(function* () {
    yield* sleep(1);
    try {
      using permit = yield* permits.acquire({ permits: 2, timeoutMs: 2 });
      permit.release();
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
  });
  world.spawn(function* () {
    yield* sleep(2);
    using permit = yield* permits.acquire();
    stuck = world.loop.time() >= 10;
    permit.release();
  });
  world.atEnd(() => !stuck, 'somebody waits in vain for a permit that is free');
};

/** A release by who holds nothing ends the oldest permit, and makes no new one. */
const stray: Program = (world) => {
  const permits = [new Semaphore(1), new BoundedSemaphore(1)];
  for (const one of permits) {
    world.spawn(function* () {
      const permit = yield* one.acquire();
      yield* sleep(0);
      permit.release();
    });
    world.spawn(function* () {
      yield* sleep(0);
      if (one.statistics().holders > 0) one.release();
    });
    world.atEnd(() => one.tryAcquire() !== null && one.tryAcquire() === null, 'one too many is let in');
  }
};

const limiter: Program = (world) => {
  const tokens = new CapacityLimiter(1);
  const sections = new Sections(world, 1);
  world.invariant(() => tokens.borrowed <= tokens.total, 'more is borrowed than there is');
  for (let task = 0; task < 3; task++) {
    world.spawn(function* borrow() {
      yield* sections.enter(() => tokens.acquire({ borrower: task }));
    });
  }
  world.spawn(function* newcomer() {
    yield* sleep(0);
    const permit = tokens.tryAcquire();
    if (!permit) return;
    sections.inside++;
    try {
      yield* sleep(0);
    } finally {
      sections.inside--;
      permit.release();
    }
  });
  world.atEnd(() => tokens.borrowed === 0 && tokens.tryAcquire() !== null, 'a token is lost');
};

/** The total is lowered while all are in, and raised again. */
const resized: Program = (world) => {
  const tokens = new CapacityLimiter(2);
  let inside = 0;
  const borrow = function* (): Coroutine<void> {
    using permit = yield* tokens.acquire();
    if (++inside > tokens.total) throw new Error('too many are in');
    yield* sleep(5);
    inside--;
    permit.release();
  };
  world.spawn(borrow);
  world.spawn(borrow);
  world.spawn(function* () {
    yield* sleep(1);
    yield* borrow();
  });
  world.spawn(function* () {
    for (const total of [1, 2, 3]) {
      yield* sleep(1);
      tokens.total = total;
    }
    yield* sleep(0.5);
    if (tokens.statistics().waiting > 0) throw new Error('a token is free, and somebody waits');
  });
};

const keyed: Program = (world) => {
  const locks = new KeyedLock<string>();
  const sections = new Sections(world, 1);
  for (let task = 0; task < 3; task++) {
    world.spawn(function* () {
      yield* sections.enter(() => locks.acquire('a'));
      if (task === 0) yield* sections.enter(() => locks.acquire('a'));
    });
  }
  world.atEnd(() => locks.size === 0, 'a key is left');
};

/** By async functions, whose promises come in the host's order. */
const hosted: Program = (world) => {
  const one = new Lock();
  let inside = 0;
  world.invariant(() => inside <= 1, 'two hold it');
  for (let task = 0; task < 3; task++) {
    world.spawn(async () => {
      using permit = await one.acquire();
      inside++;
      try {
        await sleep(0);
      } finally {
        inside--;
        permit.release();
      }
    });
  }
  world.atEnd(() => one.tryAcquire() !== null, 'the lock is lost');
};

export const permitScenarios: Readonly<Record<string, Scenario>> = {
  lock: cancelled(lock),
  'lock, cancelled twice': cancelled(lock, 2),
  'lock, limited': cancelled(limited(() => new Lock())),
  'lock, hosted': { program: hosted, options: { cancellations: 1, schedules: 3000 } },
  semaphore: cancelled(semaphore([1, 1, 1], 2)),
  'semaphore, limited': cancelled(limited(() => new Semaphore(1))),
  'semaphore, weighted': cancelled(semaphore([2, 1, 2], 2)),
  'semaphore, heavy': { program: heavy },
  'semaphore, stray': { program: stray },
  limiter: cancelled(limiter),
  'limiter, resized': { program: resized },
  'keyed lock': cancelled(keyed),
};
