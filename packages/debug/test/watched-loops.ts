/** Loops for tests: a test fails if its loop reported, or has pending at the end, what the test did not expect. */
import { type ExceptionContext, HostLoop, type HostLoopOptions, realm } from '@aiokit/loop-core';
import { VirtualLoop, type VirtualLoopOptions } from '@aiokit/loop-core/virtual';
import { assert, onTestFinished } from 'vitest';

export class WatchedVirtualLoop extends VirtualLoop {
  readonly #reports: ExceptionContext[] = [];

  constructor(options?: VirtualLoopOptions) {
    super(options);
    this.setExceptionHandler((_, context) => this.#reports.push(context));
    onTestFinished(() => this.finish());
  }

  /** Runs one iteration. */
  tick(): void {
    this.stop();
    this.runForever();
  }

  takeReports(): ExceptionContext[] {
    return this.#reports.splice(0);
  }

  finish(): void {
    if (!this.isClosed()) {
      const time = this.time();
      this.runUntilIdle();
      this.close();
      assert.equal(this.time() - time, 0, 'milliseconds to the last pending timer');
    }
    assert.deepEqual(this.takeReports(), [], 'reports');
    assert.equal(realm.running, undefined, 'the running loop');
  }
}

export class WatchedHostLoop extends HostLoop {
  readonly #reports: ExceptionContext[] = [];

  constructor(options?: HostLoopOptions) {
    super(options);
    this.setExceptionHandler((_, context) => this.#reports.push(context));
    onTestFinished(() => this.finish());
  }

  /** How many slots and timers are waiting for an iteration. */
  get pending(): number {
    return this.isClosed() ? 0 : this.count + this.size - this.at + this.timers.size;
  }

  takeReports(): ExceptionContext[] {
    return this.#reports.splice(0);
  }

  finish(): void {
    const { pending } = this;
    this.close();
    assert.equal(pending, 0, 'what is pending');
    assert.deepEqual(this.takeReports(), [], 'reports');
    assert.equal(realm.running, undefined, 'the running loop');
  }
}

/** Gives the host's promises, then its immediates, a turn. */
export const hop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What is thrown; fails if nothing is. */
export function thrownBy(action: () => unknown): Error & { readonly code?: string } {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
