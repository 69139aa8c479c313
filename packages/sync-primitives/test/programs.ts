/**
 * Random programs over a primitive: who asks for it, in which of the three ways, with which limits, and when it is
 * cancelled, aborted, abandoned. The commands of a step are done in one iteration.
 */
import type { Operation } from '@aiokit/loop-core';
import type { Waiter, WaitOptions } from '@aiokit/loop-core/wait-queue';
import { Lock, RWLock, Semaphore, Event, Condition } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, type Task } from '@aiokit/task';
import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import { type TestLoop, thrownBy, withLoop } from './with-loop.js';

type Way = 'generator' | 'async' | 'plain';

export interface Ask {
  readonly do: 'ask';
  readonly way: Way;
  /** Whatever the primitive makes of it: a weight, a key, reading or writing. */
  readonly kind: number;
  /** Which signal ends the wait, if any; one that has aborted is replaced. */
  readonly signal: number | undefined;
  readonly timeoutMs: number | undefined;
  /** How long what was got is kept. */
  readonly keepMs: number;
}

type Command =
  | Ask
  | { readonly do: 'cancel' | 'abandon'; readonly which: number }
  | { readonly do: 'abort'; readonly signal: number }
  | { readonly do: 'poke'; readonly how: number };

export interface Program {
  readonly size: number;
  readonly steps: readonly { readonly delayMs: number; readonly commands: readonly Command[] }[];
}

const SIGNALS = 3;

const ask = fc.record<Ask>({
  do: fc.constant('ask'),
  way: fc.constantFrom('generator', 'async', 'plain'),
  kind: fc.nat(5),
  signal: fc.constantFrom(undefined, 0, 1, 2),
  timeoutMs: fc.constantFrom(undefined, undefined, undefined, 0, 1, 1, 2, 3),
  keepMs: fc.nat(3),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abandon' as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), signal: fc.nat(SIGNALS - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('poke' as const), how: fc.nat(5) }) },
);

const program: fc.Arbitrary<Program> = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(
    fc.record({
      delayMs: fc.constantFrom(0, 0, 1, 2, 3),
      commands: fc.array(command, { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 16, size: 'max' },
  ),
});

/** One wait of a program. */
export interface Attempt {
  readonly ask: Ask;
  operation: Operation<unknown> | undefined;
  signal: AbortSignal | undefined;
  /** `got`, or what ended it. */
  outcome: string | undefined;
  deadline: number;
  queued: boolean;
  abandoned: boolean;
  /** Whether a task that waited was cancelled: it must end so. */
  doomed: boolean;
  endings: number;
  cancel(): void;
}

/** The primitive that a program is run on. */
export interface Subject {
  /** A primitive whose statistics show that nobody waits at the end. */
  readonly watched: { statistics(): { readonly waiting: number } };
  ask(options: WaitOptions, ask: Ask, attempt: Attempt): Operation<unknown>;
  /** Called with what an attempt has got; returns what gives it back. */
  got(value: unknown, attempt: Attempt): () => void;
  /** Whether it is asked through a task of its own, which may end otherwise than the task that waits for it. */
  readonly nested?: boolean;
  /** Those with the same name are served in the order of coming. */
  line?(ask: Ask): string;
  /** Changes something from outside. */
  poke?(how: number): void;
  /** Called before and after each command. */
  check?(): void;
  /** Called when time is up: lets go of who waits for what will not come. */
  flush?(): void;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** The run that is being observed: what queues tell their primitives is noted in it. */
let current: Run | undefined;

const owners: readonly object[] = [
  Lock.prototype,
  Semaphore.prototype,
  Event.prototype,
  Condition.prototype,
  Object.getPrototypeOf(new RWLock().read) as object,
];
for (const owner of owners as Record<'passed' | 'left', (waiter?: unknown) => void>[]) {
  const { passed, left } = owner;
  owner.passed = function (waiter) {
    current?.ended(waiter as Waiter<unknown>, 'granted, then ');
    passed.call(this, waiter);
  };
  if (!left) continue;
  owner.left = function (waiter) {
    if (waiter) current?.ended(waiter as Waiter<unknown>, 'waiting, then ');
    left.call(this, waiter);
  };
}

/** Runs a program, and collects the rules that were broken and the classes of events. */
export class Run {
  readonly broken: string[] = [];
  readonly events = new Set<string>();
  readonly attempts: Attempt[] = [];
  readonly #loop: TestLoop;
  readonly #subject: Subject;
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  readonly #byOperation = new Map<unknown, Attempt>();

  constructor(loop: TestLoop, make: (run: Run) => Subject) {
    this.#loop = loop;
    this.#subject = make(this);
    loop.watch(this.#subject.watched);
  }

  async play({ steps }: Program): Promise<void> {
    const loop = this.#loop;
    const step = (index: number, finish: () => void): void => {
      const next = steps[index];
      if (!next) {
        loop.callLater(500, () => this.#subject.flush?.());
        loop.callLater(1000, finish);
        return;
      }
      loop.callLater(next.delayMs, () => {
        for (const one of next.commands) {
          this.#subject.check?.();
          this.#perform(one);
        }
        this.#subject.check?.();
        step(index + 1, finish);
      });
    };
    await loop.runUntilCompleteAsync(new Promise<void>((resolve) => step(0, resolve)));
    this.#subject.check?.();
    for (const { endings, ask, outcome } of this.attempts)
      if (endings !== 1) this.breaks(`${ask.way} ended ${endings} times, ${outcome ?? 'waits'}`);
    for (const { signal } of this.attempts)
      if (signal && getEventListeners(signal, 'abort').length > 0) this.breaks('a listener is left');
  }

  breaks(rule: string): void {
    this.broken.push(`${rule} at ${this.#loop.time()} ms`);
  }

  /** A queue has told its primitive that somebody has left it without having been served. */
  ended(waiter: Waiter<unknown>, when: string): void {
    const attempt = this.#byOperation.get(waiter);
    const how = attempt?.abandoned ? 'abandoned' : nameOf(thrownBy(() => waiter.result()));
    this.events.add(when + how);
  }

  #perform(command: Command): void {
    if (command.do === 'ask') this.#start(command);
    else if (command.do === 'poke') this.#subject.poke?.(command.how);
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
    const hasTurn = ({ operation }: Attempt): number => (operation?.done() ? 1 : 0);
    open.sort((one, other) => hasTurn(other) - hasTurn(one));
    const attempt = open[which % Math.max(open.length, 1)];
    if (!attempt) return;
    if (how === 'cancel') attempt.cancel();
    else {
      attempt.abandoned = true;
      attempt.operation?.abandon();
    }
  }

  #start(ask: Ask): void {
    const attempt: Attempt = {
      ask,
      operation: undefined,
      signal: ask.signal === undefined ? undefined : this.#controllers[ask.signal]?.signal,
      outcome: undefined,
      deadline: this.#loop.time() + (ask.timeoutMs ?? Infinity),
      queued: false,
      abandoned: false,
      doomed: false,
      endings: 0,
      cancel: () => {},
    };
    this.attempts.push(attempt);
    const begin = (): Operation<unknown> => this.#ask(attempt);
    const got = (value: unknown): void => this.#got(attempt, value);
    const failed = (error: unknown): void => this.#failed(attempt, error);
    let task: Task<void> | undefined;
    if (ask.way === 'generator') {
      task = createTask(
        (function* (): Coroutine<void> {
          try {
            got(yield* begin());
          } catch (error) {
            failed(error);
          }
        })(),
      );
    } else if (ask.way === 'async') {
      task = createTask(async () => {
        try {
          got(await begin());
        } catch (error) {
          failed(error);
        }
      });
    } else {
      const operation = begin();
      operation.addDoneCallback(() => {
        let value: unknown;
        try {
          value = operation.result();
        } catch (error) {
          failed(error);
          return;
        }
        // What was done at once and abandoned keeps its result, though nothing is held any more.
        if (attempt.abandoned) failed('abandoned');
        else got(value);
      });
      attempt.cancel = () => void operation.cancel();
    }
    if (task) {
      const made = task;
      made.addDoneCallback(() => {
        // Cancelled before its first step, it has asked for nothing.
        if (attempt.endings === 0 && attempt.operation === undefined) attempt.endings = 1;
        if (!made.cancelled()) made.exception();
      });
      attempt.cancel = () => {
        attempt.doomed ||=
          attempt.operation !== undefined && ask.way === 'generator' && !this.#subject.nested;
        made.cancel();
      };
    }
  }

  #ask(attempt: Attempt): Operation<unknown> {
    const { signal, ask } = attempt;
    attempt.deadline = this.#loop.time() + (ask.timeoutMs ?? Infinity);
    const operation = this.#subject.ask({ signal, timeoutMs: ask.timeoutMs }, ask, attempt);
    attempt.operation = operation;
    this.#byOperation.set(operation, attempt);
    attempt.queued = !operation.done();
    return operation;
  }

  #got(attempt: Attempt, value: unknown): void {
    const { ask } = attempt;
    attempt.endings++;
    attempt.outcome = 'got';
    this.events.add(attempt.queued ? `got after a wait, ${ask.way}` : 'no wait');
    if (attempt.doomed) this.breaks('a cancellation was swallowed');
    if (attempt.queued && this.#subject.line) {
      const line = this.#subject.line(ask);
      for (const before of this.attempts) {
        if (before === attempt) break;
        const waits = before.operation && !before.operation.done() && before.operation !== attempt.operation;
        const earlier = waits && this.#askedBefore(before, attempt);
        if (earlier && this.#subject.line(before.ask) === line) this.breaks('somebody was overtaken');
      }
    }
    const giveBack = this.#subject.got(value, attempt);
    this.#loop.callLater(ask.keepMs, giveBack);
  }

  #askedBefore(one: Attempt, other: Attempt): boolean {
    for (const attempt of this.#byOperation.values()) {
      if (attempt === one) return true;
      if (attempt === other) return false;
    }
    return false;
  }

  #failed(attempt: Attempt, error: unknown): void {
    attempt.endings++;
    attempt.outcome = nameOf(error);
    this.events.add(`ended: ${attempt.outcome}`);
    if (attempt.doomed && attempt.outcome !== 'CancelledError') this.breaks('a cancellation was replaced');
  }
}

/** What ends a wait, as the histogram names it. */
const ENDINGS: readonly string[] = ['CancelledError', 'aborted', 'TimeoutError', 'abandoned'];

/** The classes of everything that has a queue. */
export const CLASSES: readonly string[] = [
  'no wait',
  'got after a wait, generator',
  'got after a wait, async',
  'got after a wait, plain',
  ...ENDINGS.map((end) => `waiting, then ${end}`),
  ...ENDINGS.map((end) => `granted, then ${end}`),
];

/** The same for what does not tell who has left its queue. */
export const OUTER_CLASSES: readonly string[] = [
  ...CLASSES.filter((name) => !name.startsWith('waiting')),
  'ended: CancelledError',
  'ended: aborted',
  'ended: TimeoutError',
];

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(2000, fc.readConfigureGlobal().numRuns ?? 0);

/** Checks a property, prints how often each class was exercised, and returns those that were in less than 1 % of the runs. */
export async function holds(
  make: (run: Run, program: Program) => Subject,
  classes: readonly string[],
): Promise<(readonly [name: string, share: number])[]> {
  const counts = new Map<string, number>();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(program, async (one) => {
      const broken = await withLoop(async (loop) => {
        const run = new Run(loop, (self) => make(self, one));
        current = run;
        try {
          await run.play(one);
        } finally {
          current = undefined;
        }
        runs++;
        for (const event of run.events) counts.set(event, (counts.get(event) ?? 0) + 1);
        return run.broken;
      });
      expect(broken).toEqual([]);
    }),
    { numRuns },
  );
  const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
  console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
  return shares.filter(([, share]) => share < 1);
}
