import { Future } from '@aiokit/future';
import type { Operation } from '@aiokit/loop-core';
import {
  type Coroutine,
  coroutine,
  type CoroutineObject,
  createTask,
  ensureFuture,
  gather,
  run,
  select,
  shield,
  sleep,
  type Task,
  TaskGroup,
  type Timeout,
  timeout,
  wait,
  waitFor,
} from '@aiokit/task';
import { expectTypeOf, test } from 'vitest';

function* number(): Coroutine<number> {
  return 1;
}

test('yield* gives the result of what is awaited', () => {
  const main = function* (): Coroutine<string> {
    expectTypeOf(yield* number()).toEqualTypeOf<number>();
    expectTypeOf(yield* sleep(1)).toEqualTypeOf<void>();
    expectTypeOf(yield* sleep(1, 'value')).toEqualTypeOf<string>();
    expectTypeOf(yield* new Future<boolean>()).toEqualTypeOf<boolean>();
    expectTypeOf(yield* createTask(number())).toEqualTypeOf<number>();
    expectTypeOf(
      yield* timeout(1, function* (limit) {
        expectTypeOf(limit).toEqualTypeOf<Timeout>();
        return yield* number();
      }),
    ).toEqualTypeOf<number>();
    expectTypeOf(
      yield* new TaskGroup().run(function* (group) {
        expectTypeOf(group.createTask(number)).toEqualTypeOf<Task<number>>();
        return 'body';
      }),
    ).toEqualTypeOf<string>();
    return 'main';
  };
  expectTypeOf(main).returns.toEqualTypeOf<Coroutine<string>>();
});

test('coroutine() keeps parameters and result', () => {
  const greet = coroutine(function* (name: string, times: number): Coroutine<string> {
    yield* sleep(times);
    return name;
  });
  expectTypeOf(greet).parameters.toEqualTypeOf<[name: string, times: number]>();
  expectTypeOf(greet).returns.toEqualTypeOf<CoroutineObject<string>>();
  expectTypeOf<Awaited<ReturnType<typeof greet>>>().toEqualTypeOf<string>();
});

test('createTask takes what can be a task, and no promise', () => {
  expectTypeOf(createTask(number())).toEqualTypeOf<Task<number>>();
  expectTypeOf(createTask(number)).toEqualTypeOf<Task<number>>();
  expectTypeOf(createTask(async () => 'async')).toEqualTypeOf<Task<string>>();
  expectTypeOf(createTask(async ({ signal }) => signal.aborted)).toEqualTypeOf<Task<boolean>>();
  expectTypeOf(createTask(sleep(1, 'operation'))).toEqualTypeOf<Task<string>>();
  // @ts-expect-error
  createTask(5);
  // @ts-expect-error
  createTask(Promise.resolve(1));
  expectTypeOf(ensureFuture(Promise.resolve(1))).toEqualTypeOf<Future<number>>();
});

test('gather gives a tuple', () => {
  expectTypeOf(gather(number(), sleep(1, 'a'), async () => true)).toEqualTypeOf<
    Future<[number, string, boolean]>
  >();
  expectTypeOf(gather([number(), Promise.resolve('a')])).toEqualTypeOf<Future<[number, string]>>();
  expectTypeOf(gather([1, 2].map(() => number()))).toEqualTypeOf<Future<number[]>>();
  expectTypeOf(gather([number()], { returnExceptions: true })).toEqualTypeOf<Future<unknown[]>>();
  // @ts-expect-error
  gather(5);
});

test('select gives a union of what may be taken', () => {
  expectTypeOf(select([sleep(1, 'a'), number()])).toEqualTypeOf<
    Operation<
      { readonly index: number; readonly value: string } | { readonly index: number; readonly value: number }
    >
  >();
});

test('the others give what they wait for', () => {
  expectTypeOf(shield(number())).toEqualTypeOf<Future<number>>();
  expectTypeOf(waitFor(number(), 1)).toEqualTypeOf<CoroutineObject<number>>();
  expectTypeOf(wait([createTask(number)])).toEqualTypeOf<
    Future<[done: Set<Task<number>>, pending: Set<Task<number>>]>
  >();
  expectTypeOf(run(number)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(run(async () => 'main')).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error
  wait([number()]);
});
