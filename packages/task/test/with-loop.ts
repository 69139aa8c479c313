/** Programs on a loop in virtual time: the test fails if something was reported, or is left, that it did not expect. */
import { type ExceptionContext, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { allTasks, type Coroutine, createTask, type Scope } from '@aiokit/task';
import { assert } from 'vitest';

export { hop, thrownBy } from '../../loop-core/test/watched-loops.js';

export class TestLoop extends VirtualLoop {
  #reports: ExceptionContext[] = [];

  constructor() {
    super();
    this.setExceptionHandler((_, context) => this.#reports.push(context));
  }

  /** Runs one iteration. */
  tick(): void {
    this.stop();
    this.runForever();
  }

  /** What the exception handler was told since this was last asked. */
  takeReports(): ExceptionContext[] {
    const reports = this.#reports;
    this.#reports = [];
    return reports;
  }

  /** Ends the loop, and fails if that shows something left over. */
  finish(): void {
    if (!this.isClosed()) {
      const time = this.time();
      this.runUntilIdle();
      assert.deepEqual([...allTasks(this)].map(String), [], 'tasks that are pending');
      assert.equal(this.time() - time, 0, 'milliseconds to the last pending timer');
      this.close();
    }
    assert.deepEqual(this.takeReports(), []);
  }
}

/** Runs a test with a loop of its own, which is the default one meanwhile. */
export async function withLoop(body: (loop: TestLoop) => unknown): Promise<void> {
  const loop = new TestLoop();
  setEventLoop(loop);
  try {
    await body(loop);
    loop.finish();
  } finally {
    setEventLoop(null);
  }
}

/** Runs a main coroutine as a task on a loop of its own. */
export function play<T>(main: (loop: TestLoop) => Coroutine<T>): T {
  const loop = new TestLoop();
  setEventLoop(loop);
  try {
    const result = loop.runUntilComplete(main(loop));
    loop.finish();
    return result;
  } finally {
    setEventLoop(null);
  }
}

/** Runs an async main function as a task on a loop of its own. */
export async function playAsync<T>(main: (scope: Scope, loop: TestLoop) => Promise<T>): Promise<T> {
  const loop = new TestLoop();
  setEventLoop(loop);
  try {
    const result = await loop.runUntilCompleteAsync(createTask((scope) => main(scope, loop)));
    loop.finish();
    return result;
  } finally {
    setEventLoop(null);
  }
}

/** What a wait is thrown, in a coroutine; fails if it is nothing. */
export function* thrownIn(waiting: {
  [Symbol.iterator](): Iterator<unknown, unknown, unknown>;
}): Coroutine<Error & { readonly code?: string }> {
  let result: unknown;
  try {
    result = yield* waiting as Coroutine<unknown>;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`nothing was thrown, the result is ${String(result)}`);
}

/** What a promise is rejected with; fails if it is not. */
export async function rejection(waiting: PromiseLike<unknown>): Promise<Error & { readonly code?: string }> {
  let result: unknown;
  try {
    result = await waiting;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`it resolved to ${String(result)}`);
}
