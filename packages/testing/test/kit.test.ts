import { Future } from '@aiokit/future';
import { realm } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Queue } from '@aiokit/queue';
import { Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, sleep } from '@aiokit/task';
import {
  advance,
  assertCheckpoints,
  assertNoCheckpoints,
  assertNoLeaks,
  cancelEverywhere,
  check,
  LeakError,
  onVirtualTime,
  type Program,
  Sequencer,
  settle,
  waitAllTasksBlocked,
} from '@aiokit/testing';
import { virtual } from '@aiokit/testing/vitest';
import { afterEach, assert, describe, expect, test } from 'vitest';

afterEach(() => {
  assert.deepEqual([realm.running, [...(realm.pending?.(undefined as never) ?? [])]], [undefined, []]);
});

const thrownBy = async (action: () => unknown): Promise<Error & { code?: string }> => {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

describe('KIT-1 waitAllTasksBlocked', () => {
  test('KIT-1.1 waits until everybody else waits, and no time passes', async () => {
    await onVirtualTime(function* (loop) {
      const queue = new Queue<number>();
      const got: number[] = [];
      const consumer = createTask(function* () {
        for (;;) got.push(yield* queue.get());
      });
      createTask(function* () {
        for (let item = 0; item < 5; item++) {
          yield* sleep(0);
          queue.putNowait(item);
        }
      });
      yield* waitAllTasksBlocked();
      expect([got, loop.time()]).toEqual([[0, 1, 2, 3, 4], 0]);
      consumer.cancel();
    });
  });

  test('KIT-1.2 in an async function, whose promises run before', async () => {
    await onVirtualTime(async (loop) => {
      let steps = 0;
      const other = createTask(async () => {
        for (; steps < 20; steps++) await (steps % 2 === 0 ? Promise.resolve() : sleep(0));
        await sleep(10);
      });
      await waitAllTasksBlocked();
      expect([steps, loop.time()]).toEqual([20, 0]);
      await other;
    });
  });

  test('KIT-1.3 a cancelled one is gone, and a loop that is not virtual is refused', async () => {
    await onVirtualTime(function* () {
      const task = createTask(waitAllTasksBlocked());
      yield* sleep(0);
      task.cancel();
      yield* waitAllTasksBlocked();
      expect(task.cancelled()).toBe(true);
    });
    expect((await thrownBy(waitAllTasksBlocked)).message).toMatch(
      /^the running loop must be a VirtualLoop, got /,
    );
  });

  test('KIT-1.4 holds under every schedule', async () => {
    const program: Program = function* (world) {
      let busy = 3;
      for (let task = 0; task < 3; task++) {
        world.spawn(function* () {
          yield* sleep(0);
          busy--;
          yield* sleep(5);
        });
      }
      yield* waitAllTasksBlocked();
      if (busy > 0) throw new Error(`${busy} are not blocked`);
      yield* sleep(9);
    };
    expect(await check(program, { strategy: 'exhaustive' })).toMatchObject({ complete: true });
  });
});

describe('KIT-2 settle and advance', () => {
  test('KIT-2.1 settle runs what is ready and no timer', async () => {
    const loop = new VirtualLoop();
    const steps: string[] = [];
    const task = createTask(
      async () => {
        await sleep(0);
        await Promise.resolve();
        steps.push('ready');
        await sleep(1);
        steps.push('later');
      },
      { loop },
    );
    await settle(loop);
    expect([steps, loop.time()]).toEqual([['ready'], 0]);
    await settle(loop);
    await advance(loop, 0.5);
    expect([steps, loop.time()]).toEqual([['ready'], 0.5]);
    await advance(loop, 0.5);
    expect([steps, task.done()]).toEqual([['ready', 'later'], true]);
    assertNoLeaks(loop);
  });

  test('KIT-2.2 advance runs the timers on the way, each in its time', async () => {
    const loop = new VirtualLoop();
    const times: number[] = [];
    const tick = (): void => {
      times.push(loop.time());
      if (times.length < 9) loop.callLater(10, tick);
    };
    loop.callLater(10, tick);
    await advance(loop, 30);
    expect([times, loop.time()]).toEqual([[10, 20, 30], 30]);
    loop.close();
  });

  test('KIT-2.3 bad arguments', async () => {
    const loop = new VirtualLoop();
    expect((await thrownBy(async () => settle({} as never))).message).toBe(
      'loop must be a VirtualLoop, got [object Object]',
    );
    for (const bad of [-1, Number.NaN, Infinity, '1' as never]) {
      expect((await thrownBy(async () => advance(loop, bad))).message).toMatch(
        /^delayMs must be a number of milliseconds, 0 or more, got /,
      );
    }
    assertNoLeaks(loop);
  });
});

describe('KIT-3 Sequencer', () => {
  test('KIT-3.1 has sections come in order under every schedule', async () => {
    const program: Program = function* (world) {
      const sequencer = new Sequencer();
      const seen: number[] = [];
      const section = (position: number) =>
        function* (): Coroutine<void> {
          yield* sequencer.with(position, function* () {
            yield* sleep(0);
            seen.push(position);
          });
        };
      yield* gather(...[2, 0, 1].map((position) => world.spawn(section(position))));
      expect(seen).toEqual([0, 1, 2]);
    };
    expect(await check(program, { schedules: 3000 })).toMatchObject({ ok: true });
  });

  test('KIT-3.3 nobody is left waiting, whoever is cancelled when', async () => {
    const program: Program = (world) => {
      const sequencer = new Sequencer();
      for (const position of [1, 0, 2]) {
        world.spawn(function* () {
          try {
            yield* sequencer.with(position, () => sleep(0) as unknown as Coroutine<void>);
          } catch (error) {
            if ((error as { code?: string }).code !== 'SEQUENCE') throw error;
          }
        });
      }
      // A section that was never begun is skipped.
      world.loop.callLater(10, () => {
        for (const position of [0, 1, 2]) {
          try {
            const skipped = sequencer.turn(position);
            skipped.addDoneCallback(() => skipped.result().end());
          } catch {
            world.note('begun');
          }
        }
      });
    };
    expect(await check(program, { cancellations: 1, schedules: 4000 })).toMatchObject({ ok: true });
  });

  test('KIT-3.2 in async functions', async () => {
    await onVirtualTime(async () => {
      const sequencer = new Sequencer();
      const seen: number[] = [];
      const section = (position: number) => async () => {
        using turn = await sequencer.turn(position);
        await sleep(1);
        seen.push(position);
        turn.end();
      };
      await Promise.all([1, 0].map((position) => createTask(section(position))));
      expect(seen).toEqual([0, 1]);
    });
  });

  test('KIT-3.3 a position is used once, and a cancelled section breaks the sequence', async () => {
    await onVirtualTime(function* () {
      const sequencer = new Sequencer();
      const first = sequencer.turn(1);
      expect(() => sequencer.turn(1)).toThrow('position 1 of the sequence is used already');
      const waiting = createTask(sequencer.turn(2));
      yield* sleep(0);
      first.cancel();
      yield* sleep(0);
      yield* sleep(0);
      expect(waiting.exception()).toMatchObject({ code: 'SEQUENCE' });
      expect(() => sequencer.turn(0)).toThrow('the sequence is broken');
    });
    const sequencer = new Sequencer();
    expect((await thrownBy(() => sequencer.turn(-1))).message).toBe(
      'position must be an integer of 0 or more, got -1',
    );
  });
});

describe('KIT-4 checkpoints', () => {
  const run = async (steps: () => Coroutine<unknown>): Promise<string> => {
    try {
      return String(await onVirtualTime(steps));
    } catch (error) {
      return `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`;
    }
  };
  function* waiting(): Coroutine<string> {
    yield* new Lock().acquire();
    yield* sleep(1);
    return 'waited';
  }
  function* quick(): Coroutine<string> {
    yield* new Lock().acquire();
    return 'quick';
  }
  function* failing(): Coroutine<string> {
    const never = yield* quick();
    throw new Error(never.replace('quick', 'bad'));
  }

  test('KIT-4.1 assertCheckpoints lets those pass that wait', async () => {
    expect(await run(() => assertCheckpoints(waiting()))).toBe('waited');
    expect(await run(() => assertCheckpoints(quick()))).toBe('CHECKPOINT the coroutine has never waited');
    expect(await run(() => assertCheckpoints(failing()))).toBe(
      'CHECKPOINT the coroutine has thrown and never waited',
    );
    const late = function* (): Coroutine<void> {
      yield* waiting();
      yield* failing();
    };
    expect(await run(() => assertCheckpoints(late()))).toBe(' bad');
  });

  test('KIT-4.2 assertNoCheckpoints lets those pass that do not', async () => {
    expect(await run(() => assertNoCheckpoints(quick()))).toBe('quick');
    expect(await run(() => assertNoCheckpoints(failing()))).toBe(' bad');
    expect(await run(() => assertNoCheckpoints(waiting()))).toBe('CHECKPOINT the coroutine waits');
    expect(await run(() => assertCheckpoints(1 as never))).toBe(' steps must be a coroutine, got 1');
  });

  test('KIT-4.3 a cancellation goes through', async () => {
    await onVirtualTime(function* () {
      const task = createTask(assertCheckpoints(waiting()));
      yield* sleep(0);
      task.cancel();
      yield* sleep(0);
      yield* sleep(0);
      expect(task.cancelled()).toBe(true);
    });
  });
});

describe('KIT-5 virtual time', () => {
  test(
    'KIT-5.1 virtual() gives a test a loop of its own: generators',
    virtual(function* (loop) {
      yield* sleep(86_400_000);
      expect(loop.time()).toBe(86_400_000);
    }),
  );

  test(
    'KIT-5.1 virtual() gives a test a loop of its own: async functions',
    virtual(
      async (loop) => {
        await sleep(1000);
        expect(loop.time()).toBe(6000);
      },
      { startMs: 5000 },
    ),
  );

  test.each(['a', 'b'])(
    'KIT-5.1 the arguments of the runner are passed on: %s',
    virtual<[string]>(function* (_, name) {
      yield* sleep(1);
      expect('ab').toContain(name);
    }),
  );

  test('KIT-5.2 returns what the body returns, and throws what it throws', async () => {
    expect(await onVirtualTime(async () => sleep(5, 'result'))).toBe('result');
    const bad = await thrownBy(async () =>
      onVirtualTime(async () => {
        await sleep(1);
        throw new RangeError('bad');
      }),
    );
    expect(bad).toEqual(new RangeError('bad'));
    expect((await thrownBy(async () => onVirtualTime(1 as never))).message).toBe(
      'body must be a function, got 1',
    );
    expect((await thrownBy(() => virtual(1 as never))).message).toBe('body must be a function, got 1');
  });

  test('KIT-5.3 who waits for ever is told', async () => {
    const stuck = await thrownBy(async () => onVirtualTime(() => new Future<void>() as never));
    expect(stuck.code).toBe('DEADLOCK');
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'a task',
      () =>
        createTask(
          function* () {
            yield* new Future<void>();
          },
          { name: 'left' },
        ),
      /^a task is pending: <Task pending name='left'/,
    ],
    [
      'a timer',
      () => realm.running?.callLater(50, () => {}),
      /^timers were pending, the last one 50 ms away$/,
    ],
    [
      'an error that nobody caught',
      () =>
        realm.running?.callSoon(() => {
          throw new Error('unseen');
        }),
      /^Exception in callback .*: Error: unseen$/,
    ],
    [
      'an error that nobody looked at',
      () => {
        new Future<void>().setException(new Error('unseen'));
      },
      /^Future exception was never retrieved: Error: unseen/,
    ],
  ])('KIT-5.4 what is left is told: %s', async (_, leave, message) => {
    const error = await thrownBy(async () =>
      onVirtualTime(function* () {
        leave();
        yield* sleep(0);
        yield* sleep(0);
      }),
    );
    expect(error).toBeInstanceOf(LeakError);
    expect(error.message).toMatch(message);
  });
});

describe('KIT-6 cancelEverywhere', () => {
  const borrowing =
    (give: (permits: Semaphore, work: () => Coroutine<void>) => Coroutine<void>): Program =>
    (world) => {
      const permits = new Semaphore(2);
      world.atEnd(() => permits.statistics().holders === 0, 'a permit is lost');
      function* work(): Coroutine<void> {
        yield* sleep(0);
        yield* sleep(5);
      }
      for (let task = 0; task < 3; task++) world.spawn(give(permits, work));
    };

  test('KIT-6.1 finds a permit that is lost by a cancellation', async () => {
    const leaky = borrowing(function* (permits, work) {
      const permit = yield* permits.acquire();
      yield* work();
      permit.release();
    });
    const error = await thrownBy(async () => cancelEverywhere(leaky));
    expect(error.message).toMatch(/^invariant: Error: a permit is lost\n/);
  });

  test('KIT-6.2 runs each place of a program that is right, once for each task', async () => {
    const right = borrowing(function* (permits, work) {
      using permit = yield* permits.acquire();
      yield* work();
      expect(permit.live).toBe(true);
    });
    const report = await cancelEverywhere(right);
    expect(report).toMatchObject({ ok: true, complete: true });
    const places = await cancelEverywhere((world) => {
      world.spawn(function* () {
        yield* sleep(0);
        yield* sleep(0);
      });
    });
    // Before each of three steps, and without one.
    expect(places.schedules).toBe(4);
  });
});
