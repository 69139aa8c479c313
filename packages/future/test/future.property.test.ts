/** Random programs over several futures against a model that says in the simplest way what must happen. */
import { InvalidStateError, isCancelledError } from '@aiokit/loop-core';
import { Future } from '@aiokit/future';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestLoop } from './with-loop.js';

const FUTURES = 2;
const CALLBACKS = 3;
/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(1000, fc.readConfigureGlobal().numRuns ?? 0);

interface Command {
  readonly do: 'result' | 'fail' | 'cancel' | 'add' | 'remove' | 'subscribe' | 'unsubscribe';
  /** Which future. */
  readonly on: number;
  /** Which callback or runnable. */
  readonly who: number;
}

interface Program {
  /** What is done before each iteration. */
  readonly main: readonly (readonly Command[])[];
  /** What each callback does when it is called for the first time. */
  readonly scripts: readonly (readonly Command[])[];
}

/** Futures and a loop: real ones, or the model's. Callbacks with an odd number look at the exception. */
interface World {
  done(future: number): boolean;
  result(future: number): void;
  fail(future: number): void;
  cancel(future: number): boolean;
  add(future: number, callback: number): void;
  remove(future: number, callback: number): number;
  subscribe(future: number, runnable: number): void;
  unsubscribe(future: number, runnable: number): boolean;
  tick(): void;
  /** How many exceptions nobody has looked at. */
  unretrieved(): number;
}

type Called = (kind: 'callback' | 'runnable', who: number, future: number, state: string) => void;

const command = fc.record<Command>({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constant('add' as const) },
    { weight: 5, arbitrary: fc.constantFrom('result', 'fail', 'cancel', 'remove') },
    { weight: 2, arbitrary: fc.constantFrom('subscribe', 'unsubscribe') },
  ),
  on: fc.nat(FUTURES - 1),
  who: fc.nat(CALLBACKS - 1),
});

const program = fc.record<Program>({
  main: fc.array(fc.array(command, { maxLength: 8 }), { maxLength: 6 }),
  scripts: fc.array(fc.array(command, { maxLength: 3 }), { minLength: CALLBACKS, maxLength: CALLBACKS }),
});

/** What happens in a world when a program runs. `seen` counts the classes of events. */
function trace(
  { main, scripts }: Program,
  makeWorld: (called: Called) => World,
  seen: (event: string) => void,
): string[] {
  const steps: string[] = [];
  const first = new Set<number>();
  const perform = ({ do: verb, on, who }: Command, where: string): void => {
    const was = world.done(on);
    let outcome: unknown;
    try {
      outcome =
        verb === 'result' || verb === 'fail' || verb === 'cancel' ? world[verb](on) : world[verb](on, who);
    } catch (error) {
      if (!(error instanceof InvalidStateError)) throw error;
      outcome = 'invalid';
    }
    steps.push(`${where}: ${verb} ${on} ${who} = ${String(outcome)}`);
    seen(`${verb} on a ${was ? 'done' : 'pending'} future`);
    if (where !== 'main') seen(`${verb} inside a callback`);
    if (verb === 'remove' && Number(outcome) > 1) seen('several removed at once');
  };
  const world = makeWorld((kind, who, future, state) => {
    steps.push(`${kind} ${who} of ${future}, ${state}`);
    if (kind === 'runnable' || first.has(who)) return;
    first.add(who);
    for (const one of scripts[who] ?? []) perform(one, `callback ${who}`);
  });
  // Each callback acts once, so that after so many iterations nothing goes on.
  for (let tick = 0; tick < main.length + CALLBACKS + 2; tick++) {
    for (const one of main[tick] ?? []) perform(one, 'main');
    steps.push('tick');
    world.tick();
  }
  const unretrieved = world.unretrieved();
  steps.push(`unretrieved ${unretrieved}`);
  if (unretrieved > 0) seen('never retrieved');
  return steps;
}

/** The model: lists, and what is ready for the next iteration. */
function model(called: Called): World {
  interface One {
    state: string;
    unseen: boolean;
    waiting: { kind: 'callback' | 'runnable'; who: number }[];
  }
  const futures: One[] = Array.from({ length: FUTURES }, () => ({
    state: 'pending',
    unseen: false,
    waiting: [],
  }));
  let ready: (() => void)[] = [];
  const at = (future: number): One => futures[future] as One;
  const enqueue = (future: number, { kind, who }: One['waiting'][number]): void => {
    ready.push(() => {
      const one = at(future);
      if (kind === 'runnable' || who % 2 === 1) one.unseen = false;
      called(kind, who, future, one.state);
    });
  };
  const end = (future: number, state: string): void => {
    const one = at(future);
    if (one.state !== 'pending') throw new InvalidStateError();
    one.state = state;
    one.unseen = state === 'failed';
    for (const waiting of one.waiting.splice(0)) enqueue(future, waiting);
  };
  const wait = (future: number, waiting: One['waiting'][number]): void => {
    if (at(future).state === 'pending') at(future).waiting.push(waiting);
    else enqueue(future, waiting);
  };
  const remove = (future: number, kind: string, who: number): number => {
    const one = at(future);
    const left = one.waiting.filter((waiting) => waiting.kind !== kind || waiting.who !== who);
    const count = one.waiting.length - left.length;
    one.waiting = left;
    return count;
  };
  return {
    done: (future) => at(future).state !== 'pending',
    result: (future) => end(future, 'finished'),
    fail: (future) => end(future, 'failed'),
    cancel(future) {
      const one = at(future);
      one.unseen = false;
      if (one.state !== 'pending') return false;
      end(future, 'cancelled');
      return true;
    },
    add: (future, who) => wait(future, { kind: 'callback', who }),
    remove: (future, who) => remove(future, 'callback', who),
    subscribe: (future, who) => wait(future, { kind: 'runnable', who }),
    unsubscribe: (future, who) => remove(future, 'runnable', who) > 0,
    tick() {
      const now = ready;
      ready = [];
      for (const one of now) one();
    },
    unretrieved: () => futures.filter(({ unseen }) => unseen).length,
  };
}

const stateOf = (future: Future<unknown>): string => {
  try {
    future.result();
    return 'finished';
  } catch (error) {
    if (error instanceof InvalidStateError) return 'pending';
    return isCancelledError(error) ? 'cancelled' : 'failed';
  }
};

/** Real futures of a class. A subscription may stand once per future and runnable, as a task's does. */
function reality(type: typeof Future, called: Called): World {
  const loop = new TestLoop();
  const futures = Array.from({ length: FUTURES }, () => new type<number>({ loop }));
  const at = (future: number): Future<number> => futures[future] as Future<number>;
  const states = new Map<Future<number>, string>();
  const callbacks = Array.from({ length: CALLBACKS }, (_, who) => (done: Future<number>): void => {
    if (who % 2 === 1 && done.done() && !done.cancelled()) done.exception();
    called('callback', who, futures.indexOf(done), done.done() ? (states.get(done) as string) : 'pending');
  });
  const runnables = futures.map((future, index) =>
    Array.from({ length: CALLBACKS }, (_, who) => ({
      run: () => called('runnable', who, index, stateOf(future)),
    })),
  );
  const callback = (who: number) => callbacks[who] as (done: Future<number>) => void;
  const runnable = (future: number, who: number) =>
    (runnables[future] as { run(): void }[])[who] as { run(): void };
  const end = (future: number, state: string, act: (one: Future<number>) => void): void => {
    act(at(future));
    states.set(at(future), state);
  };
  return {
    done: (future) => at(future).done(),
    result: (future) => end(future, 'finished', (one) => one.setResult(1)),
    fail: (future) => end(future, 'failed', (one) => one.setException(new RangeError('far'))),
    cancel(future) {
      const cancelled = at(future).cancel();
      if (cancelled) states.set(at(future), 'cancelled');
      return cancelled;
    },
    add: (future, who) => at(future).addDoneCallback(callback(who)),
    remove: (future, who) => at(future).removeDoneCallback(callback(who)),
    subscribe: (future, who) => at(future).subscribe(runnable(future, who)),
    unsubscribe: (future, who) => at(future).unsubscribe(runnable(future, who)),
    tick: () => loop.tick(),
    unretrieved() {
      expect(loop.takeReports()).toEqual([]);
      loop.close();
      return loop.takeReports().filter(({ message }) => message === 'Future exception was never retrieved')
        .length;
    },
  };
}

/** The property, of a class of futures. */
function keepsToTheModel(type: typeof Future, seen: (event: string) => void = () => {}) {
  return fc.property(program, (one) => {
    const expected = trace(one, model, () => {});
    const events = new Set<string>();
    expect(
      trace(
        one,
        (called) => reality(type, called),
        (event) => events.add(event),
      ),
    ).toEqual(expected);
    for (const event of events) seen(event);
  });
}

describe('random programs', () => {
  test('FUT-12.1 end each future once, and call callbacks exactly once, in order', () => {
    const counts = new Map<string, number>();
    let runs = 0;
    const property = keepsToTheModel(Future, (event) => counts.set(event, (counts.get(event) ?? 0) + 1));
    fc.assert(
      property.beforeEach(() => void runs++),
      { numRuns },
    );
    const verbs = ['result', 'fail', 'cancel', 'add', 'remove', 'subscribe', 'unsubscribe'];
    const classes = [
      ...verbs.flatMap((verb) => [`${verb} on a done future`, `${verb} on a pending future`]),
      ...verbs.map((verb) => `${verb} inside a callback`),
      'several removed at once',
      'never retrieved',
    ];
    const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
    console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
    expect(shares.filter(([, share]) => share < 1)).toEqual([]);
  });
});

describe('the property finds', () => {
  class KeepsSome<T> extends Future<T> {
    override removeDoneCallback(callback: (done: this) => void): number {
      const count = super.removeDoneCallback(callback);
      for (let left = 1; left < count; left++) this.addDoneCallback(callback);
      return count;
    }
  }
  class CancelsTwice<T> extends Future<T> {
    override cancel(message?: string): boolean {
      return super.cancel(message) || this.cancelled();
    }
  }
  class ForgivesTwice<T> extends Future<T> {
    override setResult(value: T): void {
      if (!this.done()) super.setResult(value);
    }
  }
  class CallsAtOnce<T> extends Future<T> {
    override addDoneCallback(callback: (done: this) => void): void {
      if (this.done()) callback(this);
      else super.addDoneCallback(callback);
    }
  }
  class CallsBackwards<T> extends Future<T> {
    readonly #added: ((done: this) => void)[] = [];
    override addDoneCallback(callback: (done: this) => void): void {
      for (const one of new Set(this.#added)) super.removeDoneCallback(one);
      this.#added.unshift(callback);
      for (const one of this.#added) super.addDoneCallback(one);
    }
    override removeDoneCallback(callback: (done: this) => void): number {
      const left = this.#added.filter((one) => one !== callback);
      this.#added.splice(0, Infinity, ...left);
      return super.removeDoneCallback(callback);
    }
  }
  class CallsTwice<T> extends Future<T> {
    override addDoneCallback(callback: (done: this) => void): void {
      super.addDoneCallback(callback);
      super.addDoneCallback(callback);
    }
  }
  class CallsLate<T> extends Future<T> {
    override addDoneCallback(callback: (done: this) => void): void {
      if (this.done()) this.getLoop().callSoon(() => super.addDoneCallback(callback));
      else super.addDoneCallback(callback);
    }
  }
  class LosesSubscribers<T> extends Future<T> {
    override unsubscribe(runnable: { run(): void }): boolean {
      return super.unsubscribe(runnable) || this.done();
    }
  }
  class ForgetsFailures<T> extends Future<T> {
    override setException(exception: unknown): void {
      super.setException(exception);
      this.exception();
    }
  }
  const mutants = {
    KeepsSome,
    CancelsTwice,
    ForgivesTwice,
    CallsAtOnce,
    CallsBackwards,
    CallsTwice,
    CallsLate,
    LosesSubscribers,
    ForgetsFailures,
  };
  test.each(Object.entries(mutants))('FUT-12.1 a future that %s', (_, type) => {
    const { failed } = fc.check(keepsToTheModel(type), { numRuns, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
