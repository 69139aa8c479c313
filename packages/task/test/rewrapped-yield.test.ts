/** A host whose `yield*` passes on what was yielded in a result object of its own, as JavaScriptCore's does. */
import { Future } from '@aiokit/future';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';

/** The coroutine, whose results are others than those that it has made. */
function rewrapped<T>(steps: Coroutine<T>): Coroutine<T> {
  const again = (result: IteratorResult<never, T>): IteratorResult<never, T> => ({ ...result });
  return {
    next: (sent: unknown) => again(steps.next(sent) as never),
    throw: (error: unknown) => again(steps.throw(error) as never),
    return: (value: T) => again(steps.return(value) as never),
    [Symbol.iterator]() {
      return this;
    },
  } as unknown as Coroutine<T>;
}

test('TASK-2 what yield* waits for is known by its value', () => {
  const loop = new VirtualLoop();
  const future = new Future<string>({ loop });
  loop.callLater(5, () => future.setResult('set'));
  function* body(): Coroutine<string> {
    yield* sleep(0);
    yield* sleep(1);
    return `${yield* future} ${loop.time()}`;
  }
  expect(loop.runUntilComplete(createTask(rewrapped(body()), { loop }))).toBe('set 5');
  function* failing(): Coroutine<string> {
    yield future;
    return 'not refused';
  }
  expect(() => loop.runUntilComplete(createTask(rewrapped(failing()), { loop }))).toThrow(
    /^yield was used instead of yield\*/,
  );
  loop.close();
});
