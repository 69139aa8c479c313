/** Runs a program under many schedules, or all, and reports the first under which something is wrong. */
import { type AiokitError, type AiokitErrorConstructor, defineError, realm, refuse } from '@aiokit/loop-core';
import { hop } from './internal/explored-loop.js';
import {
  execute,
  executeWithHost,
  type Run,
  type Settings,
  type Watcher,
  type Wrong,
} from './internal/execute.js';
import { takeRejections } from './internal/rejections.js';
import { Modulo, Recorded, type Schedule, type Strategy } from './internal/schedule.js';
import { skewClock } from './internal/skewed.js';
import { shrink } from './internal/shrink.js';
import { DIVERGED, Exhaustive, Portfolio, Priorities, randomFrom, Uniform } from './internal/strategies.js';
import { readToken, tokenOf } from './internal/token.js';
import { Trace } from './internal/trace.js';
import type { Failure, Report } from './report.js';
import type { Program } from './world.js';

/** How schedules are searched. */
export type StrategyName = 'portfolio' | 'exhaustive' | 'random' | 'pct';

/** What an exploration is made with. */
export interface ExploreOptions {
  /** How many schedules are run at most; 10,000 if absent, Infinity for no limit. */
  readonly schedules?: number | undefined;
  /** How they are searched; a mixture of the others if absent. */
  readonly strategy?: StrategyName | undefined;
  /** Of the exhaustive search: how many steps of a schedule may depart from FIFO. No limit if absent. */
  readonly preemptions?: number | undefined;
  /** Of PCT: how many orderings a bug may need; 3 if absent. */
  readonly depth?: number | undefined;
  /** What the random strategies begin with; 1 if absent, so that a test does the same each time. */
  readonly seed?: number | undefined;
  /** How many cancellations of tasks may land in one run, each anywhere; none if absent. */
  readonly cancellations?: number | undefined;
  /** After how many steps a run counts as endless; 10,000 if absent. */
  readonly stepLimit?: number | undefined;
  /** Whether tasks may be left when the main function is over. */
  readonly allowLeaks?: boolean | undefined;
}

/** A schedule was found under which something is wrong; the message is the whole report. */
export interface ExplorationError extends AiokitError {
  readonly code: 'EXPLORATION';
  /** The report. */
  report: Report;
}
/** @source no CPython counterpart */
export const ExplorationError: AiokitErrorConstructor<ExplorationError> = /* @__PURE__ */ defineError(
  'ExplorationError',
  'EXPLORATION',
);

/** Each so many runs one is made twice, beginning with the first. */
const TWICE = 100;
/** After so many schedules the host's timers and I/O get a turn. */
const BETWEEN_HOPS = 4096;
const SCHEDULES = 10_000;
const STEP_LIMIT = 10_000;

function count(value: number | undefined, absent: number, name: string, least = 0): number {
  if (value === undefined) return absent;
  const whole = Number.isSafeInteger(value) || value === Infinity;
  if (typeof value !== 'number') refuse(name, `an integer of ${least} or more`, value);
  if (!whole || value < least) refuse(name, `an integer of ${least} or more`, value, RangeError);
  return value;
}

const settingsOf = (options: ExploreOptions): Settings => ({
  cancellations: count(options.cancellations, 0, 'cancellations'),
  stepLimit: count(options.stepLimit, STEP_LIMIT, 'stepLimit', 1),
  allowLeaks: options.allowLeaks === true,
});

function strategyOf(options: ExploreOptions, seed: number): Strategy {
  const bound = count(options.preemptions, Infinity, 'preemptions');
  const depth = count(options.depth, 3, 'depth', 1);
  const { strategy = 'portfolio' } = options;
  if (strategy === 'exhaustive') return new Exhaustive(bound);
  if (strategy === 'random') return new Uniform(randomFrom(seed));
  if (strategy === 'pct') return new Priorities(randomFrom(seed), depth);
  if (strategy === 'portfolio') return new Portfolio(randomFrom(seed), depth);
  return refuse('strategy', "'portfolio', 'exhaustive', 'random' or 'pct'", strategy);
}

let last: Promise<unknown> = Promise.resolve();

/** One exploration at a time: a realm has one running loop. */
function exclusive<R>(work: () => Promise<R>): Promise<R> {
  const run = async (): Promise<R> => {
    const giveBack = takeRejections();
    try {
      return await work();
    } finally {
      giveBack();
    }
  };
  const result = last.then(run, run);
  last = result.catch(() => {});
  return result;
}

/** Where an error was made is not worth its time in a run that is made again if it fails. */
function withoutStacks<R>(run: () => R): R {
  const host = Error as { stackTraceLimit?: number | undefined };
  const { stackTraceLimit } = host;
  if (stackTraceLimit === undefined) return run();
  host.stackTraceLimit = undefined;
  try {
    return run();
  } finally {
    host.stackTraceLimit = stackTraceLimit;
  }
}

/** Runs schedules of one program; by hops of the host once that has turned out to be needed. */
class Explorer {
  readonly #program: Program;
  readonly #settings: Settings;
  #host = true;

  constructor(program: Program, settings: Settings) {
    this.#program = program;
    this.#settings = settings;
  }

  /** Whether runs need the host. */
  get host(): boolean {
    return this.#host;
  }

  /** The first run finds out whether the program needs the host. */
  async first(strategy: Strategy): Promise<Run> {
    const run = await executeWithHost(this.#program, strategy, this.#settings);
    this.#host = run.host;
    return run;
  }

  /** A run at once; undefined if it needs the host. */
  now(strategy: Strategy): Run | undefined {
    const run = withoutStacks(() => execute(this.#program, strategy, this.#settings));
    if (!run.host) return run;
    this.#host = true;
    return undefined;
  }

  async run(strategy: Strategy, watcher?: Watcher): Promise<Run> {
    return this.#host
      ? executeWithHost(this.#program, strategy, this.#settings, watcher)
      : execute(this.#program, strategy, this.#settings, watcher);
  }
}

const nondeterminism = (message: string): Wrong => ({
  kind: 'nondeterminism',
  message: `${message}: the program depends on something that the explorer does not control, such as Date.now(), Math.random() or state that is kept between runs`,
  error: undefined,
  waiting: [],
});

/** Runs a schedule again; what is wrong if it is not the same again. */
async function again(explorer: Explorer, run: Run): Promise<Wrong | undefined> {
  const restore = skewClock();
  let repeated: Run;
  try {
    repeated = await explorer.run(new Recorded(run.schedule.choices.slice(0, run.schedule.length)));
  } finally {
    restore();
  }
  const [before, after] = [run.signature(), repeated.signature()];
  return before === after ? undefined : nondeterminism('two runs of the same schedule differ');
}

/** How far the order of a failure is from asyncio's. */
function orderOf({ departures, fifo }: Failure): string {
  if (departures === 0) return "this is asyncio's own order";
  const differs = departures === 1 ? '1 choice differs' : `${departures} choices differ`;
  const reach = fifo ? 'gets there with other delays' : 'does not get there by other delays alone';
  return `${differs} from FIFO; asyncio ${reach}`;
}

function textOf(report: Omit<Report, 'toString'>): string {
  const { failure, schedules, complete, seed } = report;
  if (!failure) {
    if (complete && schedules === 1) return 'the only schedule is right';
    return complete
      ? `all ${schedules} schedules are right`
      : `${schedules} schedules are right, of more; seed ${seed}`;
  }
  const { kind, message, foundAt, token, table, waiting } = failure;
  return [
    `${kind}: ${message}`,
    ...waiting.map((line) => `  ${line}`),
    `schedule ${foundAt}, seed ${seed}; ${orderOf(failure)}`,
    `replay(program, '${token}')`,
    '',
    table,
  ].join('\n');
}

function reportOf(fields: Omit<Report, 'toString' | 'ok'>): Report {
  const report = { ok: fields.failure === undefined, ...fields };
  return { ...report, toString: () => textOf(report) };
}

/** Traces a run, for its table and its token. */
async function describe(
  explorer: Explorer,
  settings: Settings,
  strategy: Strategy,
  foundAt: number,
  known?: Wrong,
): Promise<{ readonly failure: Failure | undefined; readonly run: Run }> {
  const trace = new Trace();
  const run = await explorer.run(strategy, trace);
  const wrong = known ?? run.wrong;
  if (!wrong) return { failure: undefined, run };
  const failure = {
    kind: wrong.kind,
    message: wrong.message,
    error: wrong.error,
    token: tokenOf(run.schedule, settings.cancellations, settings.stepLimit),
    foundAt,
    departures: run.schedule.trimmed().filter((choice) => choice !== 0).length,
    fifo: trace.fifo,
    waiting: trace.waiting,
    steps: trace.steps,
    table: trace.table(),
  };
  return { failure, run };
}

function checkProgram(program: Program): void {
  if (typeof program !== 'function') refuse('program', 'a function', program);
  if (realm.running) {
    throw new Error('a program cannot be explored from within a loop that runs');
  }
}

/**
 * Runs a program under many schedules on a loop in virtual time, and looks for one under which something is wrong.
 *
 * A choice point is each step at which more than one task could be next, timers of one instant included, each place where
 * a cancellation may land, and each `world.choose()`. Every run begins anew: the program must make all that it uses.
 *
 * @param program a generator function or an async function, which is the main task, or a plain function that spawns tasks;
 * it is given the `World` of the run
 * @param options how many schedules, and which
 * @returns the report; the first failure, shrunk, if there is one
 * @throws TypeError or RangeError if an option makes no sense; no schedule has been run
 * @ordering callbacks of one future, `callSoon`s of one callback and grants of one queue keep their order
 * @cancellation none
 * @complexity generators: some microseconds a schedule; async functions: a macrotask of the host for each step
 * @source EXPLORE-1 · no CPython counterpart
 */
export async function explore(program: Program, options: ExploreOptions = {}): Promise<Report> {
  checkProgram(program);
  if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
  const limit = count(options.schedules, SCHEDULES, 'schedules', 1);
  const settings = settingsOf(options);
  const seed = options.seed ?? 1;
  if (!Number.isSafeInteger(seed)) refuse('seed', 'an integer', seed, RangeError);
  const strategy = strategyOf(options, seed);
  return exclusive(async () => search(new Explorer(program, settings), strategy, settings, limit, seed));
}

async function search(
  explorer: Explorer,
  strategy: Strategy,
  settings: Settings,
  limit: number,
  seed: number,
): Promise<Report> {
  const whole = strategy instanceof Portfolio ? strategy.exhaustive : strategy;
  let schedules = 0;
  let longest = 0;
  const failed = async (schedule: Schedule, wrong: Wrong): Promise<Report> => {
    let choices = schedule.choices.slice(0, schedule.length);
    const fixed = wrong.kind === 'nondeterminism' ? wrong : undefined;
    if (!fixed) choices = await shrink(choices, wrong.kind, async (list) => explorer.run(new Recorded(list)));
    const { failure } = await describe(explorer, settings, new Recorded(choices), schedules, fixed);
    if (failure) return reportOf({ schedules, complete: false, seed, longest, failure });
    return failed(schedule, nondeterminism('a schedule failed once and not again'));
  };
  for (let more = true; more && schedules < limit; ) {
    const run =
      schedules === 0
        ? await explorer.first(strategy)
        : ((explorer.host ? undefined : explorer.now(strategy)) ?? (await explorer.run(strategy)));
    const { schedule, steps, wrong } = run;
    if (steps > longest) longest = steps;
    schedules++;
    if (wrong) return failed(schedule, wrong);
    const differs = schedules % TWICE === 1 ? await again(explorer, run) : undefined;
    if (differs) return failed(schedule, differs);
    more = strategy.next(schedule);
    if (schedules % BETWEEN_HOPS === 0) await hop();
    if (whole instanceof Exhaustive && whole.diverged) return failed(schedule, nondeterminism(DIVERGED));
    if (!more) return reportOf({ schedules, complete: true, seed, longest, failure: undefined });
  }
  return reportOf({ schedules, complete: false, seed, longest, failure: undefined });
}

/**
 * Explores a program, and throws if something is wrong: for tests.
 *
 * @param program as for `explore`
 * @param options as for `explore`
 * @returns the report, if nothing is wrong
 * @throws ExplorationError (`EXPLORATION`), whose message is the report, if something is wrong; otherwise as `explore`
 * @ordering as `explore`
 * @cancellation none
 * @complexity as `explore`
 * @source EXPLORE-1 · no CPython counterpart
 */
export async function check(program: Program, options?: ExploreOptions): Promise<Report> {
  const report = await explore(program, options);
  if (report.ok) return report;
  const error = new ExplorationError(report.toString());
  error.report = report;
  throw error;
}

/**
 * Runs one schedule, whose choices are the numbers of a list: for properties of fast-check, which shrinks the list.
 *
 * @param program as for `explore`
 * @param numbers integers of 0 or more; each is taken modulo the number of possibilities, 0 is FIFO, as is what is missing
 * @param options cancellations, the limit of steps, whether tasks may be left
 * @returns the report of this one schedule
 * @throws TypeError or RangeError if an argument makes no sense
 * @ordering as `explore`
 * @cancellation none
 * @complexity one run
 * @example
 * fc.assert(fc.asyncProperty(fc.array(fc.nat()), async (numbers) => (await exploreOne(program, numbers)).ok));
 * @source EXPLORE-8 · no CPython counterpart
 */
export async function exploreOne(
  program: Program,
  numbers: readonly number[],
  options: Pick<ExploreOptions, 'cancellations' | 'stepLimit' | 'allowLeaks'> = {},
): Promise<Report> {
  checkProgram(program);
  for (const number of numbers) count(number, 0, 'a number of the schedule');
  const settings = settingsOf(options);
  const { failure, run } = await exclusive(async () =>
    describe(new Explorer(program, settings), settings, new Modulo(numbers), 1),
  );
  return reportOf({ schedules: 1, complete: false, seed: 0, longest: run.steps, failure });
}

/**
 * Runs one schedule again.
 *
 * @param program the program that the token was reported for, unchanged
 * @param token the token of a failure
 * @param options `allowLeaks`, as it was given to `explore`
 * @returns the report of this one schedule
 * @throws TypeError if it is not a token; RangeError if the program does not offer the choices that the token was made of
 * @ordering as `explore`
 * @cancellation none
 * @complexity one run
 * @source EXPLORE-6 · no CPython counterpart
 */
export async function replay(
  program: Program,
  token: string,
  options: Pick<ExploreOptions, 'allowLeaks'> = {},
): Promise<Report> {
  checkProgram(program);
  const { cancellations, stepLimit, check: expected, strategy } = readToken(token);
  const settings: Settings = { cancellations, stepLimit, allowLeaks: options.allowLeaks === true };
  const { failure, run } = await exclusive(async () =>
    describe(new Explorer(program, settings), settings, strategy, 1),
  );
  if (run.schedule.check() !== expected) {
    throw new RangeError(`token must be one of this program, got '${token}': the program has changed`);
  }
  return reportOf({ schedules: 1, complete: false, seed: 0, longest: run.steps, failure });
}
