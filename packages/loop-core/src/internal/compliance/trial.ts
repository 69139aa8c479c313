/** One clause at work on one loop: notes what runs, catches what is reported and what is logged. */
import type { Capability, ProgramEventLoop, Subject } from '../../compliance.js';
import type { ExceptionContext, Runnable } from '../../event-loop.js';
import type { Logger } from '../../logger.js';
import { realm } from '../../realm.js';
import { check, checkSame, show } from './check.js';
import { waitOnHost } from './wait-on-host.js';

/** How a call ended that may have returned a promise. */
export interface Ending {
  readonly value?: unknown;
  readonly error?: unknown;
  /** What had been noted when it ended. */
  readonly steps: readonly string[];
}

/** A line of the log. */
interface Line {
  readonly level: keyof Logger;
  readonly text: string;
}

/** A clause and its test. */
export interface ClauseTest {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Capability[];
  readonly test: (trial: Trial) => void | Promise<void>;
}

export class Trial {
  /** The loop. The methods of a program loop are there if that capability is claimed. */
  readonly loop: ProgramEventLoop;
  readonly steps: string[] = [];
  readonly lines: Line[] = [];
  #reports: ExceptionContext[] = [];
  readonly #subject: Subject;
  readonly #logger = realm.logger;
  readonly #running = realm.running;

  constructor(subject: Subject) {
    this.#subject = subject;
    const log = (level: keyof Logger) => (text: string) => void this.lines.push({ level, text });
    realm.logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    this.loop = this.create();
    this.loop.callExceptionHandler = (context) => void this.#reports.push(context);
  }

  /** Makes another loop of the kind. */
  create(): ProgramEventLoop {
    return this.#subject.create() as ProgramEventLoop;
  }

  claims(capability: Capability): boolean {
    return this.#subject.capabilities[capability] === true;
  }

  /** A callback that notes a step. */
  note(step: string): (...args: unknown[]) => void {
    return () => void this.steps.push(step);
  }

  /** A runnable that notes a step. */
  runnable(step: string): Runnable {
    return { run: this.note(step) };
  }

  /** Runs the loop until there are so many steps, or `done()`. */
  async run(done: number | (() => boolean)): Promise<void> {
    const enough = typeof done === 'number' ? () => this.steps.length >= done : done;
    await this.#subject.run(this.loop, enough);
  }

  checkSteps(expected: string[], what: string): void {
    checkSame(this.steps, expected, what);
  }

  /** Checks which steps there were, in whatever order. */
  checkSet(expected: string[], what: string, steps: readonly string[] = this.steps): void {
    checkSame([...steps].sort(), [...expected].sort(), what);
  }

  /** How much was reported since the last look. */
  get reported(): number {
    return this.#reports.length;
  }

  /** What was reported since the last look. */
  takeReports(): ExceptionContext[] {
    const reports = this.#reports;
    this.#reports = [];
    return reports;
  }

  /** Lets the loop report by itself again. */
  letReport(): void {
    delete (this.loop as Partial<ProgramEventLoop>).callExceptionHandler;
  }

  /** The lines of a level that were logged since the last look. */
  takeLines(level: keyof Logger): string[] {
    const found = this.lines.filter((line) => line.level === level);
    this.lines.splice(0);
    return found.map(({ text }) => text);
  }

  /** Calls what may throw, or return a promise, and waits for the end. */
  async ending(call: () => unknown): Promise<Ending> {
    let found: Ending | undefined;
    const steps = () => [...this.steps];
    try {
      const value = call();
      if (typeof (value as PromiseLike<unknown> | undefined)?.then !== 'function')
        return { value, steps: steps() };
      (value as PromiseLike<unknown>).then(
        (settled) => void (found = { value: settled, steps: steps() }),
        (error: unknown) => void (found = { error, steps: steps() }),
      );
    } catch (error) {
      return { error, steps: steps() };
    }
    await waitOnHost(undefined, () => found !== undefined);
    check(found !== undefined, 'the call returned a promise that does not settle');
    return found;
  }

  /** Fails if something was reported that the clause did not provoke. */
  checkQuiet(): void {
    const [report] = this.#reports;
    check(report === undefined, `unexpected report: ${report?.message}: ${show(report?.exception)}`);
    const error = this.lines.find(({ level }) => level === 'error');
    check(error === undefined, `unexpected line in the log: ${error?.text}`);
  }

  end(): void {
    realm.logger = this.#logger;
    realm.running = this.#running;
    if (!this.claims('programLoop')) return;
    try {
      this.loop.close();
    } catch {
      // The clauses about closing have told.
    }
  }
}
