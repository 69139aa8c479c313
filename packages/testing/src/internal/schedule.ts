/**
 * The choices of one run: which were asked for, and what was answered. A strategy answers; the record is what a token, a
 * replay and the shrinker work with.
 */

/** What asks, and can tell what it is about. */
export interface Asking {
  /** What the possibility of a number is about: a task, where that is known. */
  about(choice: number): object;
  /** How many steps were run before. */
  readonly steps: number;
}

/** Answers the choices of run after run. */
export interface Strategy {
  /** A choice among `n` possibilities, 0 being what FIFO does; `at` is its number in the run. */
  choose(kind: string, n: number, at: number, asking: Asking): number;
  /** The run is over; false if there is no other to make. */
  next(schedule: Schedule): boolean;
}

/** What was chosen in a run. */
export class Schedule {
  readonly choices: number[] = [];
  readonly widths: number[] = [];
  length = 0;

  /** Notes a choice. */
  add(choice: number, n: number): void {
    this.choices[this.length] = choice;
    this.widths[this.length++] = n;
  }

  /** The choices up to the last that is not FIFO's. */
  trimmed(): number[] {
    let { length } = this;
    while (length > 0 && this.choices[length - 1] === 0) length--;
    return this.choices.slice(0, length);
  }

  /** A short number that runs of the same choices share. */
  check(): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < this.length; at++) {
      hash = Math.imul(hash ^ (this.widths[at] as number), 0x01000193);
      hash = Math.imul(hash ^ (this.choices[at] as number), 0x01000193);
    }
    return (hash ^ (hash >>> 16)) & 0xffff;
  }
}

/** Answers what it was given, then as FIFO does. */
export class Recorded implements Strategy {
  readonly #choices: readonly number[];

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  choose(_kind: string, n: number, at: number): number {
    return Math.min(this.#choices[at] ?? 0, n - 1);
  }

  next(): boolean {
    return false;
  }
}

/** Answers what it was given, modulo the number of possibilities. */
export class Modulo extends Recorded {
  override choose(kind: string, n: number, at: number): number {
    return super.choose(kind, Infinity, at) % n;
  }
}
