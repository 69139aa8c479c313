/** Programs that are right: whatever the explorer reports of them is a false alarm. */
import { Queue } from '@aiokit/queue';
import { Barrier, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, gather, sleep, TaskGroup, timeout } from '@aiokit/task';
import { explore, type Program, type World } from '@aiokit/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

interface Shared {
  readonly world: World;
  readonly locks: readonly Lock[];
  readonly permits: Semaphore;
  readonly items: Queue<number>;
  readonly inside: number[];
}

type Operation = (shared: Shared) => Coroutine<unknown>;

/** Sections of their own, of which those with a greater number may be inside those with a smaller one. */
const lock = (number: number, inner?: Operation): Operation =>
  function* ({ locks, inside, ...rest }) {
    using permit = yield* (locks[number] as Lock).acquire();
    inside[number] = (inside[number] ?? 0) + 1;
    yield* inner ? inner({ locks, inside, ...rest }) : sleep(0);
    inside[number] = inside[number] - (permit.live ? 1 : 2);
  };

const borrow: Operation = function* ({ permits, inside }) {
  using permit = yield* permits.acquire();
  inside[2] = (inside[2] ?? 0) + 1;
  yield* sleep(1);
  inside[2] = inside[2] - (permit.live ? 1 : 2);
};

const put: Operation = function* ({ items }) {
  yield* items.put(1);
};

const get: Operation = function* ({ items }) {
  yield* timeout(100, function* () {
    yield* items.get();
  });
  items.taskDone();
};

const alone = fc.constantFrom<[string, Operation]>(
  ['pause', () => sleep(0) as unknown as Coroutine<void>],
  ['sleep', () => sleep(2) as unknown as Coroutine<void>],
  ['lock 0', lock(0)],
  ['lock 1', lock(1)],
  ['locks 0 and 1', lock(0, lock(1))],
  ['borrow', borrow],
  ['lock 0 and borrow', lock(0, borrow)],
);

/** Each task puts before it gets, so that nobody waits for an item that is never put. */
const taskOf = fc.record({
  operations: fc.array(alone, { maxLength: 2 }),
  exchanges: fc.boolean(),
  meets: fc.constantFrom('no', 'event'),
});

const plans = fc.record({
  tasks: fc.array(taskOf, { minLength: 3, maxLength: 3 }),
  barrier: fc.boolean(),
  group: fc.boolean(),
});

type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

const programOf = ({ tasks, barrier, group }: Plan): Program =>
  function* (world) {
    const shared: Shared = {
      world,
      locks: [new Lock(), new Lock()],
      permits: new Semaphore(2),
      items: new Queue<number>(),
      inside: [],
    };
    const meeting = new Barrier(3);
    const begun = new Event();
    world.invariant(
      () => (shared.inside[0] ?? 0) <= 1 && (shared.inside[1] ?? 0) <= 1,
      'a lock has two holders',
    );
    world.invariant(() => (shared.inside[2] ?? 0) <= 2, 'too many have borrowed');
    world.atEnd(
      () => shared.locks.every((one) => !one.locked()) && shared.permits.statistics().holders === 0,
    );
    const bodies = tasks.map(
      ({ operations, exchanges, meets }, number) =>
        function* (): Coroutine<void> {
          if (number === 0) begun.set();
          else if (meets === 'event') yield* begun.wait();
          if (exchanges) yield* put(shared);
          for (const [, operation] of operations) yield* operation(shared);
          if (barrier) yield* meeting.wait();
          if (exchanges) yield* get(shared);
        },
    );
    if (group) {
      yield* new TaskGroup().run(function* (members) {
        for (const body of bodies) members.createTask(body);
        yield* sleep(0);
      });
    } else yield* gather(...bodies.map((body) => world.spawn(body)));
    yield* shared.items.join();
  };

test('EXPLORE-2.8 nothing is reported of 100 correct programs', { timeout: 60_000 }, async () => {
  const failures: string[] = [];
  for (const plan of fc.sample(plans, { numRuns: 100, seed: 7 })) {
    const report = await explore(programOf(plan), { schedules: 200 });
    if (!report.ok) failures.push(`${JSON.stringify(plan)}\n${String(report)}`);
  }
  expect(failures).toEqual([]);
});
