/** A loop in virtual time for a test: the test fails if something was reported, or is left, that it did not expect. */
import { type ExceptionContext, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop, type VirtualLoopOptions } from '@aiokit/loop-core/virtual';
import type { QueueStatistics } from '@aiokit/queue';
import { assert } from 'vitest';

interface Counted {
  statistics(): QueueStatistics;
}

export class TestLoop extends VirtualLoop {
  #reports: ExceptionContext[] = [];
  readonly #queues: Counted[] = [];

  constructor(options?: VirtualLoopOptions) {
    super(options);
    this.setExceptionHandler((_, context) => this.#reports.push(context));
  }

  /** Has the test fail if somebody waits for the queue at its end. */
  owns<Q extends Counted>(queue: Q): Q {
    this.#queues.push(queue);
    return queue;
  }

  /** Runs one iteration. */
  tick(): void {
    this.stop();
    this.runForever();
  }

  /** Runs until so many milliseconds have passed, the timers of that instant included. */
  advance(ms: number): void {
    this.callLater(ms, () => this.stop());
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
      assert.equal(this.time() - time, 0, 'milliseconds to the last pending timer');
      this.close();
    }
    for (const queue of this.#queues) {
      const { getters, putters, joiners, reservedItems, reservedPlaces } = queue.statistics();
      assert.deepEqual([getters, putters, joiners], [0, 0, 0], 'somebody is left waiting');
      assert.deepEqual([reservedItems, reservedPlaces], [0, 0], 'a turn is left');
    }
    assert.deepEqual(this.takeReports(), []);
  }
}

/** Runs a test on a loop of its own, which is the default one meanwhile. */
export function withLoop<R>(body: (loop: TestLoop) => R, options?: VirtualLoopOptions): R {
  const loop = new TestLoop(options);
  setEventLoop(loop);
  let result: R;
  try {
    result = body(loop);
    if (result instanceof Promise) {
      const finish = (value: unknown): unknown => {
        loop.finish();
        return value;
      };
      return result.then(finish).finally(() => setEventLoop(null)) as R;
    }
    loop.finish();
  } catch (error) {
    setEventLoop(null);
    throw error;
  }
  setEventLoop(null);
  return result;
}

/** Lets the host run what it has ready: promises, and one macrotask. */
export const hop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Gives the loop and the host turns until both have settled what is ready now. The clock stands still. */
export async function settle(loop: TestLoop): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await hop();
    loop.tick();
  }
  await hop();
}

/** What is thrown, or `undefined`. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The name of an error, and everything else as it is. */
export const nameOf = (error: unknown): unknown => (error instanceof Error ? error.name : error);
