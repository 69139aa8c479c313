/** When what happens, in iterations of the loop after the start: the table that CPython 3.13.0 gave. */
import { Future } from '@aiokit/future';
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import {
  asCompleted,
  type Coroutine,
  createTask,
  gather,
  isExceptionGroup,
  shield,
  sleep,
  TaskGroup,
  timeout,
  wait,
  waitFor,
} from '@aiokit/task';
import { expect, test } from 'vitest';
import { type Note, ticks } from './ticks.js';

function* noop(): Coroutine<void> {}

function* noting(note: Note, name: string): Coroutine<string> {
  note(name);
  return name;
}

/** Sets a future an iteration later. */
function setSoon<T>(future: Future<T>, value: T, note: Note): void {
  createTask(
    (function* (): Coroutine<void> {
      note('set');
      future.setResult(value);
    })(),
  );
}

const doneFuture = (): Future<number> => {
  const future = new Future<number>();
  future.setResult(1);
  return future;
};

/** Waits for something, and notes how that ended. */
function* ending(note: Note, waiting: Coroutine<unknown>): Coroutine<void> {
  try {
    const value = yield* waiting;
    note(`result ${String(value)}`);
  } catch (error) {
    note(
      isCancelledError(error) ? 'cancelled' : isTimeoutError(error) ? 'TimeoutError' : (error as Error).name,
    );
  }
}

function* awaiting<T>(source: { [Symbol.iterator](): Iterator<never, T, unknown> }): Coroutine<T> {
  return yield* source;
}

test('TASK-4.1 createTask and await: the child at +1, the awaiter at +2', () => {
  const notes = ticks(function* (note) {
    const task = createTask(noting(note, 'child'));
    note('created');
    yield* task;
    note('awaiter');
  });
  expect(notes).toEqual(['created +0', 'child +1', 'awaiter +2']);
});

test('TASK-4.2 awaiting a future that is done does not yield', () => {
  const notes = ticks(function* (note) {
    yield* doneFuture();
    note('resumed');
  });
  expect(notes).toEqual(['resumed +0']);
});

test('TASK-4.3 awaiting a pending future that is set at +1 resumes at +2', () => {
  const notes = ticks(function* (note) {
    const future = new Future<string>();
    setSoon(future, 'value', note);
    note(yield* future);
  });
  expect(notes).toEqual(['set +1', 'value +2']);
});

test('TASK-4.4 sleep(0) and a bare yield take one iteration each', () => {
  const notes = ticks(function* (note) {
    yield* sleep(0);
    note('slept');
    yield* sleep(-1);
    note('slept');
    yield;
    note('yielded');
    note(yield* sleep(0, 'value'));
  });
  expect(notes).toEqual(['slept +1', 'slept +2', 'yielded +3', 'value +4']);
});

test('TASK-4.5 gather of two coroutines: they at +1, the awaiter at +3', () => {
  const notes = ticks(function* (note) {
    const results = yield* gather(noting(note, 'c0'), noting(note, 'c1'));
    note(results.join());
  });
  expect(notes).toEqual(['c0 +1', 'c1 +1', 'c0,c1 +3']);
});

test('TASK-4.6 gather of what is done, or of nothing, does not yield', () => {
  const notes = ticks(function* (note) {
    note((yield* gather(doneFuture(), doneFuture())).join());
    note(String((yield* gather()).length));
  });
  expect(notes).toEqual(['1,1 +0', '0 +0']);
});

test('TASK-4.7 wait for two tasks: they at +1, the awaiter at +3; for what is done at +2', () => {
  const notes = ticks(function* (note) {
    yield* wait([createTask(noting(note, 't0')), createTask(noting(note, 't1'))]);
    note('awaiter');
  });
  expect(notes).toEqual(['t0 +1', 't1 +1', 'awaiter +3']);
  const done = ticks(function* (note) {
    yield* wait([doneFuture()]);
    note('awaiter');
  });
  expect(done).toEqual(['awaiter +2']);
});

test('TASK-4.8 shield of a coroutine: it at +1, the awaiter at +3', () => {
  const notes = ticks(function* (note) {
    yield* shield(noting(note, 'child'));
    note('awaiter');
  });
  expect(notes).toEqual(['child +1', 'awaiter +3']);
});

test('TASK-4.9 waitFor a coroutine runs it in the same task, a task as an await of it', () => {
  const notes = ticks(function* (note) {
    yield* waitFor(noting(note, 'child'), 10);
    note('awaiter');
    yield* waitFor(createTask(noop()), 10);
    note('awaiter');
  });
  expect(notes).toEqual(['child +0', 'awaiter +0', 'awaiter +2']);
});

test('TASK-4.10 waitFor a coroutine for no time: a TimeoutError at +3, the body never begins', () => {
  const notes = ticks(function* (note) {
    yield* ending(note, waitFor(noting(note, 'child'), 0));
  });
  expect(notes).toEqual(['TimeoutError +3']);
});

test('TASK-4.11 a group of two tasks: they at +1, its end at +3; an empty one at +0', () => {
  const notes = ticks(function* (note) {
    yield* new TaskGroup().run(function* (group): Coroutine<void> {
      group.createTask(noting(note, 't0'));
      group.createTask(noting(note, 't1'));
    });
    note('exit');
  });
  expect(notes).toEqual(['t0 +1', 't1 +1', 'exit +3']);
  const empty = ticks(function* (note) {
    yield* new TaskGroup().run(noop);
    note('exit');
  });
  expect(empty).toEqual(['exit +0']);
});

test('TASK-4.12 a group with an error: the sibling sees the cancellation at +3, the group throws at +5', () => {
  const notes = ticks(function* (note) {
    function* bad(): Coroutine<never> {
      note('bad');
      throw new Error('bad');
    }
    function* sibling(): Coroutine<void> {
      try {
        yield* sleep(1000);
      } catch (error) {
        note('sibling');
        throw error;
      }
    }
    try {
      yield* new TaskGroup().run(function* (group): Coroutine<void> {
        group.createTask(bad());
        group.createTask(sibling());
      });
    } catch (error) {
      note(isExceptionGroup(error) ? 'ExceptionGroup' : String(error));
    }
  });
  expect(notes).toEqual(['bad +1', 'sibling +3', 'ExceptionGroup +5']);
});

test('TASK-4.13 cancel of a sleeper at +1: CancelledError inside at +2, the awaiter at +3', () => {
  const notes = ticks(function* (note) {
    function* sleeper(): Coroutine<void> {
      try {
        yield* sleep(1000);
      } catch (error) {
        note('inside');
        throw error;
      }
    }
    const task = createTask(sleeper());
    yield* sleep(0);
    task.cancel();
    yield* ending(note, awaiting(task as never));
  });
  expect(notes).toEqual(['inside +2', 'cancelled +3']);
});

test('TASK-4.14 cancel before the start: the awaiter at +2, the body never runs', () => {
  const notes = ticks(function* (note) {
    const task = createTask(noting(note, 'body'));
    task.cancel();
    yield* ending(note, awaiting(task as never));
  });
  expect(notes).toEqual(['cancelled +2']);
});

test('TASK-4.15 timeout(0): a TimeoutError at the first wait, at +1; none without a wait', () => {
  const notes = ticks(function* (note) {
    yield* ending(
      note,
      timeout(0, function* () {
        yield* sleep(0);
      }),
    );
    yield* ending(
      note,
      timeout(0, function* (): Coroutine<string> {
        return 'body';
      }),
    );
  });
  expect(notes).toEqual(['TimeoutError +1', 'result body +1']);
});

test('TASK-4.16 asCompleted: they at +1, both results at +3', () => {
  const notes = ticks(function* (note) {
    for (const next of asCompleted([noting(note, 'c0'), noting(note, 'c1')])) note(`got ${yield* next}`);
  });
  expect(notes).toEqual(['c0 +1', 'c1 +1', 'got c0 +3', 'got c1 +3']);
});

test('TASK-4.17 a waiter that was woken and is cancelled in the same iteration: the result is lost to it', () => {
  const notes = ticks(function* (note) {
    const future = new Future<string>();
    function* waiter(): Coroutine<void> {
      yield* ending(note, awaiting(future as never));
    }
    const task = createTask(waiter());
    yield* sleep(0);
    future.setResult('value');
    task.cancel();
    yield* sleep(0);
    note(future.result());
    yield* task;
  });
  expect(notes).toEqual(['cancelled +2', 'value +2']);
});
