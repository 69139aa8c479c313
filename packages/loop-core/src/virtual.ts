/**
 * A loop in virtual time: deterministic, its clock jumps to the next deadline when nothing else can run. Given an oracle,
 * it lets the oracle choose among all steps that may come next.
 */
import { asyncContext } from './context.js';
import { type AiokitError, type AiokitErrorConstructor, defineError } from './errors.js';
import type { Awaitable, Handle, Runnable, TimerHandle } from './event-loop.js';
import { type Callback, ITERATIONS_PER_HOP, macrotask } from './internal/guest.js';
import { ProgramLoop, rule, stoppedEarly } from './internal/program-loop.js';
import { checkDuration, checkTime, refuse } from './internal/check.js';
import { PromiseOutcome } from './internal/promise-outcome.js';
import { isHostPromise, type Main, toAwaitable } from './internal/to-awaitable.js';
import { realm } from './realm.js';

export { macrotask } from './internal/guest.js';

declare const performance: { now(): number };

/** Nothing can run, no timer is pending, and nothing outside the loop is waited for. */
export interface DeadlockError extends AiokitError {
  readonly code: 'DEADLOCK';
}
/** @source no CPython counterpart: there the program hangs */
export const DeadlockError: AiokitErrorConstructor<DeadlockError> = /* @__PURE__ */ defineError(
  'DeadlockError',
  'DEADLOCK',
);

/** Only the host (a promise, an async function) can make progress, and the run does not wait for it, or not longer. */
export interface HostWaitError extends AiokitError {
  readonly code: 'HOST_WAIT';
}
/** @source no CPython counterpart */
export const HostWaitError: AiokitErrorConstructor<HostWaitError> = /* @__PURE__ */ defineError(
  'HostWaitError',
  'HOST_WAIT',
);

/**
 * Chooses among `n` possibilities of a kind: returns 0 to n - 1, of which 0 is what FIFO would do. The loop asks with
 * kind `'step'` which step comes next.
 */
export type Oracle = (kind: string, n: number) => number;

/** What a `VirtualLoop` is made with. */
export interface VirtualLoopOptions {
  /** Chooses the order of steps; FIFO in iterations, as asyncio's, if absent. */
  readonly choose?: Oracle;
  /** What the clock shows at first, in milliseconds; 0 if absent. */
  readonly startMs?: number;
  /** How long a run may wait for the host, in milliseconds of real time; 5000 if absent. */
  readonly hostWaitLimitMs?: number;
}

/** Up to so many orders are compared one by one, which is quicker than a set of them. */
const FEW = 8;

/**
 * A loop whose clock jumps from deadline to deadline.
 *
 * Use it for tests and simulations. A program sees asyncio's order of steps, or under an oracle any order that asyncio
 * leaves open.
 *
 * @example
 * const loop = new VirtualLoop();
 * loop.callLater(60_000, () => console.log('a minute later, at once'));
 * loop.runUntilIdle();
 * @source CPython `BaseEventLoop`, in virtual time
 */
export class VirtualLoop extends ProgramLoop {
  #time: number;
  readonly #choose: Oracle | undefined;
  readonly #hostWaitLimitMs: number;
  readonly #holds = new Set<{ readonly what: object }>();
  /** What is ready under an oracle, as it came; steps of one order, at the same place in `#orders`, keep theirs. */
  #steps: Runnable[] = [];
  #orders: object[] = [];
  /** How many of them, the first, belong to the iteration that FIFO is in. */
  #left = 0;
  /** Timers that have become due in it: FIFO runs them after it. */
  #late: (Runnable & TimerHandle)[] = [];
  /** Among which steps the oracle is asked: their places in `#steps`; those of `#late` follow. */
  #eligible: number[] = [];
  /** What is being run, under an oracle. */
  #source: object = this;
  /** What is made ready once nothing is. */
  #idle: Runnable[] = [];
  #running = false;
  #hostTurn = false;

  constructor(options: VirtualLoopOptions = {}) {
    super();
    realm.context ??= asyncContext;
    const { choose, startMs = 0, hostWaitLimitMs = 5000 } = options;
    if (choose !== undefined && typeof choose !== 'function') refuse('choose', 'a function', choose);
    checkTime(startMs, 'startMs');
    if (startMs === -Infinity) refuse('startMs', 'a finite number', startMs, RangeError);
    checkDuration(hostWaitLimitMs, 'hostWaitLimitMs');
    this.#choose = choose;
    this.#time = startMs;
    this.#hostWaitLimitMs = hostWaitLimitMs;
    this.armed = true;
    this.fuel = Infinity;
  }

  override time(): number {
    return this.#time;
  }

  override isRunning(): boolean {
    return this.#running;
  }

  override hostTurn(): void {
    this.#hostTurn = true;
  }

  hold(what: object): () => void {
    const hold = { what };
    this.#holds.add(hold);
    return () => void this.#holds.delete(hold);
  }

  /**
   * Asks the oracle, as the loop does itself.
   *
   * @param kind what is chosen
   * @param n how many possibilities there are, 1 or more
   * @returns 0 to n - 1; 0 without an oracle
   * @throws RangeError if the oracle's answer is not among them
   * @source no CPython counterpart
   */
  choose(kind: string, n: number): number {
    if (!this.#choose || n < 2) return 0;
    const choice = this.#choose(kind, n);
    if (!Number.isInteger(choice) || choice < 0 || choice >= n) {
      refuse(`the choice of a ${kind}`, `an integer from 0 to ${n - 1}`, choice, RangeError);
    }
    return choice;
  }

  override enqueue(runnable: Runnable, order?: object): void {
    if (!this.#choose) return super.enqueue(runnable);
    this.checkOpen();
    this.#steps.push(runnable);
    this.#orders.push(order ?? runnable);
  }

  override callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    if (!this.#choose) return super.callSoon(callback, ...args);
    const call = this.handle(callback as Callback, args);
    this.enqueue(call, this.#source);
    return call;
  }

  /**
   * Runs a callback once nothing else is ready, before the clock jumps: everybody waits, for time or for one another.
   *
   * @param callback called without arguments
   * @returns its handle
   * @throws TypeError if it is not a function; RuntimeError (`LOOP_CLOSED`) if the loop is closed
   * @ordering those that were given before come first; what they make ready comes before those that are given later
   * @complexity O(1)
   * @source no CPython counterpart; trio's `wait_all_tasks_blocked`
   */
  callWhenIdle(callback: () => void): Handle {
    const call = this.handle(callback, []);
    this.#idle.push(call);
    return call;
  }

  /**
   * Ends the loop: what is scheduled is dropped, and scheduling more throws.
   *
   * @throws RuntimeError (`LOOP_RUNNING`) while a run method is at work; the loop goes on
   * @source LOOP-9 · CPython `BaseEventLoop.close`
   */
  override close(): void {
    super.close();
    this.#steps = [];
    this.#orders = [];
    this.#late = [];
    this.#idle = [];
    this.#left = 0;
    this.#holds.clear();
  }

  /** Ends the run that is at work, or the next one after one iteration. The iteration at hand is completed. */
  stop(): void {
    this.stopping = true;
  }

  /**
   * Runs until `stop()`.
   *
   * @throws RuntimeError (`LOOP_CLOSED`, `LOOP_RUNNING`) if the loop cannot be run now; nothing has changed
   * @throws DeadlockError when nothing can ever run again
   * @throws HostWaitError when only the host can make progress
   * @ordering iterations as asyncio's; under an oracle, as it chooses
   * @complexity O(1) a step, O(log n) a timer
   * @source LOOP-9 · CPython `BaseEventLoop.run_forever`
   */
  runForever(): void {
    this.#run(() => this.#spin());
  }

  /**
   * Runs until nothing is ready and no timer is pending, or only the host can make progress.
   *
   * @throws RuntimeError as `runForever`
   * @ordering as `runForever`
   * @complexity as `runForever`
   * @source no CPython counterpart
   */
  runUntilIdle(): void {
    this.#run(() => {
      do if (!this.step()) return;
      while (!this.stopping);
    });
  }

  /**
   * Runs until an awaitable, or the task of a coroutine, is done.
   *
   * @param main what to wait for
   * @returns its result
   * @throws what it failed with; RuntimeError (`LOOP_STOPPED`) if `stop()` came first; otherwise as `runForever`
   * @ordering as `runForever`
   * @cancellation cancel `main`
   * @complexity as `runForever`
   * @source LOOP-9 · CPython `BaseEventLoop.run_until_complete`
   */
  runUntilComplete<T>(main: Awaitable<T> | Iterator<unknown, T>): T {
    return this.#run(() => {
      if (isHostPromise(main)) {
        throw new HostWaitError('a promise needs the host: use runUntilCompleteAsync(promise)');
      }
      const future = toAwaitable<T>(this, main);
      const stop = () => this.stop();
      future.addDoneCallback(stop);
      try {
        this.#spin(future);
      } finally {
        future.removeDoneCallback(stop);
      }
      return this.#result(future);
    });
  }

  /**
   * As `runUntilComplete`, for programs with async functions and host promises.
   *
   * They get their turn whenever they were woken, and before the clock jumps. It stands still while a hold is open, such
   * as that of `fromPromise`; the promise of an async function is given as it is and holds nothing.
   *
   * @param main what to wait for; a promise too
   * @returns its result
   * @throws as `runUntilComplete`; HostWaitError once the host has been waited for longer than `hostWaitLimitMs`
   * @ordering as `runForever`; host code runs between iterations
   * @cancellation cancel `main`
   * @complexity as `runForever`, and a macrotask each time the host has a turn
   * @source LOOP-9 · CPython `BaseEventLoop.run_until_complete`
   */
  async runUntilCompleteAsync<T>(main: Main<T>): Promise<T> {
    this.enter();
    try {
      const future = isHostPromise(main) ? new PromiseOutcome<T>(this, main) : toAwaitable<T>(this, main);
      const stop = () => this.stop();
      future.addDoneCallback(stop);
      try {
        let since: number | undefined;
        let left = ITERATIONS_PER_HOP;
        if (this.stopping) this.#iterate();
        while (!this.stopping) {
          if (this.busy && !this.#hostTurn && --left > 0) this.#iterate();
          else {
            this.#hostTurn = false;
            left = ITERATIONS_PER_HOP;
            await new Promise<void>(macrotask);
            if (this.busy || this.#hostTurn || this.stopping) since = undefined;
            else if (this.#holds.size === 0 && this.step()) since = undefined;
            else if (this.#holds.size === 0 && !(future instanceof PromiseOutcome)) this.#stuck(future);
            else if ((since ??= performance.now()) + this.#hostWaitLimitMs < performance.now()) {
              this.#stuck(future);
            }
          }
        }
      } finally {
        future.removeDoneCallback(stop);
      }
      return this.#result(future);
    } finally {
      this.leave();
    }
  }

  protected override rest(): void {}

  protected override tired(): boolean {
    return false;
  }

  protected override ended(): boolean {
    return false;
  }

  /** Whether anything can run before the clock jumps. */
  protected get busy(): boolean {
    return this.count > 0 || this.#steps.length > 0 || this.#late.length > 0;
  }

  /** Whether FIFO, under an oracle, is within an iteration. */
  protected get within(): boolean {
    return this.#left > 0;
  }

  /** An iteration, or a step under an oracle, after a jump of the clock if nothing is ready. False if nothing is left. */
  protected step(): boolean {
    if (this.#choose) this.between();
    if (this.#idle.length > 0 && !this.busy) {
      const idle = this.#idle;
      this.#idle = [];
      for (const call of idle) this.enqueue(call);
    }
    if (!this.busy && !this.stopping) {
      const next = this.timers.next();
      realm.hooks?.idle?.(this, next);
      if (next === Infinity || this.#holds.size > 0) return false;
      this.#time = Math.max(this.#time, next);
    }
    this.#iterate();
    return true;
  }

  /** Called under an oracle before each step, and before a jump of the clock. */
  protected between(): void {}

  /** The step that the oracle's choice of a number stands for. */
  protected candidate(choice: number): Runnable {
    const eligible = this.#eligible;
    return (
      choice < eligible.length
        ? this.#steps[eligible[choice] as number]
        : this.#late[choice - eligible.length]
    ) as Runnable;
  }

  /** Runs a step, under an oracle. */
  protected perform(step: Runnable): void {
    this.#source = step;
    try {
      realm.hooks?.before?.(this, step);
      step.run();
    } catch (error) {
      this.failed(error, step);
    } finally {
      realm.hooks?.after?.(this, step);
      this.#source = this;
    }
  }

  #iterate(): void {
    if (!this.#choose) {
      this.iterate();
      return;
    }
    const late = this.#late;
    if (this.timers.size > 0) {
      while (this.timers.next() <= this.#time) {
        const timer = this.timers.shift();
        let at = late.length;
        while (at > 0 && (late[at - 1] as TimerHandle).when() > timer.when()) at--;
        late.splice(at, 0, timer);
      }
    }
    if (this.#left === 0) {
      for (const timer of late) this.enqueue(timer);
      late.length = 0;
      this.#left = this.#steps.length;
    }
    this.#findEligible();
    const eligible = this.#eligible;
    const n = eligible.length + late.length;
    if (n === 0) return;
    const choice = this.choose('step', n);
    const step = this.candidate(choice);
    if (choice < eligible.length) {
      const place = eligible[choice] as number;
      this.#steps.splice(place, 1);
      this.#orders.splice(place, 1);
      if (place < this.#left) this.#left--;
    } else late.splice(choice - eligible.length, 1);
    this.perform(step);
  }

  /** The first step of each order. */
  #findEligible(): void {
    const orders = this.#orders;
    const { length } = orders;
    const eligible = this.#eligible;
    if (length === 1 && eligible.length === 1) {
      eligible[0] = 0;
      return;
    }
    eligible.length = 0;
    if (length > FEW) {
      const seen = new Set<object>();
      for (let place = 0; place < length; place++) {
        const order = orders[place] as object;
        if (!seen.has(order)) eligible.push(place);
        seen.add(order);
      }
      return;
    }
    for (let place = 0; place < length; place++) {
      if (orders.indexOf(orders[place] as object) === place) eligible.push(place);
    }
  }

  #run<R>(work: () => R): R {
    this.enter();
    let result: R | undefined;
    const run = () => {
      result = work();
    };
    try {
      if (realm.context) realm.context.bare(run)();
      else run();
      return result as R;
    } finally {
      this.leave();
    }
  }

  /** Begins a run: the loop becomes the realm's running one. */
  protected enter(): void {
    this.checkOpen();
    if (this.#running) throw rule('This event loop is already running', 'LOOP_RUNNING');
    if (realm.running) throw rule('Cannot run the event loop while another loop is running', 'LOOP_RUNNING');
    this.#running = true;
    this.#hostTurn = false;
    realm.running = this;
  }

  /** Ends a run. */
  protected leave(): void {
    this.#running = false;
    this.stopping = false;
    realm.running = undefined;
  }

  #spin(main?: object): void {
    do if (!this.step()) this.#stuck(main);
    while (!this.stopping);
  }

  #result<T>(future: Awaitable<T>): T {
    if (!future.done()) throw stoppedEarly();
    return future.result();
  }

  #stuck(main?: object): never {
    const waiting = new Set<object>([...(main ? [main] : []), ...(realm.pending?.(this) ?? [])]);
    const who = [...waiting].map((one) => `\n  ${String(one)}`).join('') || ' nobody';
    if (this.#holds.size > 0 || main instanceof PromiseOutcome) {
      const holds = [...this.#holds].map(({ what }) => `\n  ${String(what)}`).join('');
      const timers =
        this.timers.size > 0
          ? `\ntimers pending: ${this.timers.size}; the clock stands still while a hold is open`
          : '';
      throw new HostWaitError(
        `only the host can make progress; waiting:${who}\nfor the host:${holds}${timers}`,
      );
    }
    if (this.#hostTurn) {
      throw new HostWaitError(`an async function was woken: use runUntilCompleteAsync; waiting:${who}`);
    }
    throw new DeadlockError(`nothing can run and no timer is pending; waiting:${who}`);
  }
}
