/** A loop in virtual time that says when an iteration begins and ends. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';

export class TickLoop extends VirtualLoop {
  readonly #before: () => void;
  readonly #after: () => void;

  constructor(before: () => void, after: () => void) {
    super();
    this.#before = before;
    this.#after = after;
  }

  /** Whether nothing is ready, and nothing will be. */
  get idle(): boolean {
    return !this.busy && this.timers.next() === Infinity;
  }

  protected override step(): boolean {
    this.#before();
    const went = super.step();
    this.#after();
    return went;
  }
}
