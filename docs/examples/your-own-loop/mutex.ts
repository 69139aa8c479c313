// A lock of our own: one holder at a time, first come, first served. It knows nothing of the loop that it works on.
import { checkWait, type Waiter, type WaitOptions, WaitQueue } from '@aiokit/loop-core/wait-queue';

export class Mutex {
  readonly turns: WaitQueue<void> = new WaitQueue<void>({
    deliver() {},
    passed: () => this.release(),
  });
  #taken = false;

  /** Waits for the turn. Whoever has it must release(). */
  acquire(options?: WaitOptions): Waiter<void> {
    checkWait(options);
    const turn = this.turns.join(options);
    this.#grant();
    return turn;
  }

  /** Gives the turn to the next. */
  release(): void {
    this.#taken = false;
    this.#grant();
  }

  #grant(): void {
    if (!this.#taken) this.#taken = this.turns.grant() !== undefined;
  }
}
