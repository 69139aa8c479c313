/**
 * Random programs over a queue: who gets and puts, in which of the three ways, with which limits, and when it is
 * cancelled, aborted, abandoned; when the queue is shut down. Items are numbered in the order of the calls. Steps of a
 * program that have no delay between them are iterations of one instant; the commands of a step are done in one iteration.
 */
import type { Operation } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import type { LifoQueue, PriorityQueue, Queue } from '@aiokit/queue';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { nameOf, type TestLoop, thrownBy } from './with-loop.js';

type Way = 'generator' | 'async' | 'plain';

interface Wait {
  readonly way: Way;
  /** Which signal ends the wait, if any; one that has aborted is replaced. */
  readonly signal: number | undefined;
  readonly timeoutMs: number | undefined;
}

type Command =
  | (Wait & { readonly do: 'get' | 'next' | 'put' | 'join' })
  | (Wait & { readonly do: 'getMany'; readonly min: number; readonly more: number })
  | (Wait & { readonly do: 'putMany'; readonly count: number })
  | { readonly do: 'getNowait' | 'putNowait' | 'taskDone' }
  | { readonly do: 'cancel' | 'abandon'; readonly which: number }
  | { readonly do: 'abort'; readonly signal: number }
  | { readonly do: 'shutdown'; readonly immediate: boolean };

export interface Program {
  readonly maxsize: number;
  readonly steps: readonly { readonly delayMs: number; readonly commands: readonly Command[] }[];
}

const SIGNALS = 3;

const wait = {
  way: fc.constantFrom<Way>('generator', 'async', 'plain'),
  signal: fc.constantFrom(undefined, 0, 1, 2),
  timeoutMs: fc.constantFrom(undefined, undefined, undefined, 0, 1, 1, 2, 3),
};
const one = <N extends string>(name: N) => fc.constant(name);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('get', 'get', 'next'), ...wait }) },
  { weight: 8, arbitrary: fc.record({ do: one('put'), ...wait }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: one('getMany'),
      min: fc.integer({ min: 1, max: 3 }),
      more: fc.nat(2),
      ...wait,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('putMany'), count: fc.nat(3), ...wait }) },
  { weight: 1, arbitrary: fc.record({ do: one('join'), ...wait }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('getNowait', 'putNowait') }) },
  { weight: 2, arbitrary: fc.record({ do: one('taskDone') }) },
  { weight: 4, arbitrary: fc.record({ do: one('cancel'), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: one('abandon'), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: one('abort'), signal: fc.nat(SIGNALS - 1) }) },
);

const step = fc.record({
  delayMs: fc.constantFrom(0, 0, 1, 2, 3),
  commands: fc.array(command, { minLength: 1, maxLength: 8, size: 'max' }),
});

export const program: fc.Arbitrary<Program> = fc
  .record({
    maxsize: fc.constantFrom(0, 1, 1, 1, 2, 3),
    steps: fc.array(step, { minLength: 3, maxLength: 16, size: 'max' }),
    shutdown: fc.option(
      fc.record({ at: fc.nat(16), immediate: fc.boolean(), command: fc.nat(5), twice: fc.boolean() }),
    ),
  })
  .map(({ maxsize, steps, shutdown }) => {
    if (!shutdown) return { maxsize, steps };
    const { at, immediate, twice } = shutdown;
    const ends: Command[] = [{ do: 'shutdown', immediate }];
    if (twice) ends.push({ do: 'shutdown', immediate: !immediate });
    const changed = steps.map(({ delayMs, commands }, index) => {
      if (index !== at % steps.length) return { delayMs, commands };
      const where = shutdown.command % (commands.length + 1);
      return { delayMs, commands: [...commands.slice(0, where), ...ends, ...commands.slice(where)] };
    });
    return { maxsize, steps: changed };
  });

/** One wait of a program. */
interface Attempt {
  readonly command: Command & Wait;
  /** The number of its call among all. */
  called: number;
  readonly signal: AbortSignal | undefined;
  operation: Operation<unknown> | undefined;
  /** `done`, or what ended it. */
  outcome: unknown;
  /** The items that it puts, or has got. */
  items: number[];
  queued: boolean;
  /** Whether it must end as cancelled, as its task was cancelled while it waited. */
  doomed: boolean;
  abandoned: boolean;
  endings: number;
  deadline: number;
  /** How often nothing was unfinished before. */
  ends: number;
  cancel(): void;
}

/** What a test knows of the storage. */
export interface Watched {
  /** Items as they were put. */
  readonly entered: number[];
  /** Rules that the storage broke. */
  readonly broken: string[];
  /** How many came back. */
  returned: number;
}

type AnyQueue = (Queue<number> | LifoQueue<number> | PriorityQueue<number>) & Watched;

const isAscending = (list: number[]): boolean =>
  list.every((item, index) => index === 0 || item > (list[index - 1] as number));

const isEnd = (value: unknown): boolean => (value as IteratorResult<number> | undefined)?.done === true;

const isGet = (name: string): boolean => /^(get|next)/.test(name);

/** Runs a program and notes which rules were broken, and what happened. */
export class Run {
  readonly broken: string[] = [];
  readonly events = new Set<string>();
  readonly attempts: Attempt[] = [];
  readonly #loop: TestLoop;
  readonly #queue: AnyQueue;
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  readonly #got: number[] = [];
  #calls = 0;
  #asked = 0;
  /** Items that were dropped, and how many of them were unfinished. */
  #lost = 0;
  #dropped = 0;
  #done = 0;
  /** How often nothing was unfinished. */
  #ends = 0;
  #isShutdown = false;
  #isClosed = false;

  constructor(loop: TestLoop, queue: AnyQueue) {
    this.#loop = loop;
    this.#queue = queue;
  }

  async play({ steps }: Program): Promise<void> {
    const main = function* (run: Run): Coroutine<void> {
      for (const { delayMs, commands } of steps) {
        if (delayMs > 0) {
          // Between two instants at which time limits end.
          yield* sleep(delayMs - 0.5);
          run.#atRest();
          yield* sleep(0.5);
        } else yield;
        for (const each of commands) {
          run.#perform(each);
          run.#check();
        }
      }
      yield* sleep(1000.5);
      run.#atRest();
      run.#perform({ do: 'shutdown', immediate: false });
      while (run.#queue.statistics().unfinished > 0) run.#perform({ do: 'taskDone' });
      run.#check();
      yield* sleep(1000);
    };
    await this.#loop.runUntilCompleteAsync(main(this));
    this.#atRest();
    this.#finish();
  }

  breaks(rule: string): void {
    this.broken.push(`${rule} at ${this.#loop.time()} ms`);
  }

  /** What holds at every moment. */
  #check(): void {
    const queue = this.#queue;
    const { items, reservedItems, reservedPlaces, unfinished } = queue.statistics();
    if (reservedItems < 0 || reservedPlaces < 0) this.breaks('a turn was counted off twice');
    if (!this.#isShutdown) {
      if (reservedItems > items) this.breaks('more is reserved than there is');
      if (queue.maxsize && queue.returned === 0 && items + reservedPlaces > queue.maxsize)
        this.breaks('more than there is place for');
    }
    if (unfinished !== Math.max(0, queue.entered.length - this.#done - this.#dropped))
      this.breaks('unfinished is wrong');
    if (unfinished === 0) this.#ends++;
  }

  /** What holds when nothing can go on. */
  #atRest(): void {
    const queue = this.#queue;
    const { items, reservedItems, reservedPlaces, getters, putters, joiners, unfinished } =
      queue.statistics();
    const waiting = this.attempts
      .filter(({ operation }) => String(operation) === '<Waiter waiting>')
      .sort((attempt, other) => attempt.called - other.called);
    const first = (gets: boolean): Attempt | undefined =>
      waiting.find(({ command: { do: name } }) => name !== 'join' && isGet(name) === gets);
    if (reservedItems !== 0 || reservedPlaces !== 0) this.breaks('a turn was not taken');
    const getter = first(true)?.command;
    const least = getter?.do === 'getMany' && putters === 0 ? getter.min : 1;
    if (getters > 0 && items >= least) this.breaks('a getter waits for what is there');
    const putter = first(false)?.command;
    const room = (queue.maxsize || Infinity) - items;
    if (putters > 0 && room >= (putter?.do === 'putMany' ? putter.count : 1))
      this.breaks('a putter waits for a place that is free');
    if (this.#isShutdown && getters + putters > 0) this.breaks('somebody waits after the shutdown');
    if (joiners > 0 && unfinished === 0) this.breaks('a join waits for nothing');
  }

  #perform(command: Command): void {
    const queue = this.#queue;
    const { reservedItems, reservedPlaces, getters, putters, items, unfinished } = queue.statistics();
    switch (command.do) {
      case 'putNowait': {
        const number = this.#calls++;
        const full = queue.full();
        const error = nameOf(thrownBy(() => queue.putNowait(number)));
        const expected = this.#isShutdown ? 'QueueShutDown' : full ? 'QueueFull' : undefined;
        if (error !== expected) this.breaks(`putNowait: ${String(error)}, not ${String(expected)}`);
        if (error === 'QueueFull' && items < queue.maxsize && reservedPlaces > 0)
          this.events.add('putNowait refused as the place is reserved');
        break;
      }
      case 'getNowait': {
        const empty = queue.empty();
        let error: unknown;
        try {
          this.#got.push(queue.getNowait());
        } catch (reason) {
          error = nameOf(reason);
        }
        const refusal = this.#isShutdown && items === 0 ? 'QueueShutDown' : 'QueueEmpty';
        if (error !== (empty ? refusal : undefined)) this.breaks(`getNowait: ${String(error)}`);
        if (error === 'QueueEmpty' && items > 0 && reservedItems > 0)
          this.events.add('getNowait refused as the item is reserved');
        break;
      }
      case 'taskDone':
        if (thrownBy(() => queue.taskDone()) === undefined) this.#done++;
        else if (unfinished > 0) this.breaks('taskDone is refused');
        break;
      case 'abort':
        this.#abort(command.signal);
        break;
      case 'cancel':
      case 'abandon':
        this.#end(command.do, command.which);
        break;
      case 'shutdown':
        if (getters > 0) this.events.add('shutdown with getters');
        if (putters > 0) this.events.add('shutdown with putters');
        if (reservedItems > 0) this.events.add('shutdown with reserved items');
        if (reservedPlaces > 0) this.events.add('shutdown with reserved places');
        if (command.immediate && unfinished > items) this.events.add('immediate with unfinished tasks');
        if (command.immediate) this.#dropped += Math.min(items, unfinished);
        if (command.immediate) this.#lost += items;
        this.#isClosed ||= command.immediate;
        queue.shutdown(command);
        this.#isShutdown = true;
        break;
      case 'get':
      case 'next':
      case 'getMany':
      case 'put':
      case 'putMany':
      case 'join':
        this.#start(command);
    }
  }
  #abort(which: number): void {
    // Whose turn has come first: there is little time for that.
    const turn = this.attempts.find(
      ({ signal, operation }) => signal?.aborted === false && String(operation) === '<Waiter granted>',
    );
    const at = turn ? this.#controllers.findIndex(({ signal }) => signal === turn.signal) : which;
    const controller = this.#controllers[at] as AbortController;
    for (const attempt of this.attempts)
      if (attempt.signal === controller.signal) this.#note(attempt, 'aborted');
    this.#controllers[at] = new AbortController();
    controller.abort('aborted');
  }

  #end(how: 'cancel' | 'abandon', which: number): void {
    const open = this.attempts.filter(
      ({ outcome, command: { way }, abandoned }) =>
        outcome === undefined && !abandoned && (way === 'plain' || how === 'cancel'),
    );
    // Those whose turn has come first: there is little time for them.
    const hasTurn = ({ operation }: Attempt): number => (String(operation) === '<Waiter granted>' ? 1 : 0);
    open.sort((attempt, other) => hasTurn(other) - hasTurn(attempt));
    const attempt = open[which % open.length];
    if (!attempt) return;
    this.#note(attempt, how === 'cancel' ? 'cancelled' : 'abandoned');
    if (how === 'cancel') attempt.cancel();
    else {
      const { unfinished } = this.#queue.statistics();
      const { value } = attempt.operation as unknown as { value: unknown };
      attempt.abandoned = true;
      attempt.operation?.abandon();
      // What comes back to a queue that was shut down at once is dropped.
      if (!this.#isClosed || !isGet(attempt.command.do)) return;
      if (attempt.outcome === undefined && !String(attempt.operation).startsWith('<Waiter')) {
        this.#dropped += unfinished - this.#queue.statistics().unfinished;
        this.#lost += Array.isArray(value) ? value.length : isEnd(value) ? 0 : 1;
      }
    }
  }

  #note({ command, operation, outcome }: Attempt, how: string): void {
    const [, state] = /<Waiter (waiting|granted)>/.exec(String(operation)) ?? [];
    if (outcome === undefined && state && command.do !== 'join')
      this.events.add(`${isGet(command.do) ? 'get' : 'put'} ${state}, then ${how}`);
  }

  #start(command: Command & Wait): void {
    const attempt: Attempt = {
      command,
      called: 0,
      signal: command.signal === undefined ? undefined : this.#controllers[command.signal]?.signal,
      operation: undefined,
      outcome: undefined,
      items: [],
      queued: false,
      doomed: false,
      abandoned: false,
      endings: 0,
      deadline: Infinity,
      ends: 0,
      cancel: () => {},
    };
    this.attempts.push(attempt);
    const { way } = command;
    if (way === 'plain') {
      const operation = this.#ask(attempt);
      attempt.cancel = () => void operation.cancel();
      operation.addDoneCallback(() => {
        // What was given back is no longer to be looked at.
        if (attempt.abandoned && !attempt.queued) return;
        let value: unknown;
        try {
          value = operation.result();
        } catch (error) {
          this.#failed(attempt, error);
          return;
        }
        this.#succeeded(attempt, value);
      });
      return;
    }
    const steps = function* (run: Run): Coroutine<void> {
      let value: unknown;
      try {
        value = yield* run.#ask(attempt);
      } catch (error) {
        run.#failed(attempt, error);
        throw error;
      }
      run.#succeeded(attempt, value);
    };
    const task = createTask(
      way === 'generator'
        ? steps(this)
        : async () => {
            let value: unknown;
            try {
              value = await this.#ask(attempt);
            } catch (error) {
              this.#failed(attempt, error);
              throw error;
            }
            this.#succeeded(attempt, value);
          },
    );
    task.addDoneCallback(() => {
      if (!task.cancelled()) task.exception();
      if (attempt.outcome !== undefined || attempt.operation) return;
      // It was cancelled before it began.
      attempt.outcome = 'never began';
      attempt.endings++;
    });
    attempt.cancel = () => {
      // An async function that has not subscribed yet can still be served.
      attempt.doomed ||= attempt.outcome === undefined && String(task).includes('wait_for=<Waiter');
      task.cancel();
    };
  }

  #ask(attempt: Attempt): Operation<unknown> {
    const { command } = attempt;
    const queue = this.#queue;
    const options: WaitOptions = { signal: attempt.signal, timeoutMs: command.timeoutMs };
    let operation: Operation<unknown>;
    if (command.do === 'put') {
      attempt.items = [this.#calls++];
      operation = queue.put(attempt.items[0] as number, options);
    } else if (command.do === 'putMany') {
      const count = Math.min(command.count, queue.maxsize || Infinity);
      attempt.items = Array.from({ length: count }, () => this.#calls++);
      operation = queue.putMany(attempt.items, options);
    } else if (command.do === 'getMany') {
      const min = Math.min(command.min, queue.maxsize || Infinity);
      operation = queue.getMany({ ...options, min, max: min + command.more });
    } else if (command.do === 'next') operation = queue.next(options);
    else if (command.do === 'join') operation = queue.join(options);
    else operation = queue.get(options);
    attempt.operation = operation;
    attempt.called = this.#asked++;
    attempt.queued = !operation.done();
    attempt.deadline = this.#loop.time() + (command.timeoutMs ?? Infinity);
    if (command.do === 'join') {
      const { unfinished } = queue.statistics();
      attempt.ends = this.#ends;
      if (attempt.queued) this.events.add('join waits');
      else if (unfinished > 0 && !attempt.signal?.aborted && !((command.timeoutMs ?? 1) <= 0))
        this.breaks('a join did not wait');
    } else if (!attempt.queued) this.events.add(`${isGet(command.do) ? 'get' : 'put'} at once`);
    return operation;
  }

  #succeeded(attempt: Attempt, value: unknown): void {
    attempt.endings++;
    attempt.outcome = 'done';
    const { command } = attempt;
    if (attempt.doomed) this.breaks('a cancellation was swallowed');
    if (attempt.queued && this.#loop.time() > attempt.deadline) this.breaks('done after the time limit');
    if (attempt.queued) this.events.add(`${command.do} done after a wait, ${command.way}`);
    if (command.do === 'join' && attempt.queued && attempt.ends === this.#ends)
      this.breaks('a join ended too early');
    if (!isGet(command.do)) return;
    if (command.do === 'next') {
      const result = value as IteratorResult<number>;
      if (result.done && !this.#isShutdown) this.breaks('the end came early');
      attempt.items = result.done ? [] : [result.value];
    } else attempt.items = command.do === 'getMany' ? (value as number[]) : [value as number];
    this.#got.push(...attempt.items);
    if (command.do !== 'getMany') return;
    const { length } = attempt.items;
    if (length < 1 || length > Math.min(command.min, this.#queue.maxsize || Infinity) + command.more)
      this.breaks('a batch has a wrong size');
  }

  #failed(attempt: Attempt, error: unknown): void {
    attempt.endings++;
    attempt.outcome = nameOf(error);
    const { command } = attempt;
    if (attempt.doomed && attempt.outcome !== 'CancelledError') this.breaks('a cancellation was replaced');
    if (attempt.outcome === 'QueueShutDown' && !this.#isShutdown) this.breaks('shut down too early');
    if (attempt.outcome === 'TimeoutError' && attempt.queued)
      this.events.add(`${isGet(command.do) ? 'get' : command.do} timed out`);
  }

  #finish(): void {
    const queue = this.#queue;
    const { entered } = queue;
    this.broken.push(...queue.broken);
    for (const { endings, abandoned, outcome, operation, signal, command, items } of this.attempts) {
      if (abandoned ? endings > 1 : endings !== 1) this.breaks(`${endings} endings of a ${command.do}`);
      if (signal && getEventListeners(signal, 'abort').length > 0) this.breaks('a listener is left');
      if (command.do.startsWith('put') && operation) {
        const inside = items.filter((item) => entered.includes(item)).length;
        // An abandoned put may have been done before, and nobody was told.
        if (inside !== 0 && inside !== items.length) this.breaks('a part of a batch was put');
        if (items.length > 0 && !abandoned && (outcome === 'done') !== inside > 0)
          this.breaks(`${String(outcome)}, but ${inside} of ${items.length} put`);
      }
    }
    if (queue.returned > 0) this.events.add('an item came back');
    const left: number[] = [];
    // No further than there are items: whoever miscounts turns may never call it empty.
    for (let most = queue.qsize(); most > 0 && !queue.empty(); most--) left.push(queue.getNowait());
    if (queue.qsize() !== 0 || !queue.empty()) this.breaks('items are stuck');
    const all = [...this.#got, ...left];
    if (new Set(all).size !== all.length) this.breaks('an item was doubled');
    if (all.some((item) => !entered.includes(item))) this.breaks('an item was made up');
    if (all.length + this.#lost !== entered.length) this.breaks('an item was lost');
    const waited = this.attempts.filter(
      ({ command: { timeoutMs }, outcome }) => outcome === 'done' && !((timeoutMs ?? 1) <= 0),
    );
    const places = new Map(entered.map((item, index) => [item, index]));
    const puts = waited
      .filter(({ command: { do: name } }) => name.startsWith('put'))
      .sort((attempt, other) => (attempt.items[0] ?? 0) - (other.items[0] ?? 0));
    if (!isAscending(puts.flatMap(({ items }) => items.map((item) => places.get(item) ?? -1))))
      this.breaks('items were not put in the order of the calls');
  }

  /** Whether those who wait get the items in the order of the calls: in a queue that keeps it, unless some came back. */
  checkOrder(): void {
    const { entered, returned } = this.#queue;
    if (returned > 0) return;
    const served = this.attempts
      // An async function has subscribed only a turn of the host's promises after the call.
      .filter(({ command: { way, timeoutMs } }) => way !== 'async' && !((timeoutMs ?? 1) <= 0))
      .filter(({ command, outcome }) => isGet(command.do) && outcome === 'done')
      .sort((attempt, other) => attempt.called - other.called);
    const places = served.flatMap(({ items }) => items.map((item) => entered.indexOf(item)));
    if (!isAscending(places)) this.breaks('items were not got in the order of the calls');
  }
}
