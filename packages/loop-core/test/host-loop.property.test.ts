/** Random programs of callbacks and handles on a host loop, against a model that keeps them in lists. */
import type { Handle } from '@aiokit/loop-core';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hop, WatchedHostLoop } from './watched-loops.js';

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(200, fc.readConfigureGlobal().numRuns ?? 0);
const MOST = 3000;
const KINDS = ['no argument', 'one argument', 'two arguments', 'runnable', 'callable runnable'] as const;

/** What is done: schedule so many of a kind, or cancel what was scheduled `back` before the last. */
type Act =
  | { readonly schedules: number; readonly kind: (typeof KINDS)[number] }
  | { readonly cancels: number; readonly each: number; readonly count: number };

interface Program {
  /** What is done outside, before each turn of the host. */
  readonly turns: readonly (readonly Act[])[];
  /** What each callback does, by its number. */
  readonly scripts: readonly (readonly Act[] | 'throws' | 'takes long' | 'wakes the host')[];
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      schedules: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 20, max: 300 })),
      kind: fc.constantFrom(...KINDS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      cancels: fc.integer({ min: 0, max: 60 }),
      each: fc.integer({ min: 1, max: 5 }),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
);
const few: fc.Arbitrary<Act> = act.map((one) =>
  'schedules' in one ? { ...one, schedules: one.schedules % 4 } : one,
);

const program: fc.Arbitrary<Program> = fc.record({
  turns: fc.array(fc.array(act, { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
  scripts: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: fc.array(few, { maxLength: 2 }) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('throws' as const, 'takes long' as const, 'wakes the host' as const),
      },
    ),
    { minLength: 1, maxLength: 13 },
  ),
});

/** A loop: a real one, or the model's. Callbacks are known by their numbers, in order of creation. */
interface World {
  schedule(number: number, kind: (typeof KINDS)[number], run: () => void): void;
  /** Whether it had been cancelled before. */
  cancel(number: number): boolean;
  hostTurn(): void;
  takeLong(): void;
  /** Runs until nothing is ready. */
  settle(): Promise<void>;
  /** What callbacks threw. */
  takeErrors(): unknown[];
}

/** What happens in a world when a program runs. */
async function trace({ turns, scripts }: Program, world: World): Promise<string[]> {
  const steps: string[] = [];
  let made = 0;
  const perform = (acts: readonly Act[]): void => {
    for (const one of acts) {
      if ('schedules' in one) {
        for (let index = 0; index < one.schedules && made < MOST; index++) {
          const number = made++;
          world.schedule(number, one.kind, () => run(number));
        }
      } else {
        for (let index = 0; index < one.count; index++) {
          const number = made - 1 - one.cancels - index * one.each;
          if (number >= 0) steps.push(`cancel ${number}: ${world.cancel(number)}`);
        }
      }
    }
  };
  const run = (number: number): void => {
    steps.push(`run ${number}`);
    const script = scripts[number % scripts.length] ?? [];
    if (script === 'throws') throw new Error(String(number));
    if (script === 'takes long') world.takeLong();
    else if (script === 'wakes the host') world.hostTurn();
    else perform(script);
  };
  for (const acts of turns) {
    perform(acts);
    await world.settle();
    steps.push(`errors: ${world.takeErrors().map(String).join()}`);
  }
  return steps;
}

/** The model: two lists. `seen` is told of what was exercised. */
function model(seen: (event: string) => void): World {
  interface One {
    readonly cancellable: boolean;
    readonly run: () => void;
    state: 'next iteration' | 'this iteration' | 'ran' | 'cancelled';
    iteration: number;
  }
  const all: One[] = [];
  let ready: One[] = [];
  let errors: unknown[] = [];
  let running: One | undefined;
  let iteration = 0;
  return {
    schedule(number, kind, run) {
      seen(`scheduled: ${kind}`);
      all[number] = { cancellable: !kind.includes('runnable'), run, state: 'next iteration', iteration };
      ready.push(all[number]);
    },
    cancel(number) {
      const one = all[number] as One;
      if (!one.cancellable) return false;
      const before = one.state === 'cancelled';
      if (one === running) seen('cancelled by itself');
      else if (one.state === 'ran') {
        seen(iteration - one.iteration > 2 ? 'cancelled long after it ran' : 'cancelled after it ran');
      } else seen(`cancelled: ${one.state}`);
      one.state = 'cancelled';
      return before;
    },
    hostTurn: () => seen('host woken'),
    takeLong: () => seen('slow callback'),
    settle() {
      while (ready.length > 0) {
        const batch = ready;
        ready = [];
        iteration++;
        if (batch.length > 300) seen('more than 300 in one iteration');
        for (const one of batch) if (one.state === 'next iteration') one.state = 'this iteration';
        for (const one of batch) {
          if (one.state === 'cancelled') continue;
          one.state = 'ran';
          one.iteration = iteration;
          running = one;
          try {
            one.run();
          } catch (error) {
            seen('thrown');
            errors.push(error);
          }
          running = undefined;
        }
      }
      return Promise.resolve();
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
  };
}

function reality(loop: WatchedHostLoop, clock: { now: number }): World {
  const handles: (Handle | undefined)[] = [];
  return {
    schedule(number, kind, run) {
      const given = [number, undefined].slice(0, KINDS.indexOf(kind));
      const check = (...args: unknown[]): void => {
        expect(args).toEqual(given);
        run();
      };
      if (kind.includes('argument')) handles[number] = loop.callSoon(check, ...given);
      else if (kind === 'runnable') loop.enqueue({ run });
      else loop.enqueue(Object.assign(() => {}, { run }));
    },
    cancel(number) {
      const handle = handles[number];
      const before = handle?.cancelled() ?? false;
      handle?.cancel();
      return before;
    },
    hostTurn: () => loop.hostTurn(),
    takeLong() {
      clock.now += 10;
    },
    async settle() {
      do await hop();
      while (loop.pending > 0);
    },
    takeErrors: () => loop.takeReports().map(({ exception }) => exception),
  };
}

/** The property, of a class of loops. `seen` is told of what each program exercised. */
function keepsToTheModel(type: typeof WatchedHostLoop, seen: (event: string) => void = () => {}) {
  const clock = { now: 1000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  onTestFinished(() => void vi.restoreAllMocks());
  return fc.asyncProperty(program, async (one) => {
    const events = new Set<string>();
    const expected = await trace(
      one,
      model((event) => events.add(event)),
    );
    const loop = new type();
    const steps = await trace(one, reality(loop, clock)).finally(() => loop.close());
    expect(steps).toEqual(expected);
    for (const event of events) seen(event);
  });
}

describe('random programs of callbacks', () => {
  test('LOOP-1.1 LOOP-1.4 LOOP-2.1 LOOP-4.1 LOOP-4.2 LOOP-4.3 LOOP-6.2 run each once, in order', async () => {
    const counts = new Map<string, number>();
    let runs = 0;
    const property = keepsToTheModel(WatchedHostLoop, (event) =>
      counts.set(event, (counts.get(event) ?? 0) + 1),
    );
    await fc.assert(
      property.beforeEach(() => void runs++),
      { numRuns },
    );
    const classes = [
      ...KINDS.map((kind) => `scheduled: ${kind}`),
      'cancelled: next iteration',
      'cancelled: this iteration',
      'cancelled by itself',
      'cancelled after it ran',
      'cancelled long after it ran',
      'host woken',
      'slow callback',
      'thrown',
      'more than 300 in one iteration',
    ];
    const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
    console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
    expect(shares.filter(([, share]) => share < 1)).toEqual([]);
  });
});

describe('the property finds', () => {
  class CancelsNothing extends WatchedHostLoop {
    override look(slot: number): string {
      return super.look(slot);
    }
  }

  class CancelsItsNeighbour extends WatchedHostLoop {
    override look(slot: number, discard?: boolean): string {
      return super.look(discard ? slot + 2 : slot, discard);
    }
  }

  class CancelsTheFirstToo extends WatchedHostLoop {
    override look(slot: number, discard?: boolean): string {
      const name = super.look(slot, discard);
      if (discard && this.count > 1 && typeof this.ready[0] === 'function') this.ready[0] = Object;
      return name;
    }
  }

  class ForgetsArgumentsWhenInterrupted extends WatchedHostLoop {
    protected override iterate(): boolean {
      const interrupted = super.iterate();
      if (typeof this.batch[this.at] === 'function') this.batch[this.at + 1] = undefined;
      return interrupted;
    }
  }

  const planted = [CancelsNothing, CancelsItsNeighbour, CancelsTheFirstToo, ForgetsArgumentsWhenInterrupted];

  test.each(planted.map((type) => [type.name, type] as const))('%s', async (_, type) => {
    const { failed } = await fc.check(keepsToTheModel(type), { numRuns, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
