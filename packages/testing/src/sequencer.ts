/** Has sections of several tasks come in an order that the test says. Invariant: a turn begins when the one before has ended. */
import { Future } from '@aiokit/future';
import { refuse, RuntimeError } from '@aiokit/loop-core';
import type { Coroutine } from '@aiokit/task';

/** The turn of a section: it ends when it is disposed of. */
export class Turn {
  #end: (() => void) | undefined;

  constructor(end: () => void) {
    this.#end = end;
  }

  /** Ends the turn: the next section begins. A second time does nothing. */
  end(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** `end()`. */
  [Symbol.dispose](): void {
    this.end();
  }
}

/**
 * Puts sections of tasks in an order: section 0 first, then 1, and so on, whoever arrives when.
 *
 * @example
 * const sequencer = new Sequencer();
 * // in one task
 * yield* sequencer.with(0, function* () { yield* queue.put('a'); });
 * // in another
 * yield* sequencer.with(1, function* () { yield* queue.get(); });
 * @source KIT-3 · no CPython counterpart; trio's `Sequencer`
 */
export class Sequencer {
  #next = 0;
  #broken = false;
  readonly #waiting = new Map<number, Future<Turn>>();
  readonly #used = new Set<number>();

  /**
   * Waits for the turn of a section.
   *
   * @param position its number; 0 is the first
   * @returns the turn, which the caller must end; in a generator task `using turn = yield* sequencer.turn(1)`
   * @throws RangeError if the number is none, RuntimeError (`SEQUENCE`) if it was used before, or a section was cancelled
   * while it waited for its turn; nothing has changed
   * @ordering by number
   * @cancellation breaks the sequence: all who wait are thrown a RuntimeError (`SEQUENCE`). Whoever is cancelled after the
   * turn has come, and before it goes on, has a turn that nobody ends: prefer `with`
   * @complexity O(1)
   * @source KIT-3 · no CPython counterpart; trio's `Sequencer.__call__`
   */
  turn(position: number): Future<Turn> {
    if (!Number.isSafeInteger(position) || position < 0) {
      refuse('position', 'an integer of 0 or more', position, RangeError);
    }
    if (this.#used.has(position)) throw rule(`position ${position} of the sequence is used already`);
    if (this.#broken) throw broken();
    this.#used.add(position);
    const future = new Future<Turn>();
    this.#waiting.set(position, future);
    future.addDoneCallback(() => {
      if (future.cancelled()) this.#break();
    });
    this.#begin();
    return future;
  }

  /**
   * Runs a section of a generator task in its turn.
   *
   * @param position its number; 0 is the first
   * @param section the section
   * @returns what it returns
   * @throws as `turn`
   * @ordering by number
   * @cancellation as `turn`; within the section the turn ends
   * @complexity O(1)
   * @source KIT-3 · no CPython counterpart; trio's `Sequencer.__call__`
   */
  *with<T>(position: number, section: () => Coroutine<T>): Coroutine<T> {
    const future = this.turn(position);
    let turn: Turn;
    try {
      turn = yield* future;
    } catch (error) {
      // Its turn may have come, and nobody would end it.
      this.#break();
      throw error;
    }
    try {
      return yield* section();
    } finally {
      turn.end();
    }
  }

  #begin(): void {
    const future = this.#waiting.get(this.#next);
    if (!future) return;
    this.#waiting.delete(this.#next);
    if (future.done()) return;
    future.setResult(
      new Turn(() => {
        this.#next++;
        this.#begin();
      }),
    );
  }

  #break(): void {
    this.#broken = true;
    for (const future of this.#waiting.values()) if (!future.done()) future.setException(broken());
    this.#waiting.clear();
  }
}

const rule = (message: string): RuntimeError => new RuntimeError(message, { code: 'SEQUENCE' });

const broken = (): RuntimeError => rule('the sequence is broken: a section was cancelled before its turn');
