import { type Coroutine, gather, sleep } from '@aiokit/task';
import {
  check,
  explore,
  exploreOne,
  ExplorationError,
  replay,
  type Program,
  type World,
} from '@aiokit/testing';
import { Queue } from '@aiokit/queue';
import { Condition, Lock } from '@aiokit/sync-primitives';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** Two tasks that take two locks in opposite orders; FIFO alone does not lead to the deadlock. */
const dining: Program = function* (world) {
  const left = world.label(new Lock(), 'left');
  const right = world.label(new Lock(), 'right');
  function* eat(first: Lock, second: Lock, late: number): Coroutine<void> {
    for (let pause = 0; pause < late; pause++) yield* sleep(0);
    const one = yield* first.acquire();
    world.note('hungry');
    yield* sleep(0);
    const two = yield* second.acquire();
    two.release();
    one.release();
  }
  yield* gather(world.spawn(eat(left, right, 0), 'Ann'), world.spawn(eat(right, left, 3), 'Bob'));
};

/** A task whose `n` choices must all be 1 for it to fail. */
const combination =
  (n: number, others = 3): Program =>
  (world) => {
    world.spawn(function* () {
      for (let digit = 0; digit < n; digit++) if (world.choose(2) === 0) return;
      yield* sleep(0);
      throw new Error('opened');
    });
    for (let other = 0; other < others; other++) world.spawn(sleep(0));
  };

const failureOf = async (...args: Parameters<typeof explore>) => {
  const { failure } = await explore(...args);
  expect(failure).toBeDefined();
  return failure as NonNullable<typeof failure>;
};

describe('EXPLORE-3 reports', () => {
  test('EXPLORE-3.1 a failure as text: what, who waits, how to repeat it, the steps', async () => {
    const report = await explore(dining);
    const { failure } = report;
    expect(String(report)).toBe(`deadlock: nothing can run, and nobody will wake who waits
  main waits for Gathering 1
  Ann waits for right, held by Bob
  Bob waits for left, held by Ann
schedule ${failure?.foundAt}, seed 1; 3 choices differ from FIFO; asyncio does not get there by other delays alone
replay(program, '${failure?.token}')

  | main                  | Ann                        | Bob
1 | waits for Gathering 1 |                            |
2 |                       | takes left, hungry, pauses |
3 |                       |                            | pauses
4 |                       |                            | pauses
5 |                       |                            | pauses
6 |                       |                            | takes right, hungry, pauses
7 |                       | waits for right            |
8 |                       |                            | waits for left`);
  });

  test.each(['get', 'put'] as const)('EXPLORE-3.1 a wait for %s names the queue', async (side) => {
    const { failure } = await explore((world) => {
      const queue = world.label(new Queue<number>(1), 'jobs');
      if (side === 'put') queue.putNowait(0);
      if (side === 'get') world.spawn(queue.get(), 'Ann');
      else world.spawn(queue.put(1), 'Ann');
    });
    expect(failure?.waiting).toEqual(['Ann waits for jobs']);
  });

  test('EXPLORE-3.1 a wait is named after the primitive that it is of', async () => {
    const { failure } = await explore(function* (world) {
      const queue = world.label(new Queue<number>(), 'jobs');
      const condition = world.label(new Condition(), 'filled');
      queue.putNowait(1);
      world.spawn(queue.join(), 'Ann');
      world.spawn(function* () {
        using _ = yield* condition.acquire();
        yield* condition.wait();
      }, 'Bob');
      yield* sleep(0);
    });
    expect(failure?.waiting).toEqual(['Ann waits for jobs', 'Bob waits for filled']);
  });

  test('EXPLORE-3.2 check() throws it', async () => {
    const error = await check(dining).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExplorationError);
    const { report, code, message } = error as ExplorationError;
    expect(code).toBe('EXPLORATION');
    expect(message).toBe(String(report));
    expect(report.failure?.kind).toBe('deadlock');
  });

  test('EXPLORE-3.3 the clock has a column once time has passed', async () => {
    const failure = await failureOf((world) => {
      world.spawn(function* late() {
        yield* sleep(1.5);
        throw new Error('late');
      });
    });
    expect(failure.table).toBe(`  | ms  | late               | (loop)
1 | 0   | sleeps until 1.5   |
2 | 1.5 |                    | a timer fires
3 | 1.5 | throws Error: late |`);
  });

  test('EXPLORE-3.4 tasks of one name are told apart', async () => {
    const failure = await failureOf((world) => {
      for (const name of ['a', 'a', undefined, undefined]) world.spawn(new Lock().acquire(), name);
      world.spawn(function* named() {
        yield* sleep(0);
        throw new Error('end');
      });
    });
    expect(failure.steps.map(({ who }) => who)).toEqual(['a', 'a 2', 'task', 'task 2', 'named', 'named']);
  });
});

describe('EXPLORE-4 shrinking', () => {
  test('EXPLORE-4.1 leaves no departure from FIFO that is not needed', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const failure = await failureOf(dining, { strategy: 'random', seed });
      expect(failure.departures).toBeLessThanOrEqual(3);
    }
    const failure = await failureOf(combination(4), { strategy: 'random' });
    expect(failure).toMatchObject({ departures: 4, message: 'Error: opened' });
  });
});

describe('EXPLORE-5 asyncio’s own order', () => {
  const at = (order: string, program: (world: World, step: (name: string) => void) => void): Program => {
    return (world) => {
      let seen = '';
      program(world, (name) => {
        seen += name;
      });
      world.atEnd(() => seen !== order, order);
    };
  };
  const spawn = (world: World, step: (name: string) => void, ...names: [string, number][]) => {
    for (const [name, delayMs] of names) {
      world.spawn(function* () {
        yield* sleep(delayMs);
        step(name);
      });
    }
  };

  test('EXPLORE-5.1 other delays swap timers', async () => {
    const program = at('ba', (world, step) => {
      for (const name of ['a', 'b']) world.loop.callLater(1, step, name);
    });
    expect(await failureOf(program)).toMatchObject({ kind: 'invariant', fifo: true });
  });

  test('EXPLORE-5.2 other delays do not swap what is ready', async () => {
    const program = at('ba', (world, step) => spawn(world, step, ['a', 0], ['b', 0]));
    expect(await failureOf(program)).toMatchObject({ kind: 'invariant', fifo: false });
  });

  test('EXPLORE-5.3 FIFO itself', async () => {
    const program = at('ab', (world, step) => spawn(world, step, ['a', 0], ['b', 3]));
    expect(await failureOf(program)).toMatchObject({ kind: 'invariant', fifo: true, departures: 0 });
    expect(String(await explore(program))).toMatch(/^schedule 1, seed 1; this is asyncio's own order$/m);
  });
});

describe('EXPLORE-6 replay', () => {
  test('EXPLORE-6.1 repeats a failure, and its table', async () => {
    const failure = await failureOf(dining);
    const report = await replay(dining, failure.token);
    expect(report).toMatchObject({ ok: false, schedules: 1 });
    expect(report.failure).toEqual({ ...failure, foundAt: 1 });
  });

  test('EXPLORE-6.2 a token of 200 characters is enough for 1000 choices', async () => {
    const failure = await failureOf(combination(1000, 0), {
      strategy: 'exhaustive',
      schedules: 10_000,
    });
    expect(failure.departures).toBe(1000);
    expect(failure.token.length).toBeLessThanOrEqual(200);
    expect((await replay(combination(1000, 0), failure.token)).failure?.message).toBe('Error: opened');
  });

  test('EXPLORE-6.3 of a program that is right now finds nothing', async () => {
    let mended = false;
    const program: Program = function* (world) {
      yield* sleep(0);
      if (world.choose(2) === 1 && !mended) throw new Error('bad');
    };
    const { token } = await failureOf(program);
    mended = true;
    expect(await replay(program, token)).toMatchObject({ ok: true, failure: undefined });
  });

  test('EXPLORE-6.4 refuses what is no token, and the token of another program', async () => {
    for (const bad of ['', '2.0.a.b.c', 'x', undefined as never, 7 as never]) {
      await expect(replay(dining, bad)).rejects.toThrow(/^token must be a token of a report, got /);
    }
    const { token } = await failureOf(dining);
    await expect(replay(combination(3), token)).rejects.toThrow(RangeError);
  });
});

describe('EXPLORE-8 exploreOne', () => {
  test('EXPLORE-8.1 runs the schedule of a list of numbers', async () => {
    const runs: string[] = [];
    const program: Program = (world) => {
      let seen = '';
      for (const name of ['a', 'b', 'c']) {
        world.spawn(function* () {
          seen += name;
          yield* sleep(0);
        });
      }
      world.atEnd(() => void runs.push(seen));
    };
    for (const numbers of [[], [2], [5], [0, 1], [1, 1, 1]]) {
      expect(await exploreOne(program, numbers)).toMatchObject({ ok: true, schedules: 1 });
    }
    expect(runs.map((text) => text[0])).toEqual(['a', 'c', 'c', 'a', 'b']);
    await expect(exploreOne(program, [-1])).rejects.toThrow(
      'a number of the schedule must be an integer of 0 or more, got -1',
    );
  });

  test('EXPLORE-8.2 fast-check finds and shrinks a failing one', async () => {
    const fails = fc.asyncProperty(
      fc.array(fc.nat()),
      async (numbers) => (await exploreOne(dining, numbers)).ok,
    );
    const details = await fc.check(fails, { numRuns: 1000, seed: 1 });
    expect(details.failed).toBe(true);
    const [numbers = []] = details.counterexample ?? [];
    expect((await exploreOne(dining, numbers)).failure).toMatchObject({ kind: 'deadlock' });
  });
});

describe('EXPLORE-7 options', () => {
  test.each([
    [{ schedules: 0 }, 'schedules must be an integer of 1 or more, got 0'],
    [{ schedules: 1.5 }, 'schedules must be an integer of 1 or more, got 1.5'],
    [{ schedules: '9' as never }, "schedules must be an integer of 1 or more, got '9'"],
    [{ cancellations: -1 }, 'cancellations must be an integer of 0 or more, got -1'],
    [{ stepLimit: Number.NaN }, 'stepLimit must be an integer of 1 or more, got NaN'],
    [{ preemptions: -2 }, 'preemptions must be an integer of 0 or more, got -2'],
    [{ depth: 0 }, 'depth must be an integer of 1 or more, got 0'],
    [{ seed: 0.5 }, 'seed must be an integer, got 0.5'],
    [
      { strategy: 'best' as never },
      "strategy must be 'portfolio', 'exhaustive', 'random' or 'pct', got 'best'",
    ],
    [null as never, 'options must be an object, got [object Null]'],
  ])('EXPLORE-7.1 %o is refused', async (options, message) => {
    let runs = 0;
    const program: Program = () => void runs++;
    const error = (await explore(program, options).catch((thrown: unknown) => thrown)) as Error;
    expect([error.message, runs]).toEqual([message.replace('[object Null]', 'null'), 0]);
  });

  test('EXPLORE-7.2 a program must be a function, and must not be explored within a loop', async () => {
    await expect(explore('x' as never)).rejects.toThrow("program must be a function, got 'x'");
    const nested: Program = function* () {
      const inner = explore(dining);
      inner.catch(Object);
      yield* sleep(0);
      throw new Error('over');
    };
    await explore(nested);
  });

  test('EXPLORE-7.3 seeds repeat an exploration, and differ', async () => {
    const found = async (strategy: 'random' | 'pct', seed: number) =>
      (await failureOf(combination(6), { strategy, seed })).foundAt;
    for (const strategy of ['random', 'pct'] as const) {
      expect(await found(strategy, 7)).toBe(await found(strategy, 7));
      expect(
        new Set([await found(strategy, 1), await found(strategy, 2), await found(strategy, 3)]).size,
      ).toBeGreaterThan(1);
    }
  });

  test('EXPLORE-7.4 the bound counts departures from FIFO', async () => {
    const counts: number[] = [];
    for (const preemptions of [0, 1, 2, 3, 9]) {
      const program: Program = (world) => {
        for (let task = 0; task < 3; task++) world.spawn(sleep(0));
      };
      const { schedules, complete } = await explore(program, { strategy: 'exhaustive', preemptions });
      expect(complete).toBe(true);
      counts.push(schedules);
    }
    expect([counts[0], counts.at(-1)]).toEqual([1, 90]);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  test.each(['portfolio', 'exhaustive', 'random', 'pct'] as const)(
    'EXPLORE-7.5 %s finds a deadlock of three',
    async (strategy) => {
      const program: Program = (world) => {
        const forks = [new Lock(), new Lock(), new Lock()];
        for (let seat = 0; seat < 3; seat++) {
          world.spawn(function* () {
            for (let pause = 0; pause < seat * 4; pause++) yield* sleep(0);
            const left = yield* (forks[seat] as Lock).acquire();
            yield* sleep(0);
            const right = yield* (forks[(seat + 1) % 3] as Lock).acquire();
            right.release();
            left.release();
          });
        }
      };
      const failure = await failureOf(program, { strategy, schedules: 100_000 });
      expect(failure.kind).toBe('deadlock');
      expect(failure.foundAt).toBeGreaterThan(1);
    },
  );

  test('EXPLORE-7.6 explorations that are begun together come one after the other', async () => {
    const reports = await Promise.all([
      explore(async () => sleep(1)),
      explore(dining),
      explore(async () => sleep(1)),
    ]);
    expect(reports.map(({ ok }) => ok)).toEqual([true, false, true]);
  });
});
