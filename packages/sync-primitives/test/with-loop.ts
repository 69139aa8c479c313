/** A loop in virtual time for a test, which fails if something was reported, or is left, that it did not expect. */
import { type ExceptionContext, setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { assert } from 'vitest';

/** A primitive that can say whether somebody waits. */
interface Watched {
  statistics(): { readonly waiting: number };
}

export class TestLoop extends VirtualLoop {
  readonly reports: ExceptionContext[] = [];
  readonly #watched: Watched[] = [];

  constructor() {
    super();
    this.setExceptionHandler((_, context) => this.reports.push(context));
  }

  /** Has the test fail if somebody waits for the primitive at its end. */
  watch<W extends Watched>(primitive: W): W {
    this.#watched.push(primitive);
    return primitive;
  }

  /** Runs one iteration. */
  tick(): void {
    this.stop();
    this.runForever();
  }

  /** Runs until so many milliseconds have passed. */
  advance(ms: number): void {
    this.callLater(ms, () => this.stop());
    this.runForever();
  }

  /** Ends the loop, and fails if that shows something left over. */
  finish(): void {
    if (!this.isClosed()) {
      const time = this.time();
      this.runUntilIdle();
      assert.equal(this.time() - time, 0, 'milliseconds to the last pending timer');
      this.close();
    }
    for (const one of this.#watched) {
      assert.equal(one.statistics().waiting, 0, 'waiters are left');
      assert.notMatch(String(one), /waiters=[1-9]\d*(?!\/)>/, 'waiters are left');
    }
    assert.deepEqual(this.reports, []);
  }
}

/** Runs a test on a loop of its own, which is the default one meanwhile. */
export async function withLoop<R>(body: (loop: TestLoop) => R | Promise<R>): Promise<R> {
  const loop = new TestLoop();
  setEventLoop(loop);
  try {
    const result = await body(loop);
    loop.finish();
    return result;
  } finally {
    setEventLoop(null);
  }
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
