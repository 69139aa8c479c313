/** Ways to search the schedules of a program: all of them in order, at random, by priorities, and a mixture. */
import type { Asking, Schedule, Strategy } from './schedule.js';

/** A program that answers differently to the same choices. */
export const DIVERGED = 'the choices that were offered differ between two runs of the same schedule';

/** A generator of numbers from 0 to 1, from a seed. */
export type Random = () => number;

/** @param seed an integer */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Depth first: the last choice that has another possibility is changed. Of `bound`, the steps that are not FIFO's are
 * counted; no schedule has more of them.
 */
export class Exhaustive implements Strategy {
  readonly #choices: number[] = [];
  readonly #widths: number[] = [];
  /** How many departures from FIFO stand before a choice. */
  readonly #before: number[] = [];
  /** Whether a choice counts. */
  readonly #counts: boolean[] = [];
  readonly #bound: number;
  #prefix = 0;
  #length = 0;
  /** Whether the bound has kept a schedule away. */
  pruned = false;
  /** Whether the program did not offer what it offered before. */
  diverged = false;

  constructor(bound = Infinity) {
    this.#bound = bound;
  }

  choose(kind: string, n: number, at: number): number {
    this.#length = at + 1;
    if (at < this.#prefix) {
      if (this.#widths[at] !== n) this.diverged = true;
      return Math.min(this.#choices[at] as number, n - 1);
    }
    this.#choices[at] = 0;
    this.#widths[at] = n;
    if (this.#bound < Infinity) {
      const counts = kind === 'step' || kind === 'host';
      this.#counts[at] = counts;
      this.#before[at] =
        at === 0
          ? 0
          : (this.#before[at - 1] as number) + (this.#counts[at - 1] && this.#choices[at - 1] ? 1 : 0);
    }
    return 0;
  }

  next(): boolean {
    if (this.#length < this.#prefix) this.diverged = true;
    const bound = this.#bound;
    for (let at = this.#length - 1; at >= 0; at--) {
      const choice = (this.#choices[at] as number) + 1;
      if (choice < (this.#widths[at] as number)) {
        if (bound === Infinity || !this.#counts[at] || (this.#before[at] as number) < bound) {
          this.#choices[at] = choice;
          this.#prefix = at + 1;
          this.#length = 0;
          return true;
        }
        this.pruned = true;
      }
    }
    return false;
  }
}

/** Depth first with a bound of 1, then 2, and so on. */
export class Deepening implements Strategy {
  #bound = 1;
  #search = new Exhaustive(1);

  choose(kind: string, n: number, at: number): number {
    return this.#search.choose(kind, n, at);
  }

  next(): boolean {
    if (this.#search.next()) return true;
    if (!this.#search.pruned) return false;
    this.#search = new Exhaustive(++this.#bound);
    return true;
  }
}

/** Each choice at random; a cancellation lands at any step with the same probability. */
export class Uniform implements Strategy {
  protected readonly random: Random;
  /** The most steps that a run has had. */
  protected longest = 20;

  constructor(random: Random) {
    this.random = random;
  }

  choose(kind: string, n: number, _at: number, asking: Asking): number {
    if (asking.steps > this.longest) this.longest = asking.steps;
    if (kind === 'cancel' && this.random() * this.longest > 1) return 0;
    const first = kind === 'cancel' ? 1 : 0;
    return first + Math.floor(this.random() * (n - first));
  }

  next(_schedule: Schedule): boolean {
    return true;
  }
}

/**
 * Priorities at random, which change at a few steps (PCT): a bug that needs `depth` orderings is found with a probability
 * that falls with the length of the run, not with the number of its schedules.
 */
export class Priorities extends Uniform {
  readonly #depth: number;
  #priorities = new Map<object, number>();
  #changes: number[] = [];

  constructor(random: Random, depth: number) {
    super(random);
    this.#depth = depth;
    this.#renew();
  }

  override choose(kind: string, n: number, at: number, asking: Asking): number {
    if (kind !== 'step') return super.choose(kind, n, at, asking);
    let best = this.#best(n, asking);
    const change = this.#changes.indexOf(asking.steps);
    if (change >= 0) {
      this.#changes[change] = -1;
      this.#priorities.set(asking.about(best), -1 - change);
      best = this.#best(n, asking);
    }
    if (asking.steps > this.longest) this.longest = asking.steps;
    return best;
  }

  override next(): boolean {
    this.#renew();
    return true;
  }

  #best(n: number, asking: Asking): number {
    let best = 0;
    let highest = -Infinity;
    for (let choice = 0; choice < n; choice++) {
      const about = asking.about(choice);
      let priority = this.#priorities.get(about);
      if (priority === undefined) this.#priorities.set(about, (priority = this.random()));
      if (priority > highest) {
        highest = priority;
        best = choice;
      }
    }
    return best;
  }

  #renew(): void {
    this.#priorities = new Map();
    this.#changes = Array.from({ length: this.#depth - 1 }, () => Math.floor(this.random() * this.longest));
  }
}

/** Every second run is depth first; the others take turns. Over when the first is. */
export class Portfolio implements Strategy {
  readonly exhaustive: Exhaustive = new Exhaustive();
  readonly #others: Strategy[];
  #run = 0;
  #current: Strategy = this.exhaustive;

  constructor(random: Random, depth: number) {
    this.#others = [new Deepening(), new Uniform(random), new Priorities(random, depth)];
  }

  choose(kind: string, n: number, at: number, asking: Asking): number {
    return this.#current.choose(kind, n, at, asking);
  }

  next(schedule: Schedule): boolean {
    if (!this.#current.next(schedule)) {
      if (this.#current === this.exhaustive) return false;
      this.#others.splice(this.#others.indexOf(this.#current), 1);
    }
    const run = ++this.#run;
    this.#current =
      run % 2 === 0 ? this.exhaustive : (this.#others[(run >> 1) % this.#others.length] as Strategy);
    return true;
  }
}
