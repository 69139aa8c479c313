/** What a run was like, step by step: plain data, which a worker can send. */

/** What a task is doing. */
export type TaskState =
  | 'running'
  | 'ready'
  | 'waiting'
  | 'sleeping'
  | 'host'
  | 'done'
  | 'failed'
  | 'cancelled';

/** A task at one moment. */
export interface TaskMoment {
  readonly name: string;
  readonly state: TaskState;
  /** What it waits for, or how it has ended; empty if there is nothing to say. */
  readonly detail: string;
  /** What it holds. */
  readonly holds: readonly string[];
}

/** A lock, a queue, or the like at one moment. */
export interface ThingMoment {
  readonly name: string;
  /** As it prints. */
  readonly text: string;
  /** Who waits for it, in order. */
  readonly waiters: readonly string[];
  readonly holders: readonly string[];
}

/** What could have come at one place of a schedule. */
export interface Choice {
  /** Its number in the schedule. */
  readonly at: number;
  /** What is chosen, as a sentence that the options end. */
  readonly question: string;
  readonly options: readonly string[];
  readonly chosen: number;
}

/** The state of a program after a step. */
export interface Moment {
  readonly atMs: number;
  /** Whose step it was: a task, `(loop)` or `(cancel)`. */
  readonly who: string;
  /** What happened in it. */
  readonly what: string;
  /** What was printed in it. */
  readonly printed: readonly string[];
  readonly tasks: readonly TaskMoment[];
  readonly things: readonly ThingMoment[];
  /** What was chosen on the way to it. */
  readonly choices: readonly Choice[];
}

/** What was wrong with a run. */
interface Wrong {
  readonly kind: string;
  readonly message: string;
  /** Who waits for what. */
  readonly waiting: readonly string[];
  /** Whether asyncio's own order leads there, with other delays. */
  readonly fifo: boolean;
}

/** A run. */
export interface Recording {
  readonly moments: readonly Moment[];
  /** What was chosen at each place. */
  readonly choices: readonly number[];
  /** Repeats it: `replay(program, token)`; undefined if the program depends on the host. */
  readonly token: string | undefined;
  readonly wrong: Wrong | undefined;
  /** The steps as text. */
  readonly table: string;
}

/** What a search has found. */
export interface Search {
  readonly schedules: number;
  /** Whether these were all. */
  readonly complete: boolean;
  /** The run that is wrong. */
  readonly recording: Recording | undefined;
}
