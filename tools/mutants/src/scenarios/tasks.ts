/** Tasks: a cancellation is never lost, and never lands elsewhere; nothing is left behind. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Future } from '@aiokit/future';
import { isTimeoutError } from '@aiokit/loop-core';
import { Condition } from '@aiokit/sync-primitives';
import {
  type Coroutine,
  createTask,
  currentTask,
  gather,
  isExceptionGroup,
  shield,
  sleep,
  type Task,
  TaskGroup,
  timeout,
  wait,
  waitFor,
} from '@aiokit/task';
import type { Program } from '@aiokit/testing';
import { cancelled, obeys, type Scenario } from './scenario.js';

/** A wait with a limit, and a result at the same instant. */
const limited: Program = (world) => {
  const result = new Future<number>({ loop: world.loop });
  const task = world.spawn(function* () {
    try {
      yield* waitFor(result, 1 + world.choose(2));
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
    yield* sleep(1);
  });
  world.spawn(function* () {
    yield* sleep(2);
    if (!result.done()) result.setResult(1);
  });
  obeys(world, [task]);
};

/** Two limits around a wait that is cancelled: each tells of its own. */
const nested: Program = (world) => {
  const task = world.spawn(function* () {
    let outer = false;
    try {
      yield* timeout(2, function* () {
        outer = true;
        try {
          yield* timeout(world.choose(2) === 0 ? 1 : 2, function* () {
            yield* sleep(5);
          });
        } catch (error) {
          if (!isTimeoutError(error)) throw error;
        }
        yield* sleep(5);
        outer = false;
      });
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
    if (!outer) throw new Error('the outer limit was not kept');
    if (world.loop.time() > 2) throw new Error('the limit came too late');
    yield* sleep(1);
  });
  obeys(world, [task]);
};

/** The limit is up, and what was waited for takes its time to end: nobody goes on before. */
const ended: Program = (world) => {
  const condition = new Condition();
  world.spawn(function* () {
    using permit = yield* condition.acquire();
    try {
      yield* waitFor(
        (function* () {
          yield* condition.wait();
        })(),
        world.choose(2),
      );
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
    if (!condition.locked() || !permit.live) throw new Error('the lock is not held');
    permit.release();
  });
  let over = false;
  world.spawn(function* () {
    const inner = createTask(function* () {
      try {
        yield* sleep(5);
      } finally {
        yield* sleep(0);
        over = true;
      }
    });
    yield* sleep(0);
    try {
      yield* waitFor(inner, 0);
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
    if (!over && !inner.done()) throw new Error('what was waited for is still at work');
  });
};

/** A group within a group, children that fail or take their time: none outlives its group. */
const groups: Program = (world) => {
  const running = new Set<number>();
  const child = (number: number, fails: boolean) =>
    function* (): Coroutine<void> {
      running.add(number);
      try {
        yield* sleep(number);
        if (fails) throw new RangeError('failed');
      } finally {
        try {
          yield* sleep(0);
        } finally {
          running.delete(number);
        }
      }
    };
  const task = world.spawn(function* parent() {
    const outer = new TaskGroup();
    try {
      yield* outer.run(function* () {
        outer.createTask(child(1, world.choose(2) === 1));
        const inner = new TaskGroup();
        try {
          yield* inner.run(function* () {
            inner.createTask(child(2, world.choose(2) === 1));
            yield* sleep(1);
          });
        } catch (error) {
          if (!isExceptionGroup(error)) throw error;
        }
        if (running.has(2)) throw new Error('a child has outlived its group');
        yield* sleep(1);
      });
    } catch (error) {
      if (!isExceptionGroup(error)) throw error;
    }
    if (running.size > 0) throw new Error('a child has outlived its group');
    yield* sleep(1);
  });
  obeys(world, [task]);
};

/** A child fails, and the body was cancelled for it: afterwards nothing of that is left. */
const forgiven: Program = (world) => {
  world.spawn(function* parent() {
    const group = new TaskGroup();
    try {
      yield* group.run(function* () {
        group.createTask(function* () {
          yield* sleep(world.choose(2));
          throw new RangeError('failed');
        });
        yield* sleep(world.choose(3));
      });
    } catch (error) {
      if (!isExceptionGroup(error)) throw error;
    }
    if (currentTask()?.cancelling() !== 0) throw new Error('a request is left');
    yield* sleep(1);
  });
};

/** All that was gathered is cancelled with who waits for it, whatever comes of it. */
const gathered: Program = (world) => {
  const children: Task<unknown>[] = [];
  const child = function* (): Coroutine<number> {
    try {
      yield* sleep(2);
    } catch {
      // As one that tidies up and goes on.
    }
    return 1;
  };
  const task = world.spawn(function* () {
    children.push(
      createTask(child),
      createTask(() => sleep(2)),
    );
    yield* gather(children, { returnExceptions: true });
    yield* sleep(1);
  });
  obeys(world, [task]);
};

/** Whoever waits for what is shielded may be cancelled; what is shielded goes on, and its error is told. */
const shielded: Program = (world) => {
  let [told, expected, survived] = [0, 0, true];
  world.loop.setExceptionHandler(() => told++);
  world.spawn(function* () {
    const fails = world.choose(2) === 1;
    const inner = createTask(function* () {
      yield* sleep(2);
      if (fails) throw new RangeError('failed');
    });
    let waits = false;
    const outer = createTask(function* () {
      waits = true;
      yield* shield(inner);
    });
    yield* sleep(world.choose(2));
    outer.cancel();
    if (waits && fails) expected = 1;
    yield* wait([inner, outer]);
    survived = !inner.cancelled();
  });
  world.atEnd(() => survived, 'it was not shielded');
  world.atEnd(() => told === expected, 'an error is lost, or told twice');
};

/** A cancellation that is to come when a limit begins that has passed already. */
const zero: Program = (world) => {
  const task = world.spawn(function* () {
    currentTask()?.cancel();
    try {
      yield* timeout(0, function* () {
        yield* sleep(1);
      });
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
    yield* sleep(1);
  });
  obeys(world, [task]);
};

/** A cancellation that comes in the last step, or when what is waited for is done. */
const late: Program = (world) => {
  const self = world.spawn(function* () {
    yield* sleep(0);
    if (world.choose(2) === 1) currentTask()?.cancel();
  });
  const result = new Future<void>({ loop: world.loop });
  const other = world.spawn(function* () {
    yield* result;
  });
  world.spawn(function* () {
    yield* sleep(1);
    result.setResult();
    other.cancel();
  });
  obeys(world, [self, other]);
};

const store = new AsyncLocalStorage<number>();

/** What is stored stays what it was where the task was made. */
const stored: Program = (world) => {
  const look = (number: number) =>
    function* (): Coroutine<void> {
      for (let step = 0; step < 2; step++) {
        if (store.getStore() !== number) throw new Error('the context is lost');
        yield* sleep(0);
      }
    };
  for (const number of [1, 2]) store.run(number, () => void world.spawn(look(number)));
};

export const taskScenarios: Readonly<Record<string, Scenario>> = {
  'time limit': cancelled(limited),
  'time limits, nested': cancelled(nested),
  'time limit, ended': { program: ended },
  'task groups': cancelled(groups),
  'task group, forgiven': { program: forgiven },
  gather: cancelled(gathered),
  'time limit of 0': { program: zero },
  shield: { program: shielded },
  'task, late': { program: late },
  'task, stored': { program: stored },
};
