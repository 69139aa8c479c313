/** What an exploration has found. */

/** What is wrong with a schedule. */
export type FailureKind =
  | 'error'
  | 'invariant'
  | 'deadlock'
  | 'livelock'
  | 'leak'
  | 'unhandled'
  | 'nondeterminism';

/** A step of a schedule. */
export interface Step {
  /** Whose step it is: the name of a task, `(cancel)`, or `(loop)` for callbacks. */
  readonly who: string;
  /** What happened: what was noted and taken, and how the step ended. */
  readonly what: string;
  /** When, in milliseconds of the loop's clock. */
  readonly atMs: number;
}

/** A schedule under which something is wrong. */
export interface Failure {
  readonly kind: FailureKind;
  /** What is wrong, in one line. */
  readonly message: string;
  /** What was thrown, if something was. */
  readonly error: unknown;
  /** Reproduces it: `replay(program, token)`. */
  readonly token: string;
  /** How many schedules had been run when it was found, this one included. */
  readonly foundAt: number;
  /** How many choices differ from what FIFO would do, after shrinking. */
  readonly departures: number;
  /** Whether asyncio's own order leads there, with other delays of timers. */
  readonly fifo: boolean;
  /** Who waits for what, one line each. */
  readonly waiting: readonly string[];
  /** The steps of the shrunk schedule. */
  readonly steps: readonly Step[];
  /** The steps as text, one column a task. */
  readonly table: string;
}

/** The result of an exploration. */
export interface Report {
  /** Whether nothing was wrong. */
  readonly ok: boolean;
  /** How many schedules were run. */
  readonly schedules: number;
  /** Whether these were all that there are, within the bounds that were given. */
  readonly complete: boolean;
  /** What the random strategies began with. */
  readonly seed: number;
  /** The most steps of a run. */
  readonly longest: number;
  /** What was found, if something is wrong. */
  readonly failure: Failure | undefined;
  /** The report as text. */
  toString(): string;
}
