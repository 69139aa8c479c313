/** Random programs of timers on a virtual loop, against a model that keeps them in an array and sorts it. */
import type { TimerHandle } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimerQueue } from '../src/internal/timer-queue.js';

/** A timer, as the queue knows it. */
type Timed = ReturnType<TimerQueue['shift']>;

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(300, fc.readConfigureGlobal().numRuns ?? 0);
/** How many timers a loop keeps in its heap before it keeps them in buckets. */
const HEAP_SIZE = 256;
const MOST = 1500;

/** Which of those that are pending. */
type Which = 'every' | 'all but ten' | 'odd' | 'even' | 'first' | 'last' | 'later half';

type Command =
  | { readonly do: 'add'; readonly count: number; readonly deadlines: Deadlines; readonly from: number }
  | { readonly do: 'cancel'; readonly which: Which }
  | { readonly do: 'tick' }
  | { readonly do: 'advance'; readonly ms: number };

type Deadlines = 'one' | 'few' | 'a millisecond' | 'many' | 'falling' | 'over';

/** What a timer does when it fires, beside being noted. */
type Script = { readonly adds: number; readonly delayMs: number } | { readonly cancels: number };

interface Program {
  readonly commands: readonly Command[];
  /** What the timers do, by their number. */
  readonly scripts: readonly (Script | null)[];
}

/** How a deadline of a kind lies, in milliseconds from now. */
const DEADLINES: Record<Deadlines, (index: number, from: number) => number> = {
  one: (_, from) => from,
  few: (index, from) => from + (index % 3),
  'a millisecond': (index, from) => from + (index % 7) / 8,
  many: (index, from) => from + ((index * 7919) % 997) / 4,
  falling: (index, from) => from + 200 - index / 2,
  over: (index) => -(index % 4),
};

const WHICH: Record<Which, (index: number, of: number) => boolean> = {
  every: () => true,
  'all but ten': (index) => index >= 10,
  odd: (index) => index % 2 === 1,
  even: (index) => index % 2 === 0,
  first: (index) => index === 0,
  last: (index, of) => index === of - 1,
  'later half': (index, of) => index * 2 >= of,
};

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 100, max: 400 })),
      deadlines: fc.constantFrom(...(Object.keys(DEADLINES) as Deadlines[])),
      from: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      which: fc.constantFrom(...(Object.keys(WHICH) as Which[])),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'tick' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 60 }) }),
  },
);

const script: fc.Arbitrary<Script | null> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({ adds: fc.integer({ min: 1, max: 3 }), delayMs: fc.integer({ min: -1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ cancels: fc.integer({ min: -2, max: 12 }) }) },
);

const program: fc.Arbitrary<Program> = fc.record({
  commands: fc.array(command, { minLength: 1, maxLength: 14 }),
  scripts: fc.array(script, { minLength: 1, maxLength: 11 }),
});

/** A loop: a real one, or the model's. Timers are known by their numbers, which they get in order of creation. */
interface World {
  now(): number;
  add(number: number, when: number, fired: () => void): void;
  cancel(number: number): void;
  /** How many timers are pending. */
  size(): number;
  /** Runs one iteration. */
  tick(): void;
  /** Runs iterations until the given instant, that of its timers included. */
  advance(ms: number): void;
  finish(): void;
}

/** What happens in a world when a program runs. */
function trace({ commands, scripts }: Program, world: World): string[] {
  const steps: string[] = [];
  let pending: number[] = [];
  let made = 0;
  const add = (delayMs: number): void => {
    if (made === MOST) return;
    const number = made++;
    const when = world.now() + delayMs;
    pending.push(number);
    world.add(number, when, () => {
      steps.push(`${number} at ${world.now()}`);
      if (world.now() < when) steps.push('early');
      pending = pending.filter((other) => other !== number);
      const does = scripts[number % scripts.length];
      if (!does) return;
      if ('cancels' in does) cancel(number + does.cancels);
      else for (let index = 0; index < does.adds; index++) add(does.delayMs);
    });
  };
  const cancel = (number: number): void => {
    if (number < 0 || number >= made) return;
    pending = pending.filter((other) => other !== number);
    world.cancel(number);
  };
  for (const one of commands) {
    if (one.do === 'add') {
      for (let index = 0; index < one.count; index++) add(DEADLINES[one.deadlines](index, one.from));
    } else if (one.do === 'cancel') {
      const chosen = pending.filter((_, index) => WHICH[one.which](index, pending.length));
      for (const number of chosen) cancel(number);
    } else if (one.do === 'tick') world.tick();
    else world.advance(one.ms);
    steps.push(`${one.do}: ${world.size()} pending at ${world.now()}`);
  }
  world.finish();
  steps.push(`end: ${world.size()} pending`);
  return steps;
}

interface Timer {
  readonly when: number;
  readonly fired: () => void;
  /** Where the queue has it, as far as the model can tell. */
  place: 'nursery' | 'heap' | 'bucket' | 'due' | 'gone';
}

/** The model: an array of timers in order of creation. `seen` is told of what was exercised. */
function model(seen: (event: string) => void): World {
  const all: Timer[] = [];
  let pending: Timer[] = [];
  let now = 0;
  let firing = false;
  let stopped = false;
  /** How many were cancelled in heap and buckets since the last iteration, which may have dropped those before. */
  let dropped = 0;

  const put = (timer: Timer): void => {
    if (pending.some((other) => other.when === timer.when)) seen('made with a deadline that another has');
    pending.push(timer);
  };
  const order = (): void => {
    let inHeap = pending.filter(({ place }) => place === 'heap').length;
    for (const timer of pending) {
      if (timer.place !== 'nursery') continue;
      timer.place = inHeap < HEAP_SIZE ? 'heap' : 'bucket';
      if (timer.place === 'heap') inHeap++;
      else seen('kept in a bucket');
    }
    dropped = 0;
  };
  const iterate = (): void => {
    order();
    const due = pending.filter(({ when }) => when <= now).sort((one, other) => one.when - other.when);
    pending = pending.filter(({ when }) => when > now);
    const deadlines = new Set(due.map(({ when }) => when));
    if (deadlines.size > 1) seen('several deadlines due in one iteration');
    if (due.length - deadlines.size > 20) seen('more than 20 due at once with the deadline of another');
    for (const timer of due) {
      if (timer.place === 'bucket') seen('fired out of a bucket');
      timer.place = 'due';
    }
    firing = true;
    for (const timer of due) {
      if (timer.place === 'gone') continue;
      timer.place = 'gone';
      timer.fired();
    }
    firing = false;
  };
  const spin = (done: () => boolean): void => {
    while (!done()) {
      order();
      now = Math.max(now, Math.min(...pending.map(({ when }) => when)));
      iterate();
    }
  };
  return {
    now: () => now,
    size: () => pending.length,
    add(number, when, fired) {
      if (firing) seen('made by a timer');
      if (when <= now) seen(firing ? 'made by a timer, due at once' : 'made too late');
      all[number] = { when, fired, place: 'nursery' };
      put(all[number]);
    },
    cancel(number) {
      const timer = all[number] as Timer;
      seen(`cancelled: ${timer.place}`);
      if (firing) seen(`cancelled by a timer: ${timer.place}`);
      if (timer.place === 'nursery') {
        seen(timer === pending.at(-1) ? 'cancelled: last of the nursery' : 'cancelled: amid the nursery');
      }
      pending = pending.filter((other) => other !== timer);
      if (timer.place === 'heap' || timer.place === 'bucket') dropped++;
      if (dropped > pending.length + 50) {
        seen('cancelled: more than 50 and more than are left');
        dropped = 0;
      }
      timer.place = 'gone';
    },
    tick: iterate,
    advance(ms) {
      stopped = false;
      const stop = (): void => {
        stopped = true;
      };
      put({ when: now + ms, fired: stop, place: 'nursery' });
      spin(() => stopped);
    },
    finish: () => spin(() => pending.length === 0),
  };
}

class TimersLoop extends VirtualLoop {
  get pending(): number {
    return this.timers.size;
  }

  advance(ms: number): void {
    this.callLater(ms, () => this.stop());
    this.runForever();
  }

  tick(): void {
    this.stop();
    this.runForever();
  }
}

function reality(loop: TimersLoop): World {
  const timers: TimerHandle[] = [];
  return {
    now: () => loop.time(),
    size: () => loop.pending,
    add(number, when, fired) {
      timers[number] = loop.callAt(when, fired);
    },
    cancel: (number) => timers[number]?.cancel(),
    tick: () => loop.tick(),
    advance: (ms) => loop.advance(ms),
    finish() {
      loop.runUntilIdle();
      loop.close();
    },
  };
}

/** The property, of a class of loops. */
function keepsToTheModel(type: new () => TimersLoop, seen: (event: string) => void = () => {}) {
  return fc.property(program, (one) => {
    const events = new Set<string>();
    const expected = trace(
      one,
      model((event) => events.add(event)),
    );
    expect(trace(one, reality(new type()))).toEqual(expected);
    for (const event of events) seen(event);
  });
}

describe('random programs of timers', () => {
  test('LOOP-3.1 LOOP-3.2 LOOP-3.3 LOOP-3.7 LOOP-3.9 fire each once, in order, never early', () => {
    const counts = new Map<string, number>();
    let runs = 0;
    const property = keepsToTheModel(TimersLoop, (event) => counts.set(event, (counts.get(event) ?? 0) + 1));
    fc.assert(
      property.beforeEach(() => void runs++),
      { numRuns },
    );
    const classes = [
      'made by a timer',
      'made by a timer, due at once',
      'made too late',
      'made with a deadline that another has',
      'kept in a bucket',
      'fired out of a bucket',
      'several deadlines due in one iteration',
      'more than 20 due at once with the deadline of another',
      'cancelled: last of the nursery',
      'cancelled: amid the nursery',
      'cancelled: heap',
      'cancelled: bucket',
      'cancelled: gone',
      'cancelled: more than 50 and more than are left',
      'cancelled by a timer: due',
      'cancelled by a timer: nursery',
      'cancelled by a timer: heap',
      'cancelled by a timer: bucket',
    ];
    const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
    console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
    expect(shares.filter(([, share]) => share < 1)).toEqual([]);
  });
});

describe('the property finds', () => {
  class TiesReversed extends TimerQueue {
    override shift(): Timed {
      const ties = [super.shift()];
      while (super.next() === ties[0]?.when()) ties.push(super.shift());
      const last = ties.pop() as Timed;
      for (const timer of ties) this.add(timer);
      return last;
    }
  }

  class OneTimerAMillisecondBeyondTheHeap extends TimerQueue {
    #slots = new Set<number>();

    override add(timer: Timed): void {
      const slot = Math.floor(timer.when());
      if (this.size < HEAP_SIZE || !this.#slots.has(slot)) super.add(timer);
      else this.size++;
      this.#slots.add(slot);
    }
  }

  class WholeMillisecondsBeyondTheHeap extends TimerQueue {
    override add(timer: Timed): void {
      const when = Math.floor(timer.when());
      if (this.size > HEAP_SIZE) timer.when = () => when;
      super.add(timer);
    }
  }

  class CancelledInTheHeapFires extends TimerQueue {
    readonly #callbacks = new WeakMap<Timed, Timed['callback']>();

    override add(timer: Timed): void {
      this.#callbacks.set(timer, timer.callback);
      super.add(timer);
    }

    override remove(timer: Timed): void {
      if ((timer.place as number) < 0) timer.callback = this.#callbacks.get(timer);
      else super.remove(timer);
    }
  }

  class EarlyByHalfAMillisecond extends TimerQueue {
    override next(): number {
      return super.next() - 0.5;
    }
  }

  class SweepTakesOneTooMany extends TimerQueue {
    #last: Timed | undefined;
    #cancelled = 0;

    override add(timer: Timed): void {
      this.#last = timer;
      super.add(timer);
    }

    override remove(timer: Timed): void {
      super.remove(timer);
      if (++this.#cancelled <= this.size + 50) return;
      this.#cancelled = 0;
      if (this.#last) this.#last.callback = undefined;
    }
  }

  class CountsCancelled extends TimerQueue {
    override remove(timer: Timed): void {
      super.remove(timer);
      if ((timer.place as number) < 0) this.size++;
    }
  }

  const planted = [
    TiesReversed,
    OneTimerAMillisecondBeyondTheHeap,
    WholeMillisecondsBeyondTheHeap,
    CancelledInTheHeapFires,
    EarlyByHalfAMillisecond,
    SweepTakesOneTooMany,
    CountsCancelled,
  ];

  test.each(planted.map((type) => [type.name, type] as const))('%s', (_, Planted) => {
    class Broken extends TimersLoop {
      protected override readonly timers = new Planted();
    }
    const { failed } = fc.check(keepsToTheModel(Broken), { numRuns, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
