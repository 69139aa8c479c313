/** One run of a program: its beginning, its end, and what was wrong with it. */
import { type ExceptionContext, realm, refuse } from '@aiokit/loop-core';
import { createTask, isCoroutine, type Task, type TaskSource } from '@aiokit/task';
import type { FailureKind } from '../report.js';
import type { Program, World } from '../world.js';
import { ExploredLoop, type Observer } from './explored-loop.js';
import { watchRejections } from './rejections.js';
import { Schedule, type Strategy } from './schedule.js';

/** How a run is made. */
export interface Settings {
  readonly cancellations: number;
  readonly stepLimit: number;
  readonly allowLeaks: boolean;
}

/** What was wrong with a run. */
export interface Wrong {
  readonly kind: FailureKind;
  readonly message: string;
  readonly error: unknown;
  /** The tasks that wait, if they are what is wrong. */
  readonly waiting: readonly Task<unknown>[];
}

/** A run that is over. */
export interface Run {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly wrong: Wrong | undefined;
  /** Whether the program needs the host's promises. */
  readonly host: boolean;
  /** What two runs of one schedule must agree about. */
  readonly signature: () => string;
}

/** What looks at a run in detail. */
export interface Watcher extends Observer {
  note(text: string): void;
  label(thing: object, name: string): void;
  /** Called before the program, and with its end while everything is there still. */
  start(loop: ExploredLoop): void;
  finish(waiting: readonly Task<unknown>[]): void;
}

type Check = readonly [holds: () => boolean | void, message: string];

const tagOf = (value: object): string | undefined =>
  (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];

const shown = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

function verify([holds, message]: Check): void {
  if (holds() === false) throw new Error(message);
}

class WorldOfRun implements World {
  readonly spawned: Task<unknown>[] = [];
  readonly invariants: (() => void)[] = [];
  readonly ends: Check[] = [];
  loop!: ExploredLoop;
  readonly #watcher: Watcher | undefined;

  constructor(watcher: Watcher | undefined) {
    this.#watcher = watcher;
  }

  spawn<T>(source: TaskSource<T>, name?: string): Task<T> {
    const task = createTask(source, name === undefined ? undefined : { name });
    this.spawned.push(task);
    return task;
  }

  choose(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) refuse('n', 'an integer of 1 or more', n, RangeError);
    return this.loop.choose('choice', n);
  }

  invariant(holds: () => boolean | void, message = 'the invariant does not hold'): void {
    if (typeof holds !== 'function') refuse('holds', 'a function', holds);
    const check: Check = [holds, message];
    this.invariants.push(() => verify(check));
  }

  atEnd(holds: () => boolean | void, message = 'what must hold at the end does not'): void {
    if (typeof holds !== 'function') refuse('holds', 'a function', holds);
    this.ends.push([holds, message]);
  }

  note(text: string): void {
    this.#watcher?.note(text);
  }

  label<P extends object>(thing: P, name: string): P {
    this.#watcher?.label(thing, name);
    return thing;
  }
}

/** Plain functions that have turned out to return a promise: they are run as a task. */
const promising = new WeakSet<Program>();

/** A run between its beginning and its end. */
class Running {
  readonly schedule = new Schedule();
  readonly world: WorldOfRun;
  readonly loop: ExploredLoop;
  readonly #settings: Settings;
  readonly #watcher: Watcher | undefined;
  begunWrongly = false;
  #thrown: { readonly error: unknown } | undefined;

  constructor(strategy: Strategy, settings: Settings, watcher: Watcher | undefined) {
    this.#settings = settings;
    this.#watcher = watcher;
    this.world = new WorldOfRun(watcher);
    this.loop = new ExploredLoop(
      strategy,
      this.schedule,
      { ...settings, invariants: this.world.invariants },
      watcher,
    );
    this.world.loop = this.loop;
  }

  begin(program: Program): void {
    const { loop, world } = this;
    loop.enter();
    this.#watcher?.start(loop);
    try {
      const tag = tagOf(program);
      if (tag === 'AsyncFunction' || promising.has(program)) {
        loop.host = true;
        loop.main = createTask(() => program(world) as PromiseLike<unknown>, { name: 'main' });
        return;
      }
      const made = program(world);
      if (isCoroutine(made)) loop.main = createTask(made, { name: 'main' });
      else if (typeof (made as Partial<PromiseLike<unknown>> | undefined)?.then === 'function') {
        // What it has begun outside a task is of no use, and is begun again.
        (made as PromiseLike<unknown>).then(Object, Object);
        promising.add(program);
        this.begunWrongly = true;
        loop.host = true;
        loop.stop();
      }
    } catch (error) {
      this.#thrown = { error };
      loop.stop();
    }
  }

  end(): Run {
    const { loop, world, schedule } = this;
    const pending = loop.endless || loop.broken || this.#thrown ? [] : loop.pending();
    const ended = pending.length === 0 ? this.#checkEnd() : undefined;
    const known = this.#stopped() ?? this.#failedMain();
    this.#watcher?.finish(pending);
    const time = loop.time();
    loop.leave();
    const { length } = loop.reports;
    loop.close();
    // What is reported of tasks at the close is that they are pending.
    const reports = loop.reports.filter(({ task }, at) => at < length || task === undefined);
    const wrong = known ?? reported(reports) ?? (pending.length > 0 ? this.#left(pending) : ended);
    return {
      schedule,
      steps: loop.steps,
      wrong,
      host: loop.host || pending.some((task) => task.getCoro() === null),
      signature: () => {
        const tasks = world.spawned.map((task) =>
          task.done() && !task.cancelled() ? outcomeOf(task) : task.done(),
        );
        const { length: asked, choices, widths } = schedule;
        return `${loop.steps} ${time} ${widths.slice(0, asked).join()} ${choices.slice(0, asked).join()} ${tasks.join()} ${wrong?.kind} ${wrong?.message}`;
      },
    };
  }

  #stopped(): Wrong | undefined {
    const { loop } = this;
    const thrown = this.#thrown;
    if (thrown) return { kind: 'error', message: shown(thrown.error), error: thrown.error, waiting: [] };
    if (loop.broken) {
      const { error } = loop.broken;
      return { kind: 'invariant', message: shown(error), error, waiting: [] };
    }
    if (!loop.endless) return undefined;
    const message = `not over after ${this.#settings.stepLimit} steps`;
    return { kind: 'livelock', message, error: undefined, waiting: loop.pending() };
  }

  #failedMain(): Wrong | undefined {
    const { main, cancelled } = this.loop;
    if (!main?.done()) return undefined;
    if (main.cancelled()) {
      if (cancelled) return undefined;
      return { kind: 'error', message: 'the program was cancelled', error: undefined, waiting: [] };
    }
    const error = main.exception();
    return error === null ? undefined : { kind: 'error', message: shown(error), error, waiting: [] };
  }

  #checkEnd(): Wrong | undefined {
    for (const check of this.world.ends) {
      try {
        verify(check);
      } catch (error) {
        return { kind: 'invariant', message: shown(error), error, waiting: [] };
      }
    }
    return undefined;
  }

  #left(waiting: readonly Task<unknown>[]): Wrong | undefined {
    const { loop } = this;
    const foreign = loop.holds > 0 || waiting.some(waitsForHost);
    const message = 'a task waits for the host: for a promise, a timer or I/O that is not of the loop';
    if (foreign) return { kind: 'nondeterminism', message, error: undefined, waiting };
    if (!loop.main?.done()) {
      return {
        kind: 'deadlock',
        message: 'nothing can run, and nobody will wake who waits',
        error: undefined,
        waiting,
      };
    }
    if (this.#settings.allowLeaks) return undefined;
    return { kind: 'leak', message: 'the program is over, and tasks are left', error: undefined, waiting };
  }
}

/** What nobody caught, the first that has an exception. */
function reported(reports: readonly ExceptionContext[]): Wrong | undefined {
  const report = reports.find(({ exception }) => exception !== undefined) ?? reports[0];
  if (!report) return undefined;
  const { message, exception: error } = report;
  return message.endsWith('was never retrieved')
    ? { kind: 'error', message: shown(error), error, waiting: [] }
    : { kind: 'unhandled', message: `${message}: ${shown(error)}`, error, waiting: [] };
}

function outcomeOf(task: Task<unknown>): string {
  const error = task.exception();
  if (error !== null) return shown(error);
  const value = task.result();
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

/** Whether a task waits for what the loop knows nothing of. */
function waitsForHost(task: Task<unknown>): boolean {
  const { scope } = task;
  // Without async context nobody knows what an async function waits for.
  if ((realm as { store?: object | null }).store === null) return false;
  if ((task as unknown as { waiter: unknown }).waiter !== scope || scope === null) return false;
  return scope.waiting.length === 0;
}

/** Runs a program that does not need the host. */
export function execute(program: Program, strategy: Strategy, settings: Settings, watcher?: Watcher): Run {
  const running = new Running(strategy, settings, watcher);
  running.begin(program);
  running.loop.drain();
  return running.end();
}

/** Runs a program whose async functions need the host. */
export async function executeWithHost(
  program: Program,
  strategy: Strategy,
  settings: Settings,
  watcher?: Watcher,
): Promise<Run> {
  const running = new Running(strategy, settings, watcher);
  const { loop } = running;
  const rejections = watchRejections((exception) => {
    loop.reports.push({ message: 'unhandled rejection of a promise', exception });
  });
  try {
    running.begin(program);
    await loop.drainWithHost();
    const run = running.end();
    if (!running.begunWrongly) return run;
  } finally {
    rejections();
  }
  return executeWithHost(program, strategy, settings, watcher);
}
