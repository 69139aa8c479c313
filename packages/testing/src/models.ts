/**
 * Models of the primitives, for implementations of your own: a random program of operations is run, and after each the
 * implementation must look as the model says. A program is a list of numbers, which fast-check makes:
 * `fc.asyncProperty(fc.array(fc.nat(999), { maxLength: 40 }), lockModel(() => new MyLock()))`.
 */
import { macrotask } from '@aiokit/loop-core/virtual';

/** What a wait is given. */
export interface ModelWaitOptions {
  /** Ends the wait; absent where the implementation is not said to have signals. */
  readonly signal?: AbortSignal;
}

/** How an implementation is run. */
export interface ModelOptions {
  /** Whether waits take `{ signal }`; if so, some are aborted. */
  readonly signals?: boolean;
  /** Lets the implementation do all that it can; some macrotasks of the host if absent. */
  readonly settle?: () => PromiseLike<void>;
}

/** A lock of your own. */
export interface LockLike {
  acquire(options?: ModelWaitOptions): PromiseLike<unknown>;
  release(): unknown;
  locked?(): boolean;
}

/** An event of your own. */
export interface EventLike {
  wait(options?: ModelWaitOptions): PromiseLike<unknown>;
  set(): unknown;
  clear(): unknown;
  isSet?(): boolean;
}

/** A condition of your own, with its lock. */
export interface ConditionLike extends LockLike {
  wait(options?: ModelWaitOptions): PromiseLike<unknown>;
  notify(n?: number): unknown;
  notifyAll(): unknown;
}

/** A barrier of your own. */
export interface BarrierLike {
  wait(): PromiseLike<unknown>;
}

/** A queue of your own. */
export interface QueueLike {
  put(item: number, options?: ModelWaitOptions): PromiseLike<unknown>;
  get(options?: ModelWaitOptions): PromiseLike<number>;
  qsize?(): number;
}

/** Runs a program against a model: the predicate of a property of lists of numbers, up to 999 or so. */
export type Model = (program: readonly number[]) => Promise<void>;

const HOPS = 4;

const hops = async (): Promise<void> => {
  for (let hop = 0; hop < HOPS; hop++) await new Promise<void>(macrotask);
};

/** An operation that was begun. */
interface Operation {
  readonly what: string;
  readonly controller: AbortController;
  state: 'pending' | 'done' | 'failed';
  value: unknown;
  aborted: boolean;
}

class Bench {
  readonly operations: Operation[] = [];
  readonly log: string[] = [];
  readonly #options: ModelOptions;
  readonly #patient: string | undefined;
  #order: Operation[] = [];

  /** @param patient what may be late to settle when it is aborted */
  constructor(options: ModelOptions, patient?: string) {
    this.#options = options;
    this.#patient = patient;
  }

  /** Begins an operation. */
  begin(what: string, operation: (options?: ModelWaitOptions) => PromiseLike<unknown>): Operation {
    const controller = new AbortController();
    const begun: Operation = { what, controller, state: 'pending', value: undefined, aborted: false };
    const settled = (state: 'done' | 'failed') => (value: unknown) => {
      this.ensure(begun.state === 'pending', `${what} has settled twice`);
      begun.state = state;
      begun.value = value;
      this.#order.push(begun);
    };
    this.log.push(what);
    this.operations.push(begun);
    const started = this.#options.signals ? operation({ signal: controller.signal }) : operation();
    started.then(settled('done'), settled('failed'));
    return begun;
  }

  /** Aborts one that is pending, if the implementation has signals. */
  abort(pick: number): void {
    const pending = this.pending();
    const one = pending[pick % (pending.length || 1)];
    if (!this.#options.signals || !one) return;
    this.log.push(`abort ${one.what}`);
    one.aborted = true;
    one.controller.abort();
  }

  pending(what?: string): Operation[] {
    return this.operations.filter(
      (one) => one.state === 'pending' && !one.aborted && (what === undefined || one.what.startsWith(what)),
    );
  }

  done(what: string): Operation[] {
    return this.operations.filter((one) => one.state === 'done' && one.what.startsWith(what));
  }

  /** Lets all happen, and gives what has been settled, in order. */
  async settle(): Promise<Operation[]> {
    await (this.#options.settle ?? hops)();
    const order = this.#order;
    this.#order = [];
    for (const { what, aborted, state, value } of this.operations) {
      const late = this.#patient !== undefined && what.startsWith(this.#patient);
      this.ensure(!aborted || state !== 'pending' || late, `${what} was aborted and never settles`);
      this.ensure(aborted || state !== 'failed', `${what} has failed: ${String(value)}`);
    }
    return order;
  }

  ensure(holds: boolean, message: string): void {
    if (!holds) throw new Error(`${message}\nafter: ${this.log.join(', ')}`);
  }
}

/** A command of a model: what it does, and whether all is looked at after it. */
type Command = (pick: number) => void;

/** Runs the commands: some one after the other at once, some after all has settled. */
async function run(
  bench: Bench,
  commands: readonly Command[],
  program: readonly number[],
  look: (settled: readonly Operation[]) => void,
): Promise<void> {
  for (const number of program) {
    const command = commands[number % commands.length] as Command;
    const rest = Math.floor(number / commands.length);
    command(rest >> 1);
    if (rest % 2 === 0) look(await bench.settle());
  }
  look(await bench.settle());
}

/** Whoever waits gets a permit as soon as one is free, in order. */
function permitModel(make: () => LockLike, permits: number, options: ModelOptions): Model {
  return async (program) => {
    const bench = new Bench(options);
    const primitive = make();
    let held = 0;
    const look = (settled: readonly Operation[]): void => {
      held += settled.filter(({ state }) => state === 'done').length;
      const granted = settled.filter(({ state }) => state === 'done');
      const places = granted.map((one) => bench.operations.indexOf(one));
      const first = bench.operations.findIndex((one) => one.state === 'pending' && !one.aborted);
      bench.ensure(held <= permits, `${held} hold ${permits}`);
      bench.ensure(held === permits || first < 0, `somebody waits, and ${permits - held} are free`);
      bench.ensure(
        places.every((place) => first < 0 || place < first),
        'not first come, first served',
      );
      const locked = primitive.locked?.();
      bench.ensure(locked === undefined || locked === (held === permits), `locked() is ${String(locked)}`);
    };
    const release = (): void => {
      if (held === 0) return;
      bench.log.push('release');
      held--;
      primitive.release();
    };
    const acquire = (): void => {
      bench.begin(`acquire ${bench.operations.length}`, (wait) => primitive.acquire(wait));
    };
    await run(bench, [acquire, release, (pick) => bench.abort(pick), acquire], program, look);
    while (held > 0) {
      release();
      look(await bench.settle());
    }
    for (let permit = 0; permit < permits; permit++) acquire();
    look(await bench.settle());
    bench.ensure(held === permits, `${permits - held} of ${permits} are lost`);
  };
}

/**
 * A lock: one holds it, whoever comes first is next, a wait that is aborted loses nothing.
 *
 * @param make makes the lock, once a program
 * @param options whether it has signals, and how it is driven
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-2 · CPython `asyncio.Lock`
 */
export function lockModel(make: () => LockLike, options: ModelOptions = {}): Model {
  return permitModel(make, 1, options);
}

/**
 * A semaphore: so many hold it, whoever comes first is next, a wait that is aborted loses nothing.
 *
 * @param make makes the semaphore, given its value, once a program
 * @param options whether it has signals, how it is driven, and its value; 2 if absent
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-3 · CPython `asyncio.Semaphore`
 */
export function semaphoreModel(
  make: (value: number) => LockLike,
  options: ModelOptions & { readonly value?: number } = {},
): Model {
  const { value = 2 } = options;
  return permitModel(() => make(value), value, options);
}

/**
 * An event: `set()` wakes all who wait, also if `clear()` follows at once; who comes while it is set does not wait.
 *
 * @param make makes the event, once a program
 * @param options whether it has signals, and how it is driven
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-4 · CPython `asyncio.Event`
 */
export function eventModel(make: () => EventLike, options: ModelOptions = {}): Model {
  return async (program) => {
    const bench = new Bench(options);
    const event = make();
    let isSet = false;
    /** Those whose time has come. */
    const woken = new Set<Operation>();
    const look = (): void => {
      for (const one of bench.operations) {
        if (one.aborted) continue;
        const { what, state } = one;
        bench.ensure((state === 'done') === woken.has(one), `${what} is ${state}`);
      }
      bench.ensure((event.isSet?.() ?? isSet) === isSet, `isSet() is not ${isSet}`);
    };
    const set = (): void => {
      bench.log.push('set');
      for (const one of bench.pending()) woken.add(one);
      isSet = true;
      event.set();
    };
    const clear = (): void => {
      bench.log.push('clear');
      isSet = false;
      event.clear();
    };
    const wait = (): void => {
      const begun = bench.begin(`wait ${bench.operations.length}`, (limits) => event.wait(limits));
      if (isSet) woken.add(begun);
    };
    await run(bench, [wait, set, clear, (pick) => bench.abort(pick), wait], program, look);
    set();
    await bench.settle();
    look();
  };
}

/**
 * A condition: its lock is a lock, `notify(n)` wakes n of those who wait, and no wake-up is lost when a wait is aborted.
 *
 * Whoever is woken has the lock. Who wakes without being notified is let pass.
 *
 * @param make makes the condition, once a program
 * @param options whether it has signals, and how it is driven
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-5 · CPython `asyncio.Condition`
 */
export function conditionModel(make: () => ConditionLike, options: ModelOptions = {}): Model {
  return async (program) => {
    // The wait takes the lock again before it ends, however it ends.
    const bench = new Bench(options, 'wait');
    const condition = make();
    let held = 0;
    /** How many waits must end. */
    let owed = 0;
    const over = (): number =>
      bench.operations.filter(({ what, state }) => what.startsWith('wait') && state !== 'pending').length;
    const look = (settled: readonly Operation[]): void => {
      // A wait that is aborted has the lock all the same.
      held += settled.filter(({ what, state }) => state === 'done' || what.startsWith('wait')).length;
      bench.ensure(held <= 1, `${held} hold the lock`);
      const aborted = bench.operations.some((one) => one.aborted && one.state === 'pending');
      const contending = aborted || bench.pending('acquire').length > 0 || over() < owed;
      bench.ensure(held === 1 || !contending, 'the lock is free, and somebody waits for it or was notified');
    };
    const release = (): void => {
      if (held === 0) return;
      bench.log.push('release');
      held--;
      condition.release();
    };
    const acquire = (): void => {
      bench.begin(`acquire ${bench.operations.length}`, (limits) => condition.acquire(limits));
    };
    const wait = (): void => {
      if (held === 0) return;
      held--;
      bench.begin(`wait ${bench.operations.length}`, (limits) => condition.wait(limits));
    };
    const notify = (pick: number): void => {
      if (held === 0) return;
      const n = (pick % 3) + 1;
      const waiting = bench.operations.filter(({ what }) => what.startsWith('wait')).length;
      bench.log.push(n === 3 ? 'notifyAll' : `notify ${n}`);
      owed = n === 3 ? waiting : Math.min(owed < over() ? over() + n : owed + n, waiting);
      if (n === 3) condition.notifyAll();
      else condition.notify(n);
    };
    const abort = (pick: number): void => bench.abort(pick);
    await run(bench, [acquire, wait, notify, release, abort, acquire], program, look);
    for (let left = bench.operations.length * 2 + 2; left > 0; left--) {
      release();
      look(await bench.settle());
    }
    acquire();
    look(await bench.settle());
    bench.ensure(held === 1, 'the lock is lost');
    condition.notifyAll();
    owed = bench.operations.filter(({ what }) => what.startsWith('wait')).length;
    for (let left = bench.operations.length + 1; left > 0; left--) {
      release();
      look(await bench.settle());
    }
    bench.ensure(bench.pending('wait').length === 0, 'notifyAll() has left somebody waiting');
  };
}

/**
 * A barrier: nobody passes before so many have come, and then all pass; their results, if they are numbers, differ.
 *
 * @param make makes the barrier, given the number of parties, once a program
 * @param options how it is driven, and the number of parties; 3 if absent
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-6 · CPython `asyncio.Barrier`
 */
export function barrierModel(
  make: (parties: number) => BarrierLike,
  options: ModelOptions & { readonly parties?: number } = {},
): Model {
  const { parties = 3 } = options;
  return async (program) => {
    const bench = new Bench({ ...options, signals: false });
    const barrier = make(parties);
    const look = (): void => {
      const come = bench.operations.length;
      const passed = bench.done('wait').length;
      const expected = come - (come % parties);
      bench.ensure(passed === expected, `${come} have come, ${passed} have passed`);
    };
    const wait = (): void => {
      bench.begin(`wait ${bench.operations.length}`, () => barrier.wait());
    };
    await run(bench, [wait], program, look);
    const results = bench.done('wait').map(({ value }) => value);
    if (results.every((value) => typeof value === 'number')) {
      for (let place = 0; place < parties; place++) {
        const found = results.filter((value) => value === place).length;
        bench.ensure(found === results.length / parties, `${found} have passed as number ${place}`);
      }
    }
  };
}

/**
 * A queue: what was put is got once, in order; nobody waits without need; no more than `maxsize` are in it.
 *
 * An operation that is aborted takes nothing away.
 *
 * @param make makes the queue, given its `maxsize`, once a program
 * @param options whether it has signals, how it is driven, and `maxsize`; 2 if absent, Infinity for no limit
 * @returns the predicate of a property; it throws what is wrong, with the operations that led there
 * @source MODEL-7 · CPython `asyncio.Queue`
 */
export function queueModel(
  make: (maxsize: number) => QueueLike,
  options: ModelOptions & { readonly maxsize?: number } = {},
): Model {
  const { maxsize = 2 } = options;
  return async (program) => {
    const bench = new Bench(options);
    const queue = make(maxsize);
    let items = 0;
    const look = (): void => {
      const got = bench.done('get').map(({ value }) => value);
      const put = bench.done('put').map(({ what }) => Number(what.slice(4)));
      const inside = put.length - got.length;
      bench.ensure(
        got.every((item, at) => item === put[at]),
        `got ${got.join(' ')} of ${put.join(' ')}`,
      );
      bench.ensure(inside <= maxsize, `${inside} are in a queue of ${maxsize}`);
      bench.ensure(
        bench.pending('get').length === 0 || inside === 0,
        `somebody waits for an item, and ${inside} are there`,
      );
      bench.ensure(
        bench.pending('put').length === 0 || inside === maxsize,
        `somebody waits for a place, and ${maxsize - inside} are there`,
      );
      const size = queue.qsize?.();
      bench.ensure(size === undefined || size === inside, `qsize() is ${String(size)}, not ${inside}`);
    };
    const put = (): void => {
      const item = ++items;
      bench.begin(`put ${item}`, (limits) => queue.put(item, limits));
    };
    const get = (): void => {
      bench.begin('get', (limits) => queue.get(limits));
    };
    await run(bench, [put, get, (pick) => bench.abort(pick), put, get], program, look);
    while (bench.done('put').length > bench.done('get').length || bench.pending('put').length > 0) {
      get();
      await bench.settle();
      look();
    }
  };
}
