/**
 * Random programs over a primitive that has a wait queue: who waits, in which of the three ways, with which limits, and
 * when it is cancelled, aborted, abandoned. Steps of a program that have no delay between them are iterations of one
 * instant; the commands of a step are done in one iteration.
 */
import type { Waiter, WaitOptions, WaitQueue } from '@aiokit/loop-core/wait-queue';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { Driver, Scope } from './wait-queue-driver.js';
import { type TestLoop, thrownBy } from './wait-queue-loop.js';
import { TinyQueue } from './wait-queue-owners.js';

export interface Ask {
  readonly do: 'ask';
  readonly way: 'generator' | 'async' | 'plain';
  readonly weight: number;
  /** Which signal ends the wait, if any; one that has aborted is replaced. */
  readonly signal: number | undefined;
  readonly timeoutMs: number | undefined;
  /** How long what was got is kept. */
  readonly keepMs: number;
}

type Command =
  | Ask
  | { readonly do: 'give' }
  | { readonly do: 'cancel' | 'abandon'; readonly which: number }
  | { readonly do: 'abort'; readonly signal: number };

interface Step {
  readonly delayMs: number;
  readonly commands: readonly Command[];
}

export interface Program {
  readonly size: number;
  readonly steps: readonly Step[];
}

const SIGNALS = 3;

const ask = fc.record<Ask>({
  do: fc.constant('ask'),
  way: fc.constantFrom('generator', 'async', 'plain'),
  weight: fc.constantFrom(1, 1, 2),
  signal: fc.constantFrom(undefined, 0, 1, 2),
  timeoutMs: fc.constantFrom(undefined, undefined, undefined, 0, 1, 1, 2, 3),
  keepMs: fc.nat(3),
});

const command = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 4, arbitrary: fc.constant({ do: 'give' } as const) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon' as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), signal: fc.nat(SIGNALS - 1) }) },
);

export const program: fc.Arbitrary<Program> = fc.record({
  size: fc.integer({ min: 2, max: 3 }),
  steps: fc.array(
    fc.record({
      delayMs: fc.constantFrom(0, 0, 1, 2, 3),
      commands: fc.array(command, { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 20, size: 'max' },
  ),
});

/** One wait of a program. */
export interface Attempt<T> {
  readonly ask: Ask;
  waiter: Waiter<T> | undefined;
  signal: AbortSignal | undefined;
  /** `got`, or what ended it. */
  outcome: string | undefined;
  /** The instant after which it must not get anything. */
  deadline: number;
  /** Whether it had to wait. */
  queued: boolean;
  cancelled: boolean;
  /** Whether it must end as cancelled, as its task was cancelled while it waited. */
  doomed: boolean;
  abandoned: boolean;
  endings: number;
  cancel(): void;
}

/** The primitive that a program is run on. */
export interface Subject<T> {
  readonly queue: WaitQueue<T>;
  ask(options: WaitOptions, weight: number): Waiter<T>;
  /** Called with what an attempt has got. */
  got(attempt: Attempt<T>, value: T): void;
  give(): void;
}

/** What was seen of a run: rules that were broken, and classes of events. */
export interface Findings {
  readonly broken: string[];
  readonly events: Set<string>;
}

export const scopes = new AsyncLocalStorage<Scope>();

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** Runs a program; `check` is called before and after each command. */
export class Run<T> implements Findings {
  readonly broken: string[] = [];
  readonly events = new Set<string>();
  readonly attempts: Attempt<T>[] = [];
  readonly #loop: TestLoop;
  readonly #subject: Subject<T>;
  readonly #check: () => void;
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  /** In the order in which they joined. */
  readonly #asked = new Map<Waiter<T>, Attempt<T>>();
  /** Whoever has the turn and has not taken it. */
  readonly granted = new Set<Waiter<T>>();
  /** What was delivered, in order. */
  readonly delivered: T[] = [];
  /** The weight of what was delivered and has not yet reached the code that waits. */
  taking = 0;

  constructor(loop: TestLoop, subject: Subject<T>, check: () => void) {
    this.#loop = loop;
    this.#subject = subject;
    this.#check = check;
    this.#listen();
  }

  async play({ steps }: Program): Promise<void> {
    const loop = this.#loop;
    const end = new TinyQueue<true>();
    const step = (index: number): void => {
      const next = steps[index];
      if (!next) {
        loop.callLater(1000, () => end.put(true));
        return;
      }
      loop.callLater(next.delayMs, () => {
        for (const one of next.commands) {
          this.#check();
          this.#perform(one);
        }
        this.#check();
        step(index + 1);
      });
    };
    step(0);
    await loop.runUntilCompleteAsync(end.get());
    this.#check();
    this.#finish();
  }

  breaks(rule: string): void {
    this.broken.push(`${rule} at ${this.#loop.time()} ms`);
  }

  #perform(command: Command): void {
    if (command.do === 'ask') this.#start(command);
    else if (command.do === 'give') this.#subject.give();
    else if (command.do === 'abort') {
      this.#controllers[command.signal]?.abort('aborted');
      this.#controllers[command.signal] = new AbortController();
    } else this.#end(command.do, command.which);
  }

  #end(how: 'cancel' | 'abandon', which: number): void {
    const open = this.attempts.filter(
      ({ outcome, ask: { way }, abandoned }) =>
        !outcome && !abandoned && (way === 'plain' || how === 'cancel'),
    );
    // Those whose turn has come first: there is little time for them.
    const hasTurn = ({ waiter }: Attempt<T>): number => (waiter && this.granted.has(waiter) ? 1 : 0);
    open.sort((one, other) => hasTurn(other) - hasTurn(one));
    const attempt = open[which % open.length];
    if (how === 'cancel') attempt?.cancel();
    else if (attempt) {
      attempt.abandoned = true;
      attempt.waiter?.abandon();
    }
  }

  #start(ask: Ask): void {
    const attempt: Attempt<T> = {
      ask,
      waiter: undefined,
      signal: undefined,
      outcome: undefined,
      deadline: Infinity,
      queued: false,
      cancelled: false,
      doomed: false,
      abandoned: false,
      endings: 0,
      cancel: () => {},
    };
    this.attempts.push(attempt);
    const { way } = ask;
    if (way === 'generator') {
      const begin = (): Waiter<T> => this.#ask(attempt);
      const driver = new Driver(
        this.#loop,
        (function* () {
          return yield* begin();
        })(),
      );
      attempt.cancel = () => {
        attempt.cancelled = true;
        attempt.doomed ||= driver.outcome === undefined;
        driver.cancel();
      };
      // The step that ends the generator is the one that takes: look at it from there.
      const run = driver.run.bind(driver);
      driver.run = () => {
        run();
        if (driver.outcome && 'value' in driver.outcome) this.#got(attempt, driver.outcome.value);
        else if (driver.outcome) this.#failed(attempt, driver.outcome.error);
      };
    } else if (way === 'async') {
      const scope = new Scope();
      attempt.cancel = () => {
        attempt.cancelled = true;
        attempt.doomed ||= scope.waiting;
        scope.cancel();
      };
      void scopes.run(scope, async () => {
        try {
          this.#got(attempt, await this.#ask(attempt));
        } catch (error) {
          this.#failed(attempt, error);
        }
      });
    } else {
      const waiter = this.#ask(attempt);
      attempt.cancel = () => {
        attempt.cancelled ||= waiter.cancel();
      };
      waiter.addDoneCallback(() => {
        let value: T;
        try {
          value = waiter.result();
        } catch (error) {
          this.#failed(attempt, error);
          return;
        }
        this.#got(attempt, value);
      });
    }
  }

  #ask(attempt: Attempt<T>): Waiter<T> {
    const { weight, signal, timeoutMs } = attempt.ask;
    attempt.signal = signal === undefined ? undefined : this.#controllers[signal]?.signal;
    const waiter = this.#subject.ask({ timeoutMs, signal: attempt.signal }, weight);
    attempt.waiter = waiter;
    this.#asked.set(waiter, attempt);
    attempt.queued = waiter.live();
    attempt.deadline = this.#loop.time() + (timeoutMs ?? Infinity);
    if (!attempt.queued && this.granted.has(waiter)) this.events.add('no wait');
    return waiter;
  }

  #got(attempt: Attempt<T>, value: T): void {
    attempt.endings++;
    attempt.outcome = 'got';
    this.taking -= attempt.waiter?.weight ?? 0;
    if (attempt.doomed) this.breaks('a cancellation was swallowed');
    if (attempt.queued) this.events.add(`got after a wait, ${attempt.ask.way}`);
    this.#subject.got(attempt, value);
  }

  #failed(attempt: Attempt<T>, error: unknown): void {
    attempt.endings++;
    attempt.outcome = nameOf(error);
    if (attempt.doomed && attempt.outcome !== 'CancelledError') this.breaks('a cancellation was replaced');
  }

  /** Listens to what the queue and its owner tell each other. */
  #listen(): void {
    const { queue } = this.#subject;
    const { owner } = queue;
    const grant = queue.grant.bind(queue);
    const deliver = owner.deliver.bind(owner);
    const passed = owner.passed.bind(owner);
    const left = owner.left?.bind(owner);
    queue.grant = () => {
      const waiter = grant();
      if (waiter) this.granted.add(waiter);
      return waiter;
    };
    owner.deliver = (waiter) => {
      this.#deliver(waiter);
      const value = deliver(waiter);
      this.delivered.push(value);
      this.taking += waiter.weight;
      return value;
    };
    owner.passed = (waiter) => {
      this.granted.delete(waiter);
      this.events.add(`granted, then ${this.#endOf(waiter)}`);
      passed(waiter);
    };
    owner.left = (waiter) => {
      this.events.add(`${this.#endOf(waiter)} while waiting`);
      const light = queue.first && queue.first.weight < waiter.weight;
      if (light) this.events.add('a heavy one left a light one behind');
      left?.(waiter);
    };
  }

  #endOf(waiter: Waiter<T>): string {
    if (this.#asked.get(waiter)?.abandoned) return 'abandoned';
    return nameOf(thrownBy(() => waiter.result()));
  }

  #deliver(waiter: Waiter<T>): void {
    this.granted.delete(waiter);
    const attempt = this.#asked.get(waiter);
    for (const before of this.#asked.keys()) {
      if (before === waiter) break;
      if (before.live()) this.breaks('somebody was overtaken');
    }
    if (!attempt?.queued) return;
    if (attempt.signal?.aborted) this.breaks('given after an abort');
    if (this.#loop.time() > attempt.deadline) this.breaks('given after the time limit');
  }

  #finish(): void {
    for (const { endings } of this.attempts) if (endings !== 1) this.breaks(`${endings} endings`);
    const { queue } = this.#subject;
    if (queue.size !== 0 || queue.live !== 0 || queue.first) this.breaks('somebody is left in the queue');
    if (this.granted.size > 0) this.breaks('a turn was never taken');
    for (const { signal } of this.attempts) {
      if (signal && getEventListeners(signal, 'abort').length > 0) this.breaks('a listener is left');
    }
  }
}
