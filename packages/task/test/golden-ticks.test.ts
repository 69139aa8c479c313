/** When what happens, in iterations of the loop after the start: asyncio's table. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Future } from '@aiokit/future';
import { type Coroutine, createTask, sleep, type Task } from '@aiokit/task';
import { expect, test } from 'vitest';

/** Runs a main coroutine that may note in which iteration something happens. */
function ticks(main: (note: (what: string) => void) => Coroutine<unknown>): string[] {
  const loop = new VirtualLoop();
  const notes: string[] = [];
  let tick = 0;
  const count = {
    run: () => {
      tick++;
      loop.enqueue(count);
    },
  };
  function* start(): Coroutine<unknown> {
    tick = 0;
    loop.enqueue(count);
    return yield* main((what) => void notes.push(`${what} +${tick}`));
  }
  loop.runUntilComplete(start());
  loop.close();
  return notes;
}

test('create_task and await', () => {
  expect(
    ticks(function* (note) {
      function* child(): Coroutine<void> {
        note('child');
      }
      const task = createTask(child());
      note('created');
      yield* task;
      note('awaiter');
    }),
  ).toEqual(['created +0', 'child +1', 'awaiter +2']);
});
test('sleep(0), done, pending', () => {
  expect(
    ticks(function* (note) {
      yield* sleep(0);
      note('s');
      yield* sleep(0);
      note('s');
      yield;
      note('y');
      const f = new Future<number>();
      f.setResult(1);
      yield* f;
      note('f');
      const g = new Future<number>();
      function* set(): Coroutine<void> {
        note('set');
        g.setResult(3);
      }
      createTask(set());
      note(String(yield* g));
    }),
  ).toEqual(['s +1', 's +2', 'y +3', 'f +3', 'set +4', '3 +5']);
});
test('cancel', () => {
  expect(
    ticks(function* (note) {
      function* child(): Coroutine<void> {
        try {
          yield* sleep(1000);
        } catch (e) {
          note('inside');
          throw e;
        }
      }
      const task = createTask(child());
      yield* sleep(0);
      task.cancel();
      note('cancel');
      try {
        yield* task;
      } catch {
        note('awaiter');
      }
      const t2: Task<void> = createTask(child());
      t2.cancel();
      try {
        yield* t2;
      } catch {
        note('awaiter');
      }
    }),
  ).toEqual(['cancel +1', 'inside +2', 'awaiter +3', 'awaiter +5']);
});
test('async', async () => {
  const loop = new VirtualLoop();
  const notes: string[] = [];
  const main = createTask(
    async () => {
      const inner = createTask(
        async () => {
          try {
            await sleep(1000);
          } finally {
            notes.push('finally');
            await sleep(100);
            notes.push('cleaned');
          }
        },
        { loop },
      );
      await sleep(10);
      inner.cancel('x');
      try {
        await inner;
      } catch (e) {
        notes.push(String(e));
      }
      return 3;
    },
    { loop },
  );
  expect(await loop.runUntilCompleteAsync(main)).toBe(3);
  expect(notes).toEqual(['finally', 'cleaned', 'CancelledError: x']);
  loop.close();
});
