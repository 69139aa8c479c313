/**
 * The suite that any loop must pass, with a test runner of your choice.
 *
 * Each clause stands in `docs/semantics/event-loop.md` under the id that begins the title of its test. A clause makes a
 * loop of its own; clauses are run one after another. What a loop does not claim to do is left out by its capabilities:
 * there is no other way to leave a clause out.
 */
import type { Awaitable, EventLoop, ExceptionContext, ExceptionHandler } from './event-loop.js';
import { argumentClauses } from './internal/compliance/arguments.js';
import { contextClauses } from './internal/compliance/contexts.js';
import { exceptionClauses } from './internal/compliance/exceptions.js';
import { handleClauses } from './internal/compliance/handles.js';
import { hostClauses } from './internal/compliance/host-turns.js';
import { iterationClauses } from './internal/compliance/iterations.js';
import { programClauses } from './internal/compliance/program-loops.js';
import { readyClauses } from './internal/compliance/ready.js';
import { runningClauses } from './internal/compliance/running.js';
import { timerClauses } from './internal/compliance/timers.js';
import { Trial } from './internal/compliance/trial.js';
import { waitOnHost } from './internal/compliance/wait-on-host.js';

/** asyncio's interface of a loop: what a program needs beyond what a primitive needs. */
export interface ProgramEventLoop extends EventLoop {
  /** Runs until `stop()`; may return a promise of the end. */
  runForever(): unknown;
  /** Runs until `main` is done, and returns its result or a promise of it. */
  runUntilComplete<T>(main: Awaitable<T>): T | Promise<T>;
  /** Ends the run at the end of the iteration. */
  stop(): void;
  /** Whether a run method is at work. */
  isRunning(): boolean;
  /** Ends the loop for good. */
  close(): void;
  /** Whether the loop is closed. */
  isClosed(): boolean;
  /** Sets what is given what nobody caught; null for the default. */
  setExceptionHandler(handler: ExceptionHandler | null): void;
  /** The exception handler that was set, or null. */
  getExceptionHandler(): ExceptionHandler | null;
  /** What does it if none was set: logs. */
  defaultExceptionHandler(context: ExceptionContext): void;
  /** Sets what makes tasks of coroutines; null for the default. */
  setTaskFactory(factory: ((loop: EventLoop, coroutine: unknown) => unknown) | null): void;
  /** The task factory that was set, or null. */
  getTaskFactory(): unknown;
  /** Turns debug mode on or off. */
  setDebug(enabled: boolean): void;
  getDebug(): boolean;
}

/** What a loop claims beyond the least. Clauses about the rest are left out. */
export interface Capabilities {
  /** Its clock stands still while anything is ready, and jumps to the next deadline when nothing is. */
  readonly virtualTime?: boolean;
  /** It fires timers itself: by deadline and order of creation, after what was ready before. */
  readonly orderedTimers?: boolean;
  /** It is a `ProgramEventLoop`. */
  readonly programLoop?: boolean;
  /** Its run methods return when the run is over, not a promise. */
  readonly blockingRun?: boolean;
  /** It lives on the host's loop, and lets the host's promises, timers and I/O have their turn. */
  readonly hostTurn?: boolean;
  /** It keeps the `AsyncLocalStorage` context of what is scheduled. */
  readonly asyncContext?: boolean;
}

/** The name of a capability. */
export type Capability = keyof Capabilities;

/** The loop under test. */
export interface Subject<L extends EventLoop = EventLoop> {
  /** Names the group of tests. */
  readonly name: string;
  /** What the loop claims. */
  readonly capabilities: Capabilities;
  /** Makes a loop; called once a clause. */
  create(): L;
  /**
   * Drives the loop until nothing is left to do; it may end earlier once `done()`. A loop that the host drives only has
   * to be waited for: `run: waitOnHost`.
   */
  run(loop: L, done: () => boolean): void | Promise<void>;
}

/** What the suite needs of a test runner. */
export interface Runner {
  /** Groups tests. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Registers a test, which fails by a rejection. */
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

/** A rule of `docs/semantics/event-loop.md`. */
export interface Clause {
  /** Its number, such as `LOOP-2.1`. */
  readonly id: string;
  /** The rule in short. */
  readonly title: string;
  /** The capabilities without which it is left out. */
  readonly needs: readonly Capability[];
}

/** How a loop stands to a clause. */
export interface Verdict {
  /** The clause's number. */
  readonly id: string;
  /** The rule in short. */
  readonly title: string;
  /** What failed; absent if the loop complies. */
  readonly error?: unknown;
}

const tests = [
  ...readyClauses,
  ...iterationClauses,
  ...timerClauses,
  ...handleClauses,
  ...argumentClauses,
  ...exceptionClauses,
  ...programClauses,
  ...runningClauses,
  ...hostClauses,
  ...contextClauses,
];

/** Every clause that the suite tests, in order. */
export const clauses: readonly Clause[] = tests.map(({ id, title, needs }) => ({ id, title, needs }));

const CAPABILITIES: Required<Capabilities> = {
  virtualTime: true,
  orderedTimers: true,
  programLoop: true,
  blockingRun: true,
  hostTurn: true,
  asyncContext: true,
};

function applicable({ capabilities }: Subject): typeof tests {
  for (const name of Object.keys(capabilities)) {
    if (!Object.hasOwn(CAPABILITIES, name)) {
      throw new TypeError(`a capability must be one of ${Object.keys(CAPABILITIES).join(', ')}, got ${name}`);
    }
  }
  return tests.filter(({ needs }) => needs.every((capability) => capabilities[capability]));
}

async function judge(subject: Subject, { test }: (typeof tests)[number]): Promise<void> {
  const trial = new Trial(subject);
  try {
    await test(trial);
    trial.checkQuiet();
  } finally {
    trial.end();
  }
}

/**
 * Registers a test for every clause that applies to a loop. A clause that does not apply is no test.
 *
 * @param subject the loop
 * @param runner `describe` and `it` of vitest, node:test, mocha, Jest, …
 * @throws TypeError if a capability is claimed that does not exist; no test is registered
 * @example
 * compliance(
 *   { name: 'MyLoop', create: () => new MyLoop(), run: (loop) => loop.runUntilIdle(), capabilities: { virtualTime: true } },
 *   { describe, it },
 * );
 * @source no CPython counterpart
 */
export function compliance<L extends EventLoop>(subject: Subject<L>, runner: Runner): void {
  const found = applicable(subject);
  runner.describe(subject.name, () => {
    for (const clause of found) {
      runner.it(`${clause.id} ${clause.title}`, () => judge(subject, clause));
    }
  });
}

/**
 * Judges a loop by every clause that applies to it, without a test runner.
 *
 * @param subject the loop
 * @returns settles when all clauses are through; one verdict a clause, in order
 * @throws TypeError if a capability is claimed that does not exist
 * @ordering one clause after another
 * @cancellation none
 * @complexity some milliseconds a clause on the host's clock, less in virtual time
 * @source no CPython counterpart
 */
export async function runCompliance<L extends EventLoop>(subject: Subject<L>): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const clause of applicable(subject)) {
    const { id, title } = clause;
    try {
      await judge(subject, clause);
      verdicts.push({ id, title });
    } catch (error) {
      verdicts.push({ id, title, error });
    }
  }
  return verdicts;
}

export { waitOnHost };
