/** Events, conditions and reader-writer locks: nobody waits for what has happened. */
import { Condition, Event, Lock, RWLock } from '@aiokit/sync-primitives';
import { type Coroutine, isExceptionGroup, sleep } from '@aiokit/task';
import type { Program } from '@aiokit/testing';
import { cancelled, LATE, obeys, type Scenario } from './scenario.js';

/** More who take an item each than items; each is notified once, and the lock is held for a while longer. */
const items =
  (most: number): Program =>
  (world) => {
    const condition = new Condition();
    let [count, inside, over] = [0, 0, false];
    world.invariant(() => inside <= 1, 'two have the lock');
    const consume = function* (): Coroutine<void> {
      using permit = yield* condition.acquire();
      inside++;
      try {
        while (count === 0 && !over) {
          inside--;
          try {
            yield* condition.wait();
          } finally {
            inside++;
            if (!condition.locked() || !permit.live) world.note('the wait has ended without the lock');
            if (!condition.locked() || !permit.live) inside += 2;
          }
        }
        if (count > 0) count--;
      } finally {
        inside--;
        permit.release();
      }
    };
    const tasks = Array.from({ length: most + 1 }, () => world.spawn(consume));
    const produce = world.spawn(function* produce() {
      for (let item = 0; item < most; item++) {
        using permit = yield* condition.acquire();
        inside++;
        try {
          count++;
          condition.notify();
          yield* sleep(0);
        } finally {
          inside--;
          permit.release();
        }
      }
    });
    obeys(world, [...tasks, produce]);
    let idle = false;
    world.loop.callLater(LATE, () => {
      idle = count > 0 && condition.statistics().waiting > 0;
      over = true;
      const acquired = condition.acquire();
      acquired.addDoneCallback(() => {
        condition.notifyAll();
        acquired.result().release();
      });
    });
    world.atEnd(() => !idle, 'an item is there, and somebody waits for it');
    world.atEnd(() => condition.tryAcquire() !== null, 'the lock is lost');
  };

/** Whoever is cancelled while it waits for the lock again gives the notification to another. */
const handedOn: Program = (world) => {
  const condition = new Condition();
  let woken = 0;
  const wait = function* (): Coroutine<void> {
    using permit = yield* condition.acquire();
    yield* condition.wait();
    woken++;
    permit.release();
  };
  const first = world.spawn(wait, 'first');
  const second = world.spawn(wait, 'second');
  world.spawn(function* notify() {
    while (condition.statistics().waiting < 2) yield* sleep(1);
    using permit = yield* condition.acquire();
    condition.notify();
    if (world.choose(2) === 1) yield* sleep(0);
    first.cancel('once');
    if (world.choose(2) === 1) yield* sleep(0);
    first.cancel('twice');
    permit.release();
    yield* sleep(1);
    if (woken !== 1) throw new Error('the notification is lost');
    if (!second.done()) second.cancel();
  });
};

const event: Program = (world) => {
  const one = new Event();
  let set = false;
  const wait = function* (): Coroutine<void> {
    yield* one.wait();
    if (!set) throw new Error('woken too early');
  };
  const tasks = [world.spawn(wait), world.spawn(wait)];
  world.spawn(function* () {
    try {
      yield* sleep(0);
    } finally {
      set = true;
      one.set();
      one.clear();
    }
  });
  world.loop.callLater(LATE, () => {
    set = true;
    one.set();
  });
  obeys(world, tasks);
};

/** A writer keeps its place, nobody reads meanwhile, and who gives up keeps nobody waiting. */
const readersAndWriters: Program = (world) => {
  const { read, write } = new RWLock();
  let [readers, writers, readersWaiting, writersWaiting, stuck] = [0, 0, 0, 0, false];
  world.invariant(() => writers === 0 || (writers === 1 && readers === 0), 'a writer is not alone');
  const reading = (startMs: number, delayMs: number) =>
    function* reader(): Coroutine<void> {
      yield* sleep(startMs);
      const writersBefore = writersWaiting;
      readersWaiting++;
      try {
        using permit = yield* read.acquire();
        if (writersBefore > 0 && writersWaiting === writersBefore && writer.cancelling() === 0)
          throw new Error('a reader has overtaken a writer');
        readers++;
        readersWaiting--;
        try {
          yield* sleep(delayMs);
        } finally {
          readers--;
          readersWaiting++;
          permit.release();
        }
      } finally {
        readersWaiting--;
      }
    };
  world.spawn(reading(0, 5), 'reader');
  const writer = world.spawn(function* writer() {
    yield* sleep(1);
    writersWaiting++;
    let waits = true;
    try {
      using permit = yield* write.acquire();
      waits = false;
      writersWaiting--;
      writers++;
      try {
        yield* sleep(0);
        if (world.choose(2) === 1) {
          writers--;
          readers++;
          using lowered = permit.downgrade();
          try {
            yield* sleep(0);
          } finally {
            readers--;
            writers++;
            lowered.release();
          }
        }
      } finally {
        writers--;
        permit.release();
      }
    } finally {
      if (waits) writersWaiting--;
    }
  });
  world.spawn(reading(2, 1), 'late reader');
  world.loop.callLater(3, () => {
    stuck = readersWaiting > 0 && writersWaiting === 0 && writers === 0;
  });
  world.atEnd(() => !stuck, 'a reader waits for nobody');
  world.atEnd(() => write.tryAcquire() !== null, 'something is held, or somebody waits');
};

/** Who has written goes on reading; no other writes in between. */
const downgraded: Program = (world) => {
  const { write } = new RWLock();
  let value = 0;
  for (const own of [1, 2]) {
    world.spawn(function* () {
      using permit = yield* write.acquire();
      value = own;
      using lowered = permit.downgrade();
      yield* sleep(0);
      if (value !== own) throw new Error('somebody has written in between');
      lowered.release();
    });
  }
};

/** The lock is held when a wait has run out of time, whatever limits it. */
const within: Program = (world) => {
  const condition = new Condition(new Lock());
  for (let task = 0; task < 2; task++) {
    world.spawn(function* () {
      using permit = yield* condition.acquire();
      try {
        yield* condition.wait({ timeoutMs: 1 + world.choose(2) });
      } catch (error) {
        if (isExceptionGroup(error)) throw error;
      }
      if (!condition.locked() || !permit.live) throw new Error('the lock is not held');
      permit.release();
    });
  }
};

export const waitingScenarios: Readonly<Record<string, Scenario>> = {
  'condition, items': cancelled(items(1)),
  'condition, items, cancelled twice': cancelled(items(2), 2),
  'condition, handed on': { program: handedOn },
  'condition, out of time': { program: within },
  event: cancelled(event),
  'readers and writers': cancelled(readersAndWriters),
  'readers and writers, downgraded': { program: downgraded },
};
