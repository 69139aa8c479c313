/**
 * The loop of one run. It asks the strategy, counts steps, has cancellations land between steps, and looks after each step
 * whether what must hold holds. A trace, where there is one, is told of every step.
 */
import { type ExceptionContext, realm, type Runnable, type TimerHandle } from '@aiokit/loop-core';
import { macrotask, VirtualLoop } from '@aiokit/loop-core/virtual';
import type { Task } from '@aiokit/task';
import type { Asking, Schedule, Strategy } from './schedule.js';

/** Whom a run tells what happens. */
export interface Observer {
  /** Something was made ready. */
  enqueued(step: Runnable): void;
  /** A timer was made. */
  timer(step: Runnable): void;
  /** A step is about to be run; the one before is over. */
  begins(step: Runnable): void;
  /** A task is cancelled by the explorer. */
  cancels(task: Task<unknown>): void;
  /** The last step is over. */
  ends(): void;
  /** The host's promises have run. */
  hosted(): void;
}

/** What bounds a run. */
export interface Limits {
  readonly cancellations: number;
  readonly stepLimit: number;
  readonly invariants: (() => void)[];
}

/** Lets the host's promises run until none is ready. */
export const hop = (): Promise<void> => new Promise<void>(macrotask);

/** Whether a step is the beginning of an async function. */
const isAsync = ({ waiter, scope }: { waiter?: object | null; scope?: object | null }): boolean =>
  scope !== undefined && scope !== null && waiter === scope;

export class ExploredLoop extends VirtualLoop implements Asking {
  steps = 0;
  /** Whether the program needs the host's promises. */
  host = false;
  /** How many host promises are waited for. */
  holds = 0;
  /** Whether the limit of steps was reached. */
  endless = false;
  /** What an invariant threw. */
  broken: { readonly error: unknown } | undefined;
  /** What nobody caught. */
  readonly reports: ExceptionContext[] = [];
  /** Whether the explorer has cancelled something. */
  cancelled = false;
  main: Task<unknown> | undefined;
  readonly #limits: Limits;
  readonly #observer: Observer | undefined;
  #cancellations: number;
  /** Whether the last steps have woken async functions that have not run yet. */
  #woken = false;

  constructor(strategy: Strategy, schedule: Schedule, limits: Limits, observer: Observer | undefined) {
    super({
      choose: (kind, n) => {
        const choice = strategy.choose(kind, n, schedule.length, this);
        schedule.add(choice, n);
        return choice;
      },
    });
    this.#limits = limits;
    this.#observer = observer;
    this.#cancellations = limits.cancellations;
  }

  /** Runs a program that does not need the host. */
  drain(): void {
    while (!this.stopping && this.step());
    this.#observer?.ends();
  }

  /**
   * Runs a program with the host's promises. They run when nothing else can, and once some were woken, at the end of the
   * iteration, as on the host's loop, or after any step in it if that is chosen.
   */
  async drainWithHost(): Promise<void> {
    do {
      if (!this.busy || (this.#woken && (!this.within || this.choose('host', 2) === 1))) {
        this.#woken = false;
        await hop();
        this.#observer?.hosted();
      }
    } while (!this.stopping && this.step());
    this.#observer?.ends();
  }

  /** Begins a run, and ends it; between the two, whatever is made belongs to the loop. */
  override enter(): void {
    super.enter();
  }

  override leave(): void {
    super.leave();
  }

  override hostTurn(): void {
    this.host = this.#woken = true;
  }

  override hold(what: object): () => void {
    this.host = true;
    this.holds++;
    const release = super.hold(what);
    let open = true;
    return () => {
      if (open) this.holds--;
      open = false;
      release();
    };
  }

  override callExceptionHandler(context: ExceptionContext): void {
    if (this.getExceptionHandler()) super.callExceptionHandler(context);
    else this.reports.push(context);
  }

  override enqueue(runnable: Runnable, order?: object): void {
    super.enqueue(runnable, order);
    this.#observer?.enqueued(runnable);
  }

  override callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => void,
    ...args: A
  ): TimerHandle {
    const timer = super.callAt(when, callback, ...args);
    this.#observer?.timer(timer as unknown as Runnable);
    return timer;
  }

  about(choice: number): object {
    const step = this.candidate(choice);
    return this.host ? (this.ownerOf(step) ?? step) : step;
  }

  /** The task that a step is of. */
  ownerOf(step: Runnable): Task<unknown> | undefined {
    for (const task of this.pending()) {
      if ((task as unknown) === step || task.scope?.waiting.includes(step as never)) return task;
    }
    return undefined;
  }

  /** The tasks that are not done, in the order in which they were made. */
  pending(): Task<unknown>[] {
    return (realm.pending?.(this) ?? []) as Task<unknown>[];
  }

  protected override between(): void {
    if (this.main?.done()) {
      if (!this.busy) this.stop();
    } else if (this.#cancellations > 0) this.#cancelSome();
  }

  protected override perform(step: Runnable): void {
    if (++this.steps > this.#limits.stepLimit) {
      this.endless = true;
      this.stop();
      return;
    }
    this.#observer?.begins(step);
    super.perform(step);
    if (this.host) this.#woken ||= isAsync(step as never);
    const { invariants } = this.#limits;
    for (let at = 0; at < invariants.length; at++) this.#check(invariants[at] as () => void);
  }

  #check(invariant: () => void): void {
    try {
      invariant();
    } catch (error) {
      this.broken ??= { error };
      this.stop();
    }
  }

  #cancelSome(): void {
    while (this.#cancellations > 0) {
      const tasks = this.pending();
      const choice = tasks.length > 0 ? this.choose('cancel', tasks.length + 1) : 0;
      if (choice === 0) return;
      const task = tasks[choice - 1] as Task<unknown>;
      this.#cancellations--;
      this.cancelled = true;
      this.#observer?.cancels(task);
      task.cancel();
    }
  }
}
