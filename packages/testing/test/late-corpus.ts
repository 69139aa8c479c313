/** Known bugs that were written when the explorer's search was frozen, and are counted on their own. */
import { Future } from '@aiokit/future';
import { isTimeoutError } from '@aiokit/loop-core';
import { Queue } from '@aiokit/queue';
import { Condition, Event, Lock, RWLock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, sleep } from '@aiokit/task';
import type { World } from '@aiokit/testing';
import type { Bug } from './corpus.js';

function* pause(times = 1): Coroutine<void> {
  for (let left = times; left > 0; left--) yield* sleep(0);
}

const thrice = (world: World, body: (task: number) => Coroutine<unknown>): void => {
  for (let task = 0; task < 3; task++) world.spawn(() => body(task));
};

export const lateBugs: readonly Bug[] = [
  {
    name: 'as many seats as philosophers',
    kind: 'deadlock',
    program(world) {
      const seats = new Semaphore(3);
      const forks = [new Lock(), new Lock(), new Lock()] as const;
      thrice(world, function* (task) {
        using seat = yield* seats.acquire();
        using left = yield* (forks[task] as Lock).acquire();
        yield* pause();
        using right = yield* (forks[(task + 1) % 3] as Lock).acquire();
        right.release();
        left.release();
        seat.release();
      });
    },
  },
  {
    name: 'two permits, taken one after the other',
    kind: 'deadlock',
    program(world) {
      const permits = new Semaphore(3);
      thrice(world, function* () {
        using one = yield* permits.acquire();
        yield* pause();
        using other = yield* permits.acquire();
        other.release();
        one.release();
      });
    },
  },
  {
    name: 'a barber who falls asleep as a customer comes',
    kind: 'deadlock',
    program(world) {
      const waiting: number[] = [];
      const bell = new Event();
      world.spawn(function* barber() {
        for (let served = 0; served < 2; ) {
          if (waiting.shift() !== undefined) served++;
          else {
            yield* pause();
            bell.clear();
            yield* bell.wait();
          }
        }
      });
      for (const customer of [1, 2]) {
        world.spawn(function* () {
          yield* pause(customer);
          waiting.push(customer);
          bell.set();
        });
      }
    },
  },
  {
    name: 'a stale value is kept in a cache',
    kind: 'invariant',
    program(world) {
      let stored = 1;
      let cached: number | undefined;
      world.spawn(function* read() {
        if (cached !== undefined) return;
        const value = stored;
        yield* pause();
        cached = value;
      });
      world.spawn(function* write() {
        yield* pause();
        stored = 2;
        cached = undefined;
      });
      world.spawn(() => pause());
      world.atEnd(() => cached === undefined || cached === stored, 'the cache is stale');
    },
  },
  {
    name: 'a time-out that releases the lock of somebody else',
    kind: 'error',
    program(world) {
      const lock = new Lock();
      let inside = 0;
      thrice(world, function* (task) {
        try {
          yield* lock.acquire(task === 0 ? {} : { timeoutMs: task });
          if (++inside > 1) throw new Error('two are in');
          yield* sleep(2);
          inside--;
        } catch (error) {
          if (!isTimeoutError(error)) throw error;
        } finally {
          if (lock.locked()) lock.release();
        }
      });
    },
  },
  {
    name: 'two who settle one future',
    kind: 'error',
    program(world) {
      const first = new Future<number>({ loop: world.loop });
      world.spawn(function* () {
        yield* first;
      });
      for (const racer of [1, 2]) {
        world.spawn(function* () {
          if (first.done()) return;
          yield* pause();
          first.setResult(racer);
        });
      }
    },
  },
  {
    name: 'done is said before it is',
    kind: 'invariant',
    program(world) {
      const queue = new Queue<number>();
      let worked = 0;
      for (const item of [1, 2]) queue.putNowait(item);
      for (const _ of [1, 2]) {
        world.spawn(function* work() {
          yield* queue.get();
          queue.taskDone();
          yield* pause();
          worked++;
        });
      }
      let early = false;
      world.spawn(function* () {
        yield* queue.join();
        early = worked < 2;
      });
      world.invariant(() => !early, 'joined before the work was done');
    },
  },
  {
    name: 'numbers in order, sent out of order',
    kind: 'invariant',
    program(world) {
      let next = 0;
      const sent: number[] = [];
      thrice(world, function* () {
        const number = next++;
        yield* pause();
        sent.push(number);
      });
      world.atEnd(() => sent.every((number, at) => number === at), 'out of order');
    },
  },
  {
    name: 'read, then write, and released in between',
    kind: 'invariant',
    program(world) {
      const { read, write } = new RWLock();
      let count = 0;
      thrice(world, function* (task) {
        if (task === 2) return yield* pause();
        using reading = yield* read.acquire();
        const before = count;
        yield* pause();
        reading.release();
        using writing = yield* write.acquire();
        count = before + 1;
        writing.release();
      });
      world.atEnd(() => count === 2, 'an update is lost');
    },
  },
  {
    name: 'a lock is held while something else is waited for',
    kind: 'deadlock',
    program(world) {
      const outer = new Lock();
      const condition = new Condition();
      let ready = false;
      world.spawn(function* () {
        using held = yield* outer.acquire();
        using permit = yield* condition.acquire();
        yield* condition.waitFor(() => ready);
        permit.release();
        held.release();
      });
      world.spawn(function* () {
        using held = yield* outer.acquire();
        using permit = yield* condition.acquire();
        ready = true;
        condition.notifyAll();
        permit.release();
        held.release();
      });
      world.spawn(() => pause());
    },
  },
  {
    name: 'asked to stop before it waits to be',
    kind: 'deadlock',
    program(world) {
      const condition = new Condition();
      let stopping = false;
      world.spawn(function* () {
        if (stopping) return;
        yield* pause();
        using permit = yield* condition.acquire();
        yield* condition.wait();
        permit.release();
      });
      world.spawn(function* () {
        using permit = yield* condition.acquire();
        stopping = true;
        condition.notifyAll();
        permit.release();
      });
      world.spawn(() => pause());
    },
  },
  {
    name: 'a connection that is given back twice',
    kind: 'invariant',
    program(world) {
      const pool = new Queue<string>();
      pool.putNowait('connection');
      const users = new Map<string, number>();
      thrice(world, function* (task) {
        const connection = yield* pool.get();
        users.set(connection, (users.get(connection) ?? 0) + 1);
        yield* pause();
        users.set(connection, (users.get(connection) ?? 0) - 1);
        pool.putNowait(connection);
        // As the handler of an error does that has come afterwards.
        if (task === 0) pool.putNowait(connection);
      });
      world.invariant(() => [...users.values()].every((count) => count <= 1), 'two use one connection');
    },
  },
  {
    name: 'the first reader locks, the last unlocks, and nobody guards the count',
    kind: 'error',
    program(world) {
      const lock = new Lock();
      let readers = 0;
      let writing = false;
      for (const _ of [1, 2]) {
        world.spawn(function* reader() {
          readers++;
          if (readers === 1) yield* lock.acquire();
          if (writing) throw new Error('read while it is written');
          yield* pause();
          if (--readers === 0) lock.release();
        });
      }
      world.spawn(function* writer() {
        using permit = yield* lock.acquire();
        writing = true;
        yield* pause();
        writing = false;
        permit.release();
      });
    },
  },
  {
    name: 'two who give way to each other',
    kind: 'livelock',
    options: { stepLimit: 300 },
    program(world) {
      const wants = [false, false];
      for (const own of [0, 1]) {
        world.spawn(function* () {
          wants[own] = true;
          yield* pause();
          while (wants[1 - own]) {
            wants[own] = false;
            yield* pause();
            wants[own] = true;
            yield* pause();
          }
          wants[own] = false;
        });
      }
      world.spawn(() => pause());
    },
  },
  {
    name: 'the end overtakes an item',
    kind: 'error',
    program(world) {
      const queue = new Queue<number>(1);
      let left = 2;
      for (const item of [1, 2]) {
        world.spawn(function* produce() {
          const last = --left === 0;
          yield* pause();
          yield* queue.put(item);
          if (last) queue.shutdown();
        });
      }
      world.spawn(function* consume() {
        for (let count = 0; count < 2; count++) yield* queue.get();
      });
    },
  },
];
