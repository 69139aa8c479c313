/**
 * Every schedule of three waiters: two permits are released, each waiter is cancelled or aborted or left alone, in every
 * order, with an iteration between two events or none. After each event the queue must look as the model says.
 */
import { CancelledError } from '@aiokit/loop-core';
import type { Waiter } from '@aiokit/loop-core/wait-queue';
import { describe, expect, test } from 'vitest';
import { Driver } from './wait-queue-driver.js';
import { type TestLoop, withLoop } from './wait-queue-loop.js';
import { type Permit, TinySemaphore } from './wait-queue-owners.js';

const WAITERS = [0, 1, 2];

type Event = 'release' | `cancel ${number}` | `abort ${number}`;

/** Some events in an order, and after which of them an iteration runs. */
interface Schedule {
  readonly events: readonly Event[];
  readonly ticks: readonly boolean[];
}

interface World {
  release(): void;
  cancel(waiter: number): void;
  abort(waiter: number): void;
  tick(): void;
  /** How many are live and linked, the permits that are free, and what each waiter has got. */
  look(): string;
}

function* permutations(events: readonly Event[]): Generator<Event[]> {
  if (events.length === 0) yield [];
  for (const event of new Set(events)) {
    const rest = [...events];
    rest.splice(rest.indexOf(event), 1);
    for (const tail of permutations(rest)) yield [event, ...tail];
  }
}

function* schedules(): Generator<Schedule> {
  const ends = (waiter: number): Event[][] => [[], [`cancel ${waiter}`], [`abort ${waiter}`]];
  const both: Event[] = ['cancel 0', 'abort 0'];
  const combined = [...ends(0), both].flatMap((a) =>
    ends(1).flatMap((b) => ends(2).map((c) => (a === both ? [...a, ...b] : [...a, ...b, ...c]))),
  );
  const texts = new Set(combined.map((events) => events.join()));
  for (const text of texts) {
    for (const events of permutations([
      'release',
      'release',
      ...(text === '' ? [] : (text.split(',') as Event[])),
    ])) {
      for (let mask = 0; mask < 2 ** (events.length - 1); mask++) {
        yield { events, ticks: events.map((_, index) => (mask & (2 ** index)) > 0) };
      }
    }
  }
}

function play(world: World, { events, ticks }: Schedule): string[] {
  const seen: string[] = [];
  events.forEach((event, index) => {
    const [verb, who] = event.split(' ');
    if (verb === 'release') world.release();
    else world[verb as 'cancel' | 'abort'](Number(who));
    seen.push(`${event}: ${world.look()}`);
    if (!ticks[index]) return;
    world.tick();
    seen.push(`tick: ${world.look()}`);
  });
  for (let tick = 0; tick < 5; tick++) {
    world.tick();
    seen.push(`tick: ${world.look()}`);
  }
  return seen;
}

/** The model. Generators are cancelled as asyncio's tasks are; plain code cannot cancel what it has its turn for. */
function model(generators: boolean): World {
  type State = 'waiting' | 'granted' | 'cancelled' | 'aborted' | 'over';
  const waiters = WAITERS.map(() => ({ state: 'waiting' as State, instead: false, got: '-' }));
  let value = 0;
  let ready: (typeof waiters)[number][] = [];
  const wake = (): void => {
    for (const waiter of waiters) {
      if (value === 0 || waiter.state !== 'waiting') continue;
      value--;
      waiter.state = 'granted';
      ready.push(waiter);
    }
  };
  const giveBack = (): void => {
    value++;
    wake();
  };
  const at = (index: number): (typeof waiters)[number] => waiters[index] as (typeof waiters)[number];
  return {
    release: giveBack,
    cancel(index) {
      const waiter = at(index);
      if (waiter.state === 'waiting') {
        waiter.state = 'cancelled';
        ready.push(waiter);
      } else if (generators && (waiter.state === 'granted' || waiter.state === 'aborted'))
        waiter.instead = true;
    },
    abort(index) {
      const waiter = at(index);
      const { state } = waiter;
      if (state !== 'waiting' && state !== 'granted') return;
      waiter.state = 'aborted';
      if (state === 'waiting') ready.push(waiter);
      else giveBack();
    },
    tick() {
      const now = ready;
      ready = [];
      for (const waiter of now) {
        const { state, instead } = waiter;
        waiter.state = 'over';
        waiter.got = instead ? 'cancelled' : state === 'granted' ? 'permit' : state;
        if (instead && state === 'granted') giveBack();
      }
    },
    look() {
      const count = (...states: State[]): number =>
        waiters.filter(({ state }) => states.includes(state)).length;
      const linked = count('waiting', 'granted', 'cancelled');
      return `${count('waiting')} ${linked} ${value} ${waiters.map(({ got }) => got).join()}`;
    },
  };
}

function reality(loop: TestLoop, semaphore: TinySemaphore, generators: boolean): World & { end(): void } {
  const got = WAITERS.map(() => '-');
  const waiters: Waiter<Permit>[] = [];
  const ask = (index: number, take: () => Permit): void => {
    try {
      take();
      got[index] = 'permit';
    } catch (error) {
      got[index] = error instanceof CancelledError ? 'cancelled' : String(error);
    }
  };
  const drivers = WAITERS.map((index) => {
    const waiter = semaphore.acquire();
    waiters.push(waiter);
    if (!generators) {
      waiter.addDoneCallback(() => ask(index, () => waiter.result()));
      return waiter;
    }
    return new Driver(
      loop,
      (function* () {
        const waiting = waiter[Symbol.iterator]();
        try {
          yield* { [Symbol.iterator]: () => waiting };
          got[index] = 'permit';
        } catch (error) {
          ask(index, () => {
            throw error;
          });
        }
      })(),
    );
  });
  loop.tick();
  return {
    release: () => semaphore.release(1),
    cancel: (index) => void drivers[index]?.cancel(),
    abort: (index) => waiters[index]?.abort('aborted'),
    tick: () => loop.tick(),
    look: () => `${semaphore.queue.live} ${semaphore.queue.size} ${semaphore.value} ${got.join()}`,
    end() {
      for (const waiter of waiters) waiter.abandon();
    },
  };
}

describe('three waiters', () => {
  test.each([
    ['generators', true],
    ['callbacks', false],
  ])('WAIT-11.1 in %s keep to the model under every schedule', (_, generators) =>
    withLoop((loop) => {
      let count = 0;
      let left = 0;
      const differing: unknown[] = [];
      const outcomes = new Map<string, number>();
      for (const schedule of schedules()) {
        const semaphore = new TinySemaphore(0);
        const world = reality(loop, semaphore, generators);
        const seen = play(world, schedule);
        const expected = play(model(generators), schedule);
        if (seen.join() !== expected.join()) differing.push({ schedule, seen, expected });
        world.end();
        left += semaphore.queue.size;
        count++;
        const last = String(seen.at(-1)).replace(/^tick: \d+ \d+ /, '');
        outcomes.set(last, (outcomes.get(last) ?? 0) + 1);
      }
      console.log(`${count} schedules, ${outcomes.size} different ends`);
      expect(differing.slice(0, 3)).toEqual([]);
      expect(left).toBe(0);
      expect(count).toBeGreaterThan(10_000);
      expect(outcomes.size).toBeGreaterThan(20);
    }),
  );
});
