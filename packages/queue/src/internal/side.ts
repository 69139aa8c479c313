/**
 * One of the two sides of a queue: those who wait for items, or for places.
 *
 * Invariant: `turns` of the supply are reserved for those whose turn has come. Who waits although there is more has come
 * behind them, in this iteration.
 */
import { type Waiter, type WaitOptions, type WaitOwner, WaitQueue } from '@aiokit/loop-core/wait-queue';

/** While those are sent away whose loop is closed, nobody is woken in their place. */
let deserted = false;

export class Side implements WaitOwner<unknown> {
  turns = 0;
  readonly waiters: WaitQueue<unknown> = new WaitQueue<unknown>(this);

  /** How many items or places there are. */
  readonly #supply: () => number;
  /** Moves items; what it returns is the result of the wait. */
  readonly #move: (what: unknown) => unknown;
  /** Whether who is first must do with what is there. */
  readonly #isScarce: (there: number) => boolean;
  /** The queue that it is a side of, for reports. */
  readonly primitive: object;
  readonly unheard: (waiter: Waiter<unknown>) => void;

  constructor(
    supply: () => number,
    move: (what: unknown) => unknown,
    primitive: object,
    isScarce: (there: number) => boolean,
    unheard: (waiter: Waiter<unknown>) => void,
  ) {
    this.#supply = supply;
    this.#move = move;
    this.primitive = primitive;
    this.#isScarce = isScarce;
    this.unheard = unheard;
  }

  toString(): string {
    return String(this.primitive);
  }

  /** How much a newcomer may have: what nobody has a turn for, or waits for. */
  get spare(): number {
    const { live } = this.waiters;
    return live === 0 || this.turns > 0 ? this.#supply() - this.turns - live : 0;
  }

  /** Waits in line; for an error if there is one. */
  join(options: WaitOptions | undefined, weight: number, what: unknown, error?: Error): Waiter<unknown> {
    const waiter = this.waiters.join(error && options ? { signal: options.signal } : options, weight, what);
    if (error) waiter.abort(error);
    // In the next iteration those who have their turn now have taken it.
    else if (this.turns > 0 && waiter.live()) waiter.getLoop().enqueue({ run: () => this.wake() });
    return waiter;
  }

  /** Gives turns to those who are first, while there is enough for them; or to all. */
  wake(all?: boolean): void {
    for (let first = this.waiters.first; first !== undefined && !deserted; first = this.waiters.first) {
      const there = this.#supply() - this.turns;
      if (!all && there < first.weight) {
        if (!this.#isScarce(there)) return;
        if (there > 0) first.weight = there;
      }
      this.turns += first.weight;
      try {
        this.waiters.grant();
      } catch {
        // Its loop is closed: nobody will step it.
        if (first.live()) this.turns -= first.weight;
        deserted = true;
        first.abandon();
        deserted = false;
      }
    }
  }

  deliver({ weight, value }: Waiter<unknown>): unknown {
    this.turns -= weight;
    try {
      return this.#move(value);
    } finally {
      this.wake();
    }
  }

  passed({ weight }: Waiter<unknown>): void {
    this.turns -= weight;
    this.wake();
  }

  left(): void {
    this.wake();
  }
}
