import { Future } from '@aiokit/future';
import {
  asCompleted,
  createTask,
  ensureFuture,
  gather,
  run,
  select,
  shield,
  sleep,
  type Task,
  wait,
  waitFor,
} from '@aiokit/task';
import { expectTypeOf, test } from 'vitest';

const task: Task<number> = createTask(async () => 1);
const text: Task<string> = createTask(async () => 'text');

test('TASK-1.1 a future of a number gives a number, whoever waits for it', () => {
  expectTypeOf(shield(task)).toEqualTypeOf<Future<number>>();
  expectTypeOf(ensureFuture(task)).toEqualTypeOf<Future<number>>();
  expectTypeOf(createTask(task)).toEqualTypeOf<Task<number>>();
  expectTypeOf(run(task)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(waitFor(task, 5).then((value) => value)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(gather(task, text)).toEqualTypeOf<Future<[number, string]>>();
  expectTypeOf(gather([new Future<number>(), sleep(1, 'text')])).toEqualTypeOf<Future<[number, string]>>();
  expectTypeOf(select([task, text]).result()).toEqualTypeOf<
    { readonly index: number; readonly value: number } | { readonly index: number; readonly value: string }
  >();
  for (const next of asCompleted([task]))
    expectTypeOf(next.then((value) => value)).toEqualTypeOf<Promise<number>>();
});

test('WAITSOME-1.1 futures of several types can be waited for together', () => {
  expectTypeOf(wait([task, text]).result()[0]).toEqualTypeOf<Set<Task<number> | Task<string>>>();
  for (const next of asCompleted([task, text])) {
    expectTypeOf(next.then((value) => value)).toEqualTypeOf<Promise<number | string>>();
  }
});
