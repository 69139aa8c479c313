/** A cancellation that the host answers with an `AbortError` of its own is one all the same. */
import { EventEmitter, once } from 'node:events';
import { isCancelledError, isTimeoutError, makeCancelledError } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import {
  createTask,
  currentTask,
  rethrowCancelled,
  type Scope,
  sleep,
  TaskGroup,
  timeout,
} from '@aiokit/task';
import { expect, test } from 'vitest';

/** What the host never tells, waited for until the signal aborts. */
const never = (signal: AbortSignal | undefined): Promise<unknown> =>
  once(new EventEmitter(), 'never', { signal: signal as AbortSignal });

const caughtBy = (main: () => Promise<unknown>): Promise<unknown> =>
  main().then(
    () => undefined,
    (error: unknown) => error,
  );

/** Runs an async function as a task, with nothing reported. */
async function run<T>(main: (scope: Scope) => Promise<T>): Promise<T> {
  const loop = new VirtualLoop();
  const reports: unknown[] = [];
  loop.setExceptionHandler((_, context) => void reports.push(context));
  const result = await loop.runUntilCompleteAsync<T>(createTask(main, { loop }));
  loop.close();
  expect(reports).toEqual([]);
  return result;
}

test('SCOPE-3.7 the host throws an AbortError whose cause is the cancellation', async () => {
  const error = await run(async () => {
    const task = createTask(async (scope) => await caughtBy(() => never(scope.signal)));
    await sleep(1);
    task.cancel('enough');
    return await task;
  });
  expect(error).toMatchObject({ name: 'AbortError', cause: { code: 'CANCELLED', message: 'enough' } });
});

test('SCOPE-3.7 a task that is left by it is cancelled, and whoever awaits it is told so', async () => {
  const [task, error] = await run(async () => {
    const task = createTask(async () => await never(currentTask()?.signal));
    await sleep(1);
    task.cancel('enough');
    return [task, await caughtBy(async () => await task)] as const;
  });
  expect(task.cancelled()).toBe(true);
  expect(isCancelledError(error)).toBe(true);
  expect(error).toMatchObject({ message: 'enough' });
});

test('SCOPE-3.8 a section that is left by it, because its time is up, throws a TimeoutError', async () => {
  const error = await run(
    async () => await caughtBy(async () => await timeout(50, async ({ signal }) => await never(signal))),
  );
  expect(isTimeoutError(error)).toBe(true);
  expect(error).toMatchObject({ cause: { name: 'AbortError' } });
});

test('SCOPE-3.8 a group whose body is left by it throws the errors of its tasks only', async () => {
  const failure = new Error('a task');
  const error = await run(
    async () =>
      await caughtBy(
        async () =>
          await new TaskGroup().run(async (group) => {
            group.createTask(async () => {
              await sleep(1);
              throw failure;
            });
            await never(group.signal);
          }),
      ),
  );
  expect((error as AggregateError).errors).toEqual([failure]);
});

test('DIFF-8 rethrowCancelled throws it again, and no other AbortError', () => {
  const abortError = (cause: unknown) =>
    Object.assign(new Error('aborted', { cause }), { name: 'AbortError' });
  const caused = abortError(makeCancelledError());
  expect(() => rethrowCancelled(caused)).toThrow(caused);
  for (const other of [
    abortError(undefined),
    new Error('no', { cause: makeCancelledError() }),
    null,
    undefined,
    1,
  ]) {
    expect(() => rethrowCancelled(other)).not.toThrow();
  }
});
