import { fromPromise, Future } from '@aiokit/future';
import { realm } from '@aiokit/loop-core';
import { type Coroutine, createTask, gather, sleep, TaskGroup } from '@aiokit/task';
import { check, explore, replay, type ExploreOptions, type Program, type World } from '@aiokit/testing';
import { Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { afterEach, assert, describe, expect, test } from 'vitest';

function* pauses(times: number): Coroutine<void> {
  for (let left = times; left > 0; left--) yield* sleep(0);
}

/** Tasks that do nothing but pause: the steps of each are one more than its pauses. */
const pausing =
  (tasks: number, steps: number): Program =>
  (world) => {
    for (let task = 0; task < tasks; task++) world.spawn(pauses(steps - 1));
  };

/** A counter that is read before a pause and written after it. */
function* lostUpdate(world: World): Coroutine<void> {
  let count = 0;
  function* add(): Coroutine<void> {
    const before = count;
    yield* sleep(0);
    count = before + 1;
  }
  yield* gather(world.spawn(add(), 'one'), world.spawn(add(), 'two'));
  if (count !== 2) throw new Error(`count is ${count}`);
}

/** Two tasks that take two locks in opposite orders; `starts` pauses keep FIFO from the deadlock. */
const abba =
  (starts: number): Program =>
  (world) => {
    const a = world.label(new Lock(), 'A');
    const b = world.label(new Lock(), 'B');
    function* both(first: Lock, second: Lock, before: number): Coroutine<void> {
      yield* pauses(before);
      const one = yield* first.acquire();
      yield* sleep(0);
      const two = yield* second.acquire();
      two.release();
      one.release();
    }
    world.spawn(both(a, b, 0), 'left');
    world.spawn(both(b, a, starts), 'right');
  };

/** Runs every schedule and gives what each has printed. */
async function outcomes(
  program: (world: World, print: (text: string) => void) => unknown,
  options?: ExploreOptions,
) {
  const seen = new Set<string>();
  const report = await explore(
    (world) => {
      const texts: string[] = [];
      world.atEnd(() => void seen.add(texts.join(' ')));
      return program(world, (text) => texts.push(text));
    },
    { strategy: 'exhaustive', ...options },
  );
  expect(report).toMatchObject({ ok: true, complete: true });
  return [...seen].toSorted();
}

afterEach(() => {
  assert.deepEqual([realm.running, realm.hooks], [undefined, undefined]);
  assert.deepEqual([...(realm.pending?.(undefined as never) ?? [])], []);
});

describe('EXPLORE-1 schedules', () => {
  test.each<[number, number, number]>([
    [1, 5, 1],
    [2, 2, 6],
    [3, 3, 1680],
    [3, 4, 34_650],
    ...(process.env['MODE'] === 'proof' ? [[4, 3, 369_600] as [number, number, number]] : []),
  ])('EXPLORE-1.1 %i tasks of %i steps have %i', { timeout: 60_000 }, async (tasks, steps, schedules) => {
    const report = await explore(pausing(tasks, steps), { strategy: 'exhaustive', schedules: Infinity });
    expect(report).toMatchObject({ ok: true, complete: true, schedules, longest: tasks * steps });
    expect(String(report)).toBe(
      schedules === 1 ? 'the only schedule is right' : `all ${schedules} schedules are right`,
    );
  });

  test('EXPLORE-1.2 timers of one instant come in any order, timers of two in theirs', async () => {
    const sleeping = (world: World, print: (text: string) => void): void => {
      for (const [name, delay] of [
        ['a', 5],
        ['b', 5],
        ['c', 6],
      ] as const) {
        world.spawn(function* () {
          yield* sleep(delay);
          print(name);
        });
      }
    };
    expect(await outcomes(sleeping)).toEqual(['a b c', 'b a c']);
  });

  test('EXPLORE-1.3 every answer of choose() is tried', async () => {
    const asking = (world: World, print: (text: string) => void): void => {
      world.spawn(function* () {
        const first = world.choose(3);
        yield* sleep(0);
        print(`${first}${first === 1 ? world.choose(2) : world.choose(1)}`);
      });
    };
    expect(await outcomes(asking)).toEqual(['00', '10', '11', '20']);
  });

  test('EXPLORE-1.4 a cancellation lands between any two steps, of any task', async () => {
    const program = (world: World, print: (text: string) => void): void => {
      for (const name of ['a', 'b']) {
        world.spawn(function* () {
          try {
            print(name);
            yield* sleep(0);
            print(`${name}'`);
          } catch (error) {
            print(`-${name}`);
            throw error;
          }
        });
      }
    };
    const seen = await outcomes(program, { cancellations: 1 });
    expect(seen).toContain("a b a' b'");
    // Before the first step, and at the wait.
    expect(seen).toContain("b b'");
    expect(seen).toContain("a b -a b'");
    expect(seen).toContain("a a' b -b");
    expect(seen.some((text) => text.includes('-a') && text.includes('-b'))).toBe(false);
    const both = await outcomes(program, { cancellations: 2 });
    expect(both).toContain('a b -a -b');
    expect(both).toContain('');
  });

  test('EXPLORE-1.5 those who wait for one thing keep their order', async () => {
    const program = (world: World, print: (text: string) => void): void => {
      const event = new Event();
      for (const name of ['a', 'b', 'c']) {
        event.wait().addDoneCallback(() => print(name));
      }
      world.spawn(function* () {
        event.set();
        yield* sleep(0);
      });
    };
    expect(await outcomes(program)).toEqual(['a b c']);
  });

  test('EXPLORE-1.6 the first schedule is FIFO', async () => {
    const orders: string[] = [];
    const program: Program = (world) => {
      const steps: string[] = [];
      for (const name of ['a', 'b']) {
        world.spawn(function* () {
          steps.push(name);
          yield* sleep(0);
          steps.push(name);
        });
      }
      world.atEnd(() => void orders.push(steps.join('')));
    };
    for (const strategy of ['portfolio', 'exhaustive'] as const) await explore(program, { strategy });
    expect(orders[0]).toBe('abab');
  });

  test('EXPLORE-1.7 async functions: at each wait, and where a wait was over already', async () => {
    const program = async (world: World, print: (text: string) => void): Promise<void> => {
      const lock = new Lock();
      const body = (name: string) => async (): Promise<void> => {
        print(name);
        const permit = await lock.acquire();
        print(`${name}1`);
        await sleep(0);
        print(`${name}2`);
        permit.release();
      };
      await Promise.all([world.spawn(body('a')), world.spawn(body('b'))]);
    };
    expect(await outcomes(program)).toEqual([
      'a a1 a2 b b1 b2',
      'a a1 b a2 b1 b2',
      'a b a1 a2 b1 b2',
      'b a b1 b2 a1 a2',
      'b b1 a b2 a1 a2',
      'b b1 b2 a a1 a2',
    ]);
  });

  test('EXPLORE-1.8 a promise that is settled by the program itself is waited for', async () => {
    const program = function* (_: World, print: (text: string) => void): Coroutine<void> {
      const quick = async (): Promise<string> => {
        await Promise.resolve();
        return 'quick';
      };
      print(yield* fromPromise(quick()));
      yield* sleep(1);
      print('later');
    };
    expect(await outcomes(program)).toEqual(['quick later']);
  });

  test('EXPLORE-1.8 async functions and coroutines in one program', async () => {
    const program = function* (_: World, print: (text: string) => void): Coroutine<void> {
      const future = new Future<string>();
      const task = createTask(async () => {
        print(`got ${await future}`);
        await sleep(10);
        return 'end';
      });
      yield* sleep(1);
      future.setResult('it');
      print(yield* task);
    };
    expect(await outcomes(program)).toEqual(['got it end']);
  });
});

describe('EXPLORE-2 what is wrong', () => {
  const failureOf = async (program: Program, options?: ExploreOptions) => {
    const report = await explore(program, options);
    const again = report.failure && (await replay(program, report.failure.token, options));
    expect(again?.failure?.table).toBe(report.failure?.table);
    expect(again?.failure?.kind).toBe(report.failure?.kind);
    expect(report.failure?.token.length ?? 0).toBeLessThan(200);
    return report.failure;
  };

  test('EXPLORE-2.1 an error of the main function', async () => {
    expect(await failureOf(lostUpdate)).toMatchObject({
      kind: 'error',
      message: 'Error: count is 1',
      foundAt: 1,
      departures: 0,
      fifo: true,
    });
  });

  test('EXPLORE-2.1 an error of a task that nobody looks at', async () => {
    const program: Program = (world) => {
      world.spawn(function* failing() {
        yield* sleep(1);
        throw new Error('lost');
      });
    };
    expect(await failureOf(program)).toMatchObject({ kind: 'error', message: 'Error: lost' });
  });

  test('EXPLORE-2.1 an error of the program before its tasks', async () => {
    const program: Program = () => {
      throw new TypeError('at once');
    };
    expect(await failureOf(program)).toMatchObject({ kind: 'error', message: 'TypeError: at once' });
    const late: Program = function* () {
      yield* sleep(0);
      throw new Error('late');
    };
    expect(await failureOf(late)).toMatchObject({ kind: 'error', message: 'Error: late' });
  });

  test('EXPLORE-2.1 no error: one that was caught, and a cancellation by the explorer', async () => {
    const caught: Program = function* (world) {
      const task = world.spawn(function* () {
        yield* sleep(1);
        throw new Error('caught');
      });
      try {
        yield* task;
      } catch {
        yield* sleep(0);
      }
    };
    expect((await explore(caught, { cancellations: 1 })).ok).toBe(true);
    const cancelled: Program = function* () {
      const task = createTask(pauses(9));
      task.cancel();
      yield* task;
    };
    expect(await failureOf(cancelled)).toMatchObject({ kind: 'error', message: 'the program was cancelled' });
  });

  test('EXPLORE-2.2 an invariant that does not hold between two steps', async () => {
    const program: Program = (world) => {
      let inside = 0;
      world.invariant(() => inside < 2, 'two are inside');
      for (const name of ['a', 'b']) {
        world.spawn(function* () {
          yield* sleep(name === 'a' ? 0 : 5);
          inside++;
          yield* sleep(name === 'a' ? 5 : 0);
          inside--;
        }, name);
      }
    };
    expect(await failureOf(program)).toMatchObject({ kind: 'invariant', message: 'Error: two are inside' });
  });

  test('EXPLORE-2.2 what must hold at the end', async () => {
    const program: Program = (world) => {
      const permits = new Semaphore(1);
      world.atEnd(() => !permits.locked(), 'a permit is lost');
      world.spawn(function* () {
        yield* permits.acquire();
        yield* sleep(0);
        permits.release();
      });
    };
    expect((await explore(program)).ok).toBe(true);
    const failure = await failureOf(program, { cancellations: 1 });
    expect(failure).toMatchObject({ kind: 'invariant', message: 'Error: a permit is lost', departures: 1 });
    expect(failure?.steps.map(({ who }) => who)).toContain('(cancel)');
  });

  test('EXPLORE-2.3 a deadlock, with who waits for what', async () => {
    const failure = await failureOf(abba(4));
    expect(failure).toMatchObject({ kind: 'deadlock' });
    expect(failure?.waiting).toEqual(['left waits for B, held by right', 'right waits for A, held by left']);
  });

  test('EXPLORE-2.3 a deadlock of async functions', async () => {
    const program = async (world: World): Promise<void> => {
      const a = world.label(new Lock(), 'A');
      const b = world.label(new Lock(), 'B');
      const both = (first: Lock, second: Lock) => async (): Promise<void> =>
        first.with(async () => second.with(async () => sleep(0)));
      await Promise.all([world.spawn(both(a, b), 'left'), world.spawn(both(b, a), 'right')]);
    };
    const failure = await failureOf(program);
    expect(failure).toMatchObject({ kind: 'deadlock' });
    expect(failure?.waiting).toContain('left waits for B, held by right');
    expect(failure?.waiting).toContain('right waits for A, held by left');
  });

  test('EXPLORE-2.4 a livelock', async () => {
    const program: Program = (world) => {
      let stop = false;
      world.spawn(function* polite() {
        while (!stop) yield* sleep(0);
      });
      world.spawn(function* late() {
        yield* sleep(0);
        stop = world.choose(2) === 0;
      });
    };
    const failure = await failureOf(program, { stepLimit: 50 });
    expect(failure).toMatchObject({ kind: 'livelock', message: 'not over after 50 steps' });
    const long = await failureOf(program, { stepLimit: 5000 });
    expect(long?.steps.length).toBe(5000);
    expect(long?.table.split('\n').length).toBe(102);
    expect(long?.table).toContain('\n… 4900 steps are left out\n');
  });

  test('EXPLORE-2.5 tasks that are left', async () => {
    const program: Program = function* (world) {
      world.spawn(pauses(3), 'daemon');
      world.spawn(sleep(100), 'sleeper');
      yield* sleep(0);
    };
    expect(await failureOf(program)).toMatchObject({ kind: 'leak', waiting: ['sleeper sleeps until 100'] });
    expect((await explore(program, { allowLeaks: true })).ok).toBe(true);
  });

  test('EXPLORE-2.6 what nobody caught', async () => {
    const program: Program = function* (world) {
      world.loop.callSoon(() => {
        throw new Error('in a callback');
      });
      yield* sleep(0);
    };
    expect(await failureOf(program)).toMatchObject({
      kind: 'unhandled',
      message: 'Exception in callback anonymous(): Error: in a callback',
    });
    const rejecting = async (): Promise<void> => {
      void Promise.reject(new Error('nobody listens'));
      await sleep(1);
    };
    expect(await failureOf(rejecting)).toMatchObject({
      kind: 'unhandled',
      message: 'unhandled rejection of a promise: Error: nobody listens',
    });
  });

  const begun = Date.now();

  test.each<[string, Program]>([
    [
      'chance',
      (world) => {
        world.spawn(function* () {
          yield* sleep(Math.random());
        });
      },
    ],
    [
      'the host’s date',
      (world) => {
        world.spawn(pauses(Date.now() - 500_000 < begun ? 0 : 1));
      },
    ],
    [
      'the host’s clock',
      (world) => {
        world.spawn(pauses(performance.now() < 500_000 ? 0 : 1));
      },
    ],
    [
      'state that is kept',
      (() => {
        let runs = 0;
        return (world: World) => void world.spawn(pauses(runs++));
      })(),
    ],
    [
      'a timer of the host',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    ],
    ['a promise of somebody else', async () => new Promise(() => {})],
    [
      'a promise of somebody else, as a future',
      function* () {
        yield* fromPromise(new Promise(() => {}));
      },
    ],
  ])('EXPLORE-2.7 nondeterminism: %s', async (_, program) => {
    const { failure } = await explore(program);
    expect(failure?.kind).toBe('nondeterminism');
  });

  test('EXPLORE-2.7 nondeterminism: a schedule that offers other choices than before', async () => {
    let runs = 0;
    const program: Program = (world) => {
      for (let task = runs++ < 7 ? 2 : 3; task > 0; task--) world.spawn(pauses(2));
    };
    const { failure } = await explore(program, { strategy: 'exhaustive' });
    expect(failure?.kind).toBe('nondeterminism');
    expect(failure?.message).toMatch(/^the choices that were offered differ/);
  });

  test('EXPLORE-2.7 nondeterminism: a failure that does not come again', async () => {
    let runs = 0;
    const program: Program = (world) => {
      world.spawn(pauses(2));
      world.spawn(pauses(2));
      if (++runs === 5) throw new Error('once');
    };
    const { failure } = await explore(program);
    expect(failure?.kind).toBe('nondeterminism');
    expect(failure?.message).toMatch(/^a schedule failed once and not again/);
  });

  test('EXPLORE-2.7 nondeterminism: found out by the 101st schedule, which is run twice', async () => {
    let runs = 0;
    const program: Program = (world) => {
      runs++;
      world.spawn(pauses(5));
      world.spawn(sleep(0, runs < 50 ? 1 : runs));
      world.spawn(pauses(5));
    };
    const report = await explore(program);
    expect(report.failure?.kind).toBe('nondeterminism');
    expect(report.schedules).toBe(101);
  });

  test('EXPLORE-2.3 a deadlock where the host does not tell whose wait it is', async () => {
    const host = realm as { store?: unknown; scope?: unknown };
    const { store, scope } = host;
    Object.assign(host, { store: null, scope: undefined });
    try {
      const program = async (world: World): Promise<void> => {
        const lock = new Lock();
        const twice = async (): Promise<void> => {
          await lock.acquire();
          await lock.acquire();
        };
        await world.spawn(twice, 'twice');
      };
      const { failure } = await explore(program);
      expect(failure?.kind).toBe('deadlock');
    } finally {
      Object.assign(host, { store, scope });
    }
  });

  test('EXPLORE-2.8 nothing: a correct program', async () => {
    const program: Program = function* (world) {
      const lock = new Lock();
      let count = 0;
      const add = function* (): Coroutine<void> {
        using permit = yield* lock.acquire();
        const before = count;
        yield* sleep(0);
        count = before + 1;
        expect(permit.live).toBe(true);
      };
      yield* new TaskGroup().run(function* (group) {
        for (let task = 0; task < 3; task++) group.createTask(add);
        yield* sleep(0);
      });
      expect(count).toBe(3);
      world.atEnd(() => !lock.locked());
    };
    expect(await explore(program, { strategy: 'exhaustive', schedules: 500 })).toMatchObject({ ok: true });
    expect(await check(program, { schedules: 500 })).toMatchObject({ ok: true, schedules: 500 });
  });
});
