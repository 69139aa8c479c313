/** What the scenarios share: programs that must be right under every schedule. */
import type { AbortSignalLike } from '@aiokit/loop-core';
import type { ExploreOptions, Program, World } from '@aiokit/testing';

/** A program that must be right under every schedule, and how it is searched. */
export interface Scenario {
  readonly program: Program;
  readonly options?: ExploreOptions;
}

/** A program, cancelled once, anywhere. */
export const cancelled = (program: Program, cancellations = 1): Scenario => ({
  program,
  options: { cancellations },
});

/** When all that can happen without the clock has happened, long after everything else. */
export const LATE = 1000;

/** Whoever was asked to be cancelled is cancelled in the end. */
export function obeys(world: World, tasks: readonly { cancelling(): number; cancelled(): boolean }[]): void {
  world.atEnd(
    () => tasks.every((task) => task.cancelling() === 0 || task.cancelled()),
    'a task was cancelled and goes on',
  );
}

/** Who asked for something, and who got it: nobody overtakes. */
export class Line {
  readonly #asked: number[] = [];
  readonly #got: number[] = [];

  /** Takes a number. */
  ask(): number {
    return this.#asked.push(this.#asked.length);
  }

  /** It is the turn of a number. */
  got(number: number): void {
    if (this.#got.some((before) => before > number)) throw new Error('somebody was overtaken');
    this.#got.push(number);
  }
}

/** A signal that can tell how many listen to it. */
export class CountingSignal implements AbortSignalLike {
  aborted = false;
  reason: unknown;
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
