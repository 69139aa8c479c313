import {
  CancelledError,
  currentLoop,
  getEventLoop,
  InvalidStateError,
  RuntimeError,
  setEventLoop,
  TimeoutError,
} from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { checkWait, Waiter, type WaitOwner, WaitQueue } from '@aiokit/loop-core/wait-queue';
import { getEventListeners } from 'node:events';
import { assert, describe, expect, test } from 'vitest';
import { Driver } from './wait-queue-driver.js';
import { hop, settle, TestLoop, thrownBy, withLoop } from './wait-queue-loop.js';
import { TinySemaphore } from './wait-queue-owners.js';

/** An owner that hands out numbers and writes down what it is told. */
class Owner implements WaitOwner<number> {
  readonly queue = new WaitQueue<number>(this);
  readonly steps: string[] = [];
  readonly names = new Map<Waiter<number>, string>();
  delivered = 0;

  join(name: string, ...args: Parameters<WaitQueue<number>['join']>): Waiter<number> {
    const waiter = this.queue.join(...args);
    this.names.set(waiter, name);
    return waiter;
  }

  deliver(waiter: Waiter<number>): number {
    this.#tell('deliver', waiter);
    return ++this.delivered;
  }

  passed(waiter: Waiter<number>): void {
    this.#tell('passed', waiter);
  }

  left(waiter: Waiter<number>): void {
    this.#tell('left', waiter);
  }

  toString(): string {
    return '<Owner>';
  }

  /** How many are live and linked, and who is first among the live. */
  get state(): [live: number, size: number, first: string | undefined] {
    const { live, size, first } = this.queue;
    return [live, size, first && this.names.get(first)];
  }

  #tell(what: string, waiter: Waiter<number>): void {
    // The queue is in order when its owner is told: whoever it is about has left.
    assert.deepEqual([waiter.live(), waiter.before, waiter.after], [false, undefined, undefined]);
    this.steps.push(`${what} ${this.names.get(waiter) ?? '?'}`);
  }
}

const withOwner = <R>(body: (owner: Owner, loop: TestLoop) => R): R =>
  withLoop((loop) => body(loop.owns(new Owner()), loop));

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Waits in a generator, and is done when the wait is over. */
const drive = (loop: TestLoop, waiter: Waiter<number>): Driver<number> =>
  new Driver(
    loop,
    (function* () {
      return yield* waiter;
    })(),
  );

describe('joining', () => {
  test('WAIT-1.1 is at the end', () =>
    withOwner((owner) => {
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(owner.queue.owner).toBe(owner);
      const waiters = ['a', 'b', 'c'].map((name) => owner.join(name));
      expect(owner.state).toEqual([3, 3, 'a']);
      for (const waiter of waiters) {
        expect([waiter.live(), waiter.done(), waiter.cancelled(), waiter.weight]).toEqual([
          true,
          false,
          false,
          1,
        ]);
      }
      expect(owner.join('d', undefined, 5).weight).toBe(5);
      expect(owner.join('e', {}).weight).toBe(1);
      expect(
        ['a', 'b', 'c', 'd', 'e'].map(() => owner.names.get(owner.queue.grant() as Waiter<number>)),
      ).toEqual(['a', 'b', 'c', 'd', 'e']);
      for (const waiter of owner.names.keys()) waiter.abandon();
    }));

  test.each([
    undefined,
    {},
    { timeoutMs: undefined, signal: undefined },
    { timeoutMs: 0 },
    { timeoutMs: -1 },
  ])('WAIT-1.2 checkWait takes %j', (options) => {
    expect(() => checkWait(options)).not.toThrow();
  });

  test('WAIT-1.2 checkWait takes signals, and any number of milliseconds', () => {
    const { signal } = new AbortController();
    const like = { aborted: false, reason: 0, addEventListener: () => {}, removeEventListener: () => {} };
    for (const options of [{ signal }, { signal: like }, { timeoutMs: Infinity }, { timeoutMs: -Infinity }]) {
      expect(() => checkWait(options)).not.toThrow();
    }
  });

  test.each([
    [null, TypeError, 'options must be an object, got null'],
    [5, TypeError, 'options must be an object, got 5'],
    [{ timeoutMs: '5' }, TypeError, "timeoutMs must be a number of milliseconds, got '5'"],
    [{ timeoutMs: null }, TypeError, 'timeoutMs must be a number of milliseconds, got null'],
    [{ timeoutMs: Number.NaN }, RangeError, 'timeoutMs must be a number of milliseconds, got NaN'],
    [{ signal: null }, TypeError, 'signal must be an AbortSignal, got null'],
    [{ signal: {} }, TypeError, 'signal must be an AbortSignal, got [object Object]'],
    [{ signal: 1 }, TypeError, 'signal must be an AbortSignal, got 1'],
  ])('WAIT-1.2 checkWait refuses %j', (options, type, message) => {
    const error = thrownBy(() => checkWait(options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toHaveProperty('message', message);
  });

  test.each([0, -1, -Infinity])('WAIT-1.3 with timeoutMs %d is a failure at once', (timeoutMs) =>
    withOwner((owner) => {
      const before = owner.join('before');
      const waiter = owner.join('a', { timeoutMs });
      expect(waiter.done()).toBe(true);
      expect(() => waiter.result()).toThrow(TimeoutError);
      expect(owner.state).toEqual([1, 1, 'before']);
      expect(owner.steps).toEqual([]);
      before.abandon();
    }),
  );

  test('WAIT-1.3 with a signal that has aborted is a failure at once, with its reason', () =>
    withOwner(async (owner, loop) => {
      const signal = AbortSignal.abort('early');
      const waiter = owner.join('a', { signal, timeoutMs: 0 });
      expect(waiter.done()).toBe(true);
      expect(thrownBy(() => waiter.result())).toBe('early');
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(listeners(signal)).toBe(0);
      const seen = Promise.resolve(waiter.then(undefined, (reason: unknown) => reason));
      const driver = drive(loop, waiter);
      loop.tick();
      expect(driver.outcome).toEqual({ error: 'early' });
      expect(await seen).toBe('early');
      waiter.cancel();
      waiter.abandon();
      waiter.abort('late');
      expect(thrownBy(() => waiter.result())).toBe('early');
      expect(owner.steps).toEqual([]);
    }));

  test.each([{ timeoutMs: Infinity }, { timeoutMs: undefined }, {}])(
    'WAIT-1.3 with %j has no timer',
    (options) =>
      withOwner((owner, loop) => {
        const waiter = owner.join('a', options);
        loop.runUntilIdle();
        expect([loop.time(), waiter.live()]).toEqual([0, true]);
        waiter.abandon();
      }),
  );

  test('WAIT-1.4 belongs to the running loop, else to the default one', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      expect(waiter.getLoop()).toBe(loop);
      waiter.abandon();
      const other = new TestLoop();
      other.callSoon(() => void owner.join('b'));
      other.tick();
      expect(owner.queue.first?.getLoop()).toBe(other);
      owner.queue.first?.abandon();
      other.finish();
    }));

  test('WAIT-1.4 on another loop while others wait is an error and changes nothing', () =>
    withOwner((owner) => {
      const other = new TestLoop();
      const waiter = owner.join('a');
      const errors: unknown[] = [];
      const { signal } = new AbortController();
      const tryToJoin = (): void => {
        errors.push(thrownBy(() => owner.join('b', { signal, timeoutMs: 5 })));
      };
      const states: unknown[] = [];
      for (const change of [() => {}, () => owner.queue.grant(), () => waiter.result()]) {
        change();
        states.push(owner.state);
        other.callSoon(tryToJoin);
        other.tick();
        states.push(owner.state);
      }
      const refusal = { message: '<Owner> is bound to a different event loop', code: 'OTHER_LOOP' };
      expect(errors.slice(0, 2)).toMatchObject([refusal, refusal]);
      expect(errors[0]).toBeInstanceOf(RuntimeError);
      // Granted and not taken, it still belongs to its loop; once it was taken the queue is free.
      expect(errors[2]).toBe(undefined);
      expect(states).toEqual([
        [1, 1, 'a'],
        [1, 1, 'a'],
        [0, 1, undefined],
        [0, 1, undefined],
        [0, 0, undefined],
        [1, 1, 'b'],
      ]);
      expect(listeners(signal)).toBe(1);
      expect(owner.queue.first?.getLoop()).toBe(other);
      owner.queue.first?.abandon();
      other.finish();
    }));

  test('WAIT-1.5 on the bare scheduler follows to the loop that takes its place', async () => {
    setEventLoop(null);
    const owner = new Owner();
    const bare = currentLoop();
    const [a, b] = [owner.join('a'), owner.join('b', { timeoutMs: 1 })];
    const steps: string[] = [];
    const add = (waiter: Waiter<number>, name: string): void =>
      waiter.addDoneCallback(() => steps.push(`${name} ${String(thrownBy(() => waiter.result()))}`));
    add(a, 'a');
    add(b, 'b');
    const loop = getEventLoop();
    expect(loop).not.toBe(bare);
    expect([a.getLoop() === loop, b.getLoop() === loop]).toEqual([true, true]);
    const c = owner.join('c');
    expect(c.getLoop()).toBe(loop);
    add(c, 'c');
    expect(owner.state).toEqual([3, 3, 'a']);
    owner.queue.grant();
    await new Promise<void>((resolve) => b.addDoneCallback(() => resolve()));
    c.cancel();
    await new Promise<void>((resolve) => c.addDoneCallback(() => resolve()));
    expect(steps).toEqual(['a undefined', 'b TimeoutError: the wait timed out', 'c CancelledError']);
    expect(owner.state).toEqual([0, 0, undefined]);
    loop.close();
  });

  test('WAIT-1.6 with a time limit on a closed loop is an error and changes nothing', () => {
    const loop = new VirtualLoop();
    loop.close();
    setEventLoop(loop);
    const owner = new Owner();
    const { signal } = new AbortController();
    expect(thrownBy(() => owner.join('a', { timeoutMs: 5, signal }))).toMatchObject({ code: 'LOOP_CLOSED' });
    expect(owner.state).toEqual([0, 0, undefined]);
    expect(listeners(signal)).toBe(0);
    setEventLoop(null);
  });
});

describe('a closed loop', () => {
  test('WAIT-1.7 leaves a queue free: the next who joins takes those out who belonged to it', () =>
    withOwner(async (owner, loop) => {
      owner.passed = (waiter) => owner.steps.push(`passed ${owner.names.get(waiter)}`);
      const closed = new TestLoop();
      closed.callSoon(() => {
        for (const name of ['granted', 'cancelled', 'waiting', 'waiting too']) {
          owner.join(name).addDoneCallback(() => expect.unreachable());
        }
      });
      closed.tick();
      const [granted, cancelled, waiting] = [...owner.names.keys()];
      owner.queue.grant();
      cancelled?.cancel();
      closed.close();
      expect(owner.state).toEqual([2, 4, 'waiting']);
      const waiter = owner.join('a');
      expect([waiter.getLoop() === loop, owner.state]).toEqual([true, [1, 1, 'a']]);
      expect(owner.steps.toSorted?.() ?? [...owner.steps].sort()).toEqual([
        'left cancelled',
        'left waiting',
        'left waiting too',
        'passed granted',
      ]);
      for (const gone of [granted, cancelled, waiting]) {
        expect(gone?.cancelled()).toBe(true);
        await expect(Promise.resolve(gone)).rejects.toEqual(new CancelledError());
      }
      owner.queue.grant();
      expect(waiter.result()).toBe(1);
    }));

  test('WAIT-1.7 gives the turn of a heavy head that belonged to it to who comes, and to nobody who is gone', () =>
    withOwner((owner, loop) => {
      // One unit is free: it goes to whoever is first and asks for no more.
      owner.left = () => {
        if (owner.queue.first?.weight === 1) owner.queue.grant();
      };
      const closed = new TestLoop();
      closed.callSoon(() => {
        for (const weight of [2, 1]) owner.queue.join({}, weight).addDoneCallback(() => expect.unreachable());
      });
      closed.tick();
      closed.close();
      const waiter = owner.join('a');
      expect([waiter.getLoop() === loop, waiter.live(), owner.queue.size]).toEqual([true, false, 1]);
      expect(waiter.result()).toBe(1);
    }));

  test('WAIT-1.7 lets a permit that was granted on it go to those who come', () =>
    withLoop((loop) => {
      const semaphore = loop.owns(new TinySemaphore(1));
      const closed = new TestLoop();
      closed.callSoon(() => {
        const held = semaphore.acquire().result();
        void semaphore.acquire();
        void semaphore.acquire();
        held.release();
      });
      closed.tick();
      closed.close();
      expect([semaphore.value, semaphore.queue.size]).toEqual([0, 2]);
      const waiter = semaphore.acquire();
      expect(waiter.live()).toBe(false);
      waiter.result().release();
      expect(semaphore.value).toBe(1);
    }));
});

test('WAIT-1.8 a waiter prints its state', () =>
  withOwner((owner, loop) => {
    const [a, b, c] = [owner.join('a'), owner.join('b'), owner.join('c')];
    const shown = (): string[] => [a, b, c].map(String);
    expect(shown()).toEqual(['<Waiter waiting>', '<Waiter waiting>', '<Waiter waiting>']);
    b.addDoneCallback(() => {});
    owner.queue.grant();
    b.cancel();
    c.abort('no');
    expect(shown()).toEqual(['<Waiter granted>', '<Waiter cancelled>', '<Waiter failed>']);
    a.result();
    loop.tick();
    expect(shown()).toEqual(['<Waiter delivered>', '<Waiter failed>', '<Waiter failed>']);
  }));

describe('granting', () => {
  test('WAIT-2.1 gives the turn to the first who is live, and moves nothing', () =>
    withOwner((owner, loop) => {
      expect(owner.queue.grant()).toBe(undefined);
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => owner.join(name)) as [
        Waiter<number>,
        Waiter<number>,
        Waiter<number>,
        Waiter<number>,
      ];
      b.addDoneCallback(() => {});
      b.cancel();
      expect(owner.queue.grant() === a).toBe(true);
      expect(owner.state).toEqual([2, 4, 'c']);
      expect([a.live(), a.done(), a.cancelled()]).toEqual([false, true, false]);
      expect(owner.queue.grant() === c).toBe(true);
      c.abandon();
      expect(owner.queue.grant() === d).toBe(true);
      expect(owner.queue.grant()).toBe(undefined);
      expect(owner.state).toEqual([0, 3, undefined]);
      expect(owner.steps).toEqual(['passed c']);
      const e = owner.join('e');
      expect(owner.state).toEqual([1, 4, 'e']);
      loop.tick();
      expect([a.result(), d.result()]).toEqual([1, 2]);
      e.abandon();
    }));

  test('WAIT-2.2 grantAll gives everybody who is live the turn', () =>
    withOwner((owner, loop) => {
      expect(owner.queue.grantAll()).toBe(0);
      const drivers = ['a', 'b', 'c', 'd'].map((name) => drive(loop, owner.join(name)));
      loop.tick();
      drivers[1]?.cancel();
      expect(owner.queue.grantAll()).toBe(3);
      expect(owner.state).toEqual([0, 4, undefined]);
      loop.tick();
      expect(owner.steps).toEqual(['left b', 'deliver a', 'deliver c', 'deliver d']);
    }));

  test('WAIT-2.3 is told in the next iteration, in the order of the grants', () =>
    withOwner((owner, loop) => {
      const steps: string[] = [];
      const names = ['a', 'b', 'c'];
      const waiters = names.map((name) => owner.join(name));
      waiters.slice(0, 2).forEach((waiter, index) => {
        waiter.addDoneCallback(() => steps.push(`${names[index]} has ${waiter.result()}`));
        waiter.addDoneCallback(() => steps.push(`${names[index]} again ${waiter.result()}`));
      });
      loop.callSoon(() => {
        owner.queue.grant();
        owner.queue.grant();
        steps.push('granted');
      });
      loop.tick();
      expect(steps).toEqual(['granted']);
      loop.tick();
      expect(steps).toEqual(['granted', 'a has 1', 'a again 1', 'b has 2', 'b again 2']);
      loop.tick();
      expect(steps).toHaveLength(5);
      waiters[2]?.abandon();
    }));

  test('WAIT-2.4 somebody of a closed loop is an error and changes nothing', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      waiter.addDoneCallback(() => expect.unreachable());
      loop.close();
      for (const end of [() => owner.queue.grant(), () => owner.queue.grantAll(), () => waiter.cancel()]) {
        expect(thrownBy(end)).toMatchObject({ code: 'LOOP_CLOSED' });
        expect(owner.state).toEqual([1, 1, 'a']);
        expect(waiter.live()).toBe(true);
      }
      waiter.abandon();
      expect(owner.steps).toEqual(['left a']);
    }));

  test('WAIT-2.5 keeps its order under an oracle that turns everything round', () => {
    const loop = new TestLoop({ choose: (_, n) => n - 1 });
    setEventLoop(loop);
    const owner = loop.owns(new Owner());
    const other = loop.owns(new Owner());
    const steps: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      for (const [one, label] of [
        [owner, name],
        [other, name.toUpperCase()],
      ] as const) {
        const waiter = one.join(label);
        waiter.addDoneCallback(() => steps.push(`${label}${waiter.result()}`));
      }
    }
    const late = owner.join('d');
    owner.queue.grantAll();
    late.addDoneCallback(() => steps.push(`d${late.result()}`));
    other.queue.grantAll();
    loop.runUntilIdle();
    expect(steps.filter((step) => /[a-d]/.test(step))).toEqual(['a1', 'b2', 'c3', 'd4']);
    expect(steps.filter((step) => /[A-C]/.test(step))).toEqual(['A1', 'B2', 'C3']);
    expect(steps[0]).toBe('A1');
    loop.finish();
    setEventLoop(null);
  });

  test('WAIT-2.6 tells the owner who has the turn and is not listened to', () =>
    withLoop(() => {
      const unheard: unknown[] = [];
      const queue = new WaitQueue<unknown>({
        deliver: ({ value }) => value,
        passed() {},
        unheard: (waiter) => unheard.push([waiter.value, waiter.done()]),
      });
      const [heard, lone] = [queue.join(undefined, 1, 'heard'), queue.join(undefined, 1, 'lone')];
      heard.addDoneCallback(() => {});
      queue.grantAll();
      expect(unheard).toEqual([['lone', true]]);
      expect([heard.result(), lone.result()]).toEqual(['heard', 'lone']);
    }));
});

describe('delivery', () => {
  test('WAIT-3.1 is by the first who asks for the result, and once', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      const values: number[] = [];
      const drivers = [drive(loop, waiter), drive(loop, waiter)];
      loop.tick();
      waiter.addDoneCallback(() => values.push(waiter.result()));
      owner.queue.grant();
      expect(owner.steps).toEqual([]);
      loop.tick();
      expect(drivers.map(({ outcome }) => outcome)).toEqual([{ value: 1 }, { value: 1 }]);
      expect([...values, waiter.result()]).toEqual([1, 1]);
      expect(owner.steps).toEqual(['deliver a']);
    }));

  test('WAIT-3.1 is in the step of a generator, in its place among the others', () =>
    withOwner((owner, loop) => {
      const driver = drive(loop, owner.join('a'));
      loop.tick();
      const steps: unknown[] = [];
      loop.callSoon(() => {
        owner.queue.grant();
        loop.callSoon(() => steps.push(...owner.steps, driver.outcome));
      });
      loop.tick();
      expect([owner.steps, driver.outcome]).toEqual([[], undefined]);
      loop.tick();
      expect(steps).toEqual(['deliver a', { value: 1 }]);
    }));

  test('WAIT-3.1 is when the promise of an async function is resolved, in the same iteration', () =>
    withOwner(async (owner, loop) => {
      const waiter = owner.join('a');
      const seen: unknown[] = [];
      void (async () => seen.push(await waiter))();
      await hop();
      owner.queue.grant();
      await hop();
      expect(owner.steps).toEqual([]);
      loop.tick();
      expect([owner.steps, seen]).toEqual([['deliver a'], []]);
      await hop();
      expect(seen).toEqual([1]);
    }));

  test('WAIT-3.1 is at once to plain code that asks in the tick of the grant', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      let called = 0;
      waiter.addDoneCallback(() => called++);
      owner.queue.grant();
      expect(waiter.result()).toBe(1);
      expect(owner.state).toEqual([0, 0, undefined]);
      loop.tick();
      expect([called, owner.steps]).toEqual([1, ['deliver a']]);
    }));

  test('WAIT-3.2 is not before the grant', () =>
    withOwner((owner) => {
      const waiter = owner.join('a');
      expect(thrownBy(() => waiter.result())).toEqual(new InvalidStateError('Result is not ready.'));
      expect(owner.state).toEqual([1, 1, 'a']);
      waiter.abandon();
    }));

  test('WAIT-3.3 that throws is the outcome, for everybody who asks', () =>
    withOwner(async (owner, loop) => {
      const error = new RangeError('cannot compare');
      let calls = 0;
      owner.deliver = () => {
        calls++;
        throw error;
      };
      const waiter = owner.join('a', { timeoutMs: 5 });
      const driver = drive(loop, waiter);
      loop.tick();
      owner.queue.grant();
      loop.tick();
      expect(driver.outcome).toEqual({ error });
      expect(thrownBy(() => waiter.result())).toBe(error);
      await expect(Promise.resolve(waiter)).rejects.toBe(error);
      waiter.abandon();
      waiter.abort('late');
      expect([calls, waiter.done(), waiter.cancelled(), owner.state]).toEqual([
        1,
        true,
        false,
        [0, 0, undefined],
      ]);
      expect(owner.steps).toEqual([]);
    }));

  test('WAIT-3.4 is the end: nothing that comes later changes anything', () =>
    withOwner((owner, loop) => {
      const controller = new AbortController();
      const waiter = owner.join('a', { signal: controller.signal, timeoutMs: 5 });
      owner.queue.grant();
      expect(owner.state).toEqual([0, 1, undefined]);
      expect(waiter.result()).toBe(1);
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(listeners(controller.signal)).toBe(0);
      expect(waiter.cancel()).toBe(false);
      waiter.abandon();
      waiter.abort('late');
      controller.abort();
      loop.advance(10);
      expect([waiter.result(), waiter.cancelled(), owner.steps]).toEqual([1, false, ['deliver a']]);
    }));
});

describe('cancel', () => {
  test('WAIT-4.1 keeps the waiter in the queue until its own step', () =>
    withOwner((owner, loop) => {
      const drivers = ['a', 'b', 'c'].map((name) => drive(loop, owner.join(name)));
      loop.tick();
      loop.callSoon(() => {
        expect(drivers[0]?.cancel('why')).toBe(true);
        expect(owner.state).toEqual([2, 3, 'b']);
        loop.callSoon(() => expect(owner.state).toEqual([2, 2, 'b']));
      });
      loop.tick();
      expect(owner.state).toEqual([2, 3, 'b']);
      expect(owner.steps).toEqual([]);
      loop.tick();
      expect(owner.state).toEqual([2, 2, 'b']);
      expect(owner.steps).toEqual(['left a']);
      expect(drivers[0]?.outcome).toEqual({ error: new CancelledError('why') });
      owner.queue.grantAll();
      loop.tick();
    }));

  test('WAIT-4.1 of one in the middle, or at the end, leaves the first the first', () =>
    withOwner((owner, loop) => {
      const drivers = ['a', 'b', 'c'].map((name) => drive(loop, owner.join(name)));
      loop.tick();
      drivers[1]?.cancel();
      expect(owner.state).toEqual([2, 3, 'a']);
      drivers[2]?.cancel();
      expect(owner.state).toEqual([1, 3, 'a']);
      const d = owner.join('d');
      expect(owner.state).toEqual([2, 4, 'a']);
      owner.queue.grant();
      expect(owner.state).toEqual([1, 4, 'd']);
      loop.tick();
      expect(owner.state).toEqual([1, 1, 'd']);
      expect(owner.steps).toEqual(['left b', 'left c', 'deliver a']);
      d.abandon();
    }));

  test('WAIT-4.2 is refused once the turn has come, or the wait is over', () =>
    withOwner((owner, loop) => {
      const [a, b, c] = [owner.join('a'), owner.join('b'), owner.join('c')];
      b.addDoneCallback(() => {});
      owner.queue.grant();
      expect(a.cancel()).toBe(false);
      expect([b.cancel(), b.cancel()]).toEqual([true, false]);
      c.abort('no');
      expect(c.cancel()).toBe(false);
      expect(a.result()).toBe(1);
      expect(a.cancel()).toBe(false);
      loop.tick();
      expect(b.cancel()).toBe(false);
      expect(owner.steps).toEqual(['left c', 'deliver a', 'left b']);
    }));

  test.each([
    ['first', ['first'], 'first'],
    ['', [], ''],
  ])('WAIT-4.3 gives its message %j to who waits, the same error each time', (message, args, expected) =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      const driver = drive(loop, waiter);
      loop.tick();
      waiter.cancel(...args);
      waiter.cancel(`${message} again`);
      loop.tick();
      const error = thrownBy(() => waiter.result());
      expect(error).toEqual(new CancelledError(expected));
      expect(driver.outcome).toEqual({ error });
      expect(thrownBy(() => waiter.result())).toBe(error);
    }),
  );

  test('WAIT-4.4 is not replaced by what comes after it in the same tick', () =>
    withOwner((owner, loop) => {
      const controller = new AbortController();
      const aborted = drive(loop, owner.join('a', { signal: controller.signal }));
      const late = drive(loop, owner.join('b', { timeoutMs: 5 }));
      const direct = owner.join('c');
      const third = drive(loop, direct);
      loop.tick();
      loop.callAt(5, () => late.cancel('b'));
      aborted.cancel('a');
      controller.abort('no');
      third.cancel('c');
      direct.abort('no');
      expect(owner.state).toEqual([1, 3, 'b']);
      loop.tick();
      loop.advance(5);
      loop.tick();
      // The time limit fired first: it ended the wait, and the cancellation is delivered in place of the time-out.
      expect([aborted, late, third].map(({ outcome }) => outcome)).toEqual(
        ['a', 'b', 'c'].map((message) => ({ error: new CancelledError(message) })),
      );
      expect(owner.steps).toEqual(['left a', 'left c', 'left b']);
    }));

  test('WAIT-4.4 before the time limit of the same instant is what is delivered', () =>
    withOwner((owner, loop) => {
      let driver: Driver<number> | undefined;
      loop.callAt(5, () => driver?.cancel('first'));
      driver = drive(loop, owner.join('a', { timeoutMs: 5 }));
      loop.advance(5);
      expect(owner.state).toEqual([0, 1, undefined]);
      loop.tick();
      expect(driver.outcome).toEqual({ error: new CancelledError('first') });
      expect(owner.steps).toEqual(['left a']);
    }));

  test('WAIT-4.5 of a waiter that nobody listens to takes it out at once', () =>
    withOwner((owner) => {
      const waiter = owner.join('a');
      owner.join('b').abandon();
      expect(waiter.cancel('why')).toBe(true);
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(owner.steps).toEqual(['left b', 'left a']);
      expect(thrownBy(() => waiter.result())).toEqual(new CancelledError('why'));
    }));

  test('WAIT-4.5 of a waiter whose callbacks do not ask takes it out when they were called, and once', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      const states: unknown[] = [];
      for (let count = 0; count < 3; count++) {
        waiter.addDoneCallback((done) => states.push([done.done(), done.cancelled(), ...owner.state]));
      }
      waiter.cancel('why');
      expect(owner.state).toEqual([0, 1, undefined]);
      loop.tick();
      expect(states[0]).toEqual([true, true, 0, 1, undefined]);
      expect(states.map((state) => (state as unknown[]).slice(0, 2))).toEqual(Array(3).fill([true, true]));
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(owner.steps).toEqual(['left a']);
      expect(thrownBy(() => waiter.result())).toEqual(new CancelledError('why'));
    }));

  test('WAIT-4.6 is what cancelled() says from then on, and it says so of nothing else', () =>
    withOwner((owner, loop) => {
      const [a, b, c, d] = [owner.join('a'), owner.join('b'), owner.join('c'), owner.join('d')];
      const driver = drive(loop, a);
      loop.tick();
      a.cancel();
      expect(a.cancelled()).toBe(true);
      loop.tick();
      expect(driver.outcome).toBeDefined();
      expect(a.cancelled()).toBe(true);
      owner.queue.grant();
      expect(b.cancelled()).toBe(false);
      b.result();
      expect(b.cancelled()).toBe(false);
      c.abort(new TimeoutError());
      expect(c.cancelled()).toBe(false);
      d.abandon();
      expect(d.cancelled()).toBe(true);
    }));
});

describe('abandon', () => {
  test('WAIT-5.1 takes a waiter out at once, and whoever waits is told in the next iteration', () =>
    withOwner((owner, loop) => {
      const controller = new AbortController();
      const steps: unknown[] = [];
      const waiters = ['a', 'b', 'c'].map((name) => {
        const waiter = owner.join(name, { signal: controller.signal, timeoutMs: 5 });
        waiter.addDoneCallback(() =>
          steps.push(
            name,
            thrownBy(() => waiter.result()),
          ),
        );
        return waiter;
      });
      waiters[1]?.abandon();
      expect(owner.state).toEqual([2, 2, 'a']);
      waiters[0]?.abandon();
      expect(owner.state).toEqual([1, 1, 'c']);
      expect(listeners(controller.signal)).toBe(1);
      waiters[2]?.abandon();
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(listeners(controller.signal)).toBe(0);
      expect(owner.steps).toEqual(['left b', 'left a', 'left c']);
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual(['b', 'a', 'c'].flatMap((name) => [name, new CancelledError()]));
      loop.runUntilIdle();
      expect(loop.time()).toBe(0);
    }));

  test('WAIT-5.1 takes a waiter of a closed loop out, and nobody is told', () =>
    withOwner(async (owner, loop) => {
      const waiters = [owner.join('a'), owner.join('b')];
      for (const waiter of waiters) waiter.addDoneCallback(() => expect.unreachable());
      loop.close();
      waiters[0]?.abandon();
      waiters[1]?.abort('no');
      expect([owner.state, owner.steps]).toEqual([
        [0, 0, undefined],
        ['left a', 'left b'],
      ]);
      await expect(Promise.resolve(waiters[0])).rejects.toEqual(new CancelledError());
      await expect(Promise.resolve(waiters[1])).rejects.toBe('no');
    }));

  test('WAIT-5.2 gives a turn back that was granted, at once and once', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      let calls = 0;
      waiter.addDoneCallback(() => calls++);
      owner.queue.grant();
      waiter.abandon();
      waiter.abandon();
      expect(owner.state).toEqual([0, 0, undefined]);
      expect(owner.steps).toEqual(['passed a']);
      loop.tick();
      expect([calls, waiter.cancelled()]).toEqual([1, true]);
    }));

  test('WAIT-5.2 in the step of a generator that is cancelled in the tick of its grant', () =>
    withOwner((owner, loop) => {
      owner.passed = (waiter) => {
        owner.steps.push(`passed ${owner.names.get(waiter)}`);
        owner.queue.grant();
      };
      const [a, b] = ['a', 'b'].map((name) => drive(loop, owner.join(name)));
      loop.tick();
      owner.queue.grant();
      expect(a?.cancel('why')).toBe(true);
      expect([owner.state, owner.steps]).toEqual([[1, 2, 'b'], []]);
      loop.tick();
      expect([owner.state, owner.steps]).toEqual([[0, 1, undefined], ['passed a']]);
      expect(a?.outcome).toEqual({ error: new CancelledError('why') });
      loop.tick();
      expect(b?.outcome).toEqual({ value: 1 });
      expect(owner.steps).toEqual(['passed a', 'deliver b']);
    }));

  test('WAIT-5.2 when a generator is closed while it waits, or has its turn', () =>
    withOwner((owner) => {
      function* main(name: string): Generator<unknown, number> {
        return yield* owner.join(name);
      }
      const [a, b] = [main('a'), main('b')];
      a.next();
      b.next();
      owner.queue.grant();
      a.return(0);
      b.return(0);
      expect(owner.steps).toEqual(['passed a', 'left b']);
    }));

  test('WAIT-5.2 after a cancellation keeps its message', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a');
      const driver = drive(loop, waiter);
      loop.tick();
      driver.cancel('why');
      waiter.abandon();
      expect([owner.state, owner.steps]).toEqual([[0, 0, undefined], ['left a']]);
      loop.tick();
      expect(driver.outcome).toEqual({ error: new CancelledError('why') });
      expect(owner.steps).toEqual(['left a']);
    }));

  test('WAIT-5.3 is what `using` does at the end of a scope', () =>
    withOwner((owner) => {
      {
        using waiter = owner.join('a');
        expect(waiter.live()).toBe(true);
      }
      {
        using waiter = owner.join('b');
        owner.queue.grant();
        expect(waiter.result()).toBe(1);
      }
      {
        using waiter = owner.join('c');
        owner.queue.grant();
        expect(waiter.done()).toBe(true);
      }
      expect(owner.steps).toEqual(['left a', 'deliver b', 'passed c']);
    }));

  test('WAIT-5.4 is a cancellation to whoever asks afterwards, whoever had asked before', () =>
    withOwner(async (owner, loop) => {
      const waiters = [owner.join('a'), owner.join('b'), owner.join('c'), owner.join('d')];
      const [, b, c, d] = waiters;
      b?.addDoneCallback(() => {});
      void c?.then(
        () => expect.unreachable(),
        () => {},
      );
      owner.queue.grant();
      d?.addDoneCallback(() => {});
      d?.addDoneCallback(() => {});
      for (const waiter of waiters) waiter.abandon();
      const seen: unknown[] = [];
      for (const waiter of waiters) {
        expect(thrownBy(() => waiter.result())).toEqual(new CancelledError());
        waiter.then(undefined, (error: unknown) => seen.push(error));
        waiter.addDoneCallback(() => seen.push('called'));
      }
      const driver = drive(loop, waiters[0] as Waiter<number>);
      await settle(loop);
      expect(seen.filter((one) => one === 'called')).toHaveLength(4);
      expect(seen.filter((one) => one !== 'called')).toEqual(Array(4).fill(new CancelledError()));
      expect(driver.outcome).toEqual({ error: new CancelledError() });
    }));
});

describe('abort', () => {
  test('WAIT-6.1 ends a wait at once; whoever waits is told in the next iteration', () =>
    withOwner((owner, loop) => {
      const [a, b] = ['a', 'b'].map((name) => owner.join(name)) as [Waiter<number>, Waiter<number>];
      const drivers = [drive(loop, a), drive(loop, b)];
      loop.tick();
      const reason = new Error('enough');
      a.abort(reason);
      expect([a.done(), a.cancelled(), owner.state]).toEqual([true, false, [1, 1, 'b']]);
      expect(owner.steps).toEqual(['left a']);
      expect(drivers[0]?.outcome).toBe(undefined);
      loop.tick();
      expect(drivers.map(({ outcome }) => outcome)).toEqual([{ error: reason }, undefined]);
      b.abort(null);
      loop.tick();
      expect(drivers[1]?.outcome).toEqual({ error: null });
    }));

  test('WAIT-6.2 gives a turn back that was granted and not taken, at once and once', () =>
    withOwner((owner, loop) => {
      owner.passed = (waiter) => {
        owner.steps.push(`passed ${owner.names.get(waiter)}`);
        owner.queue.grant();
      };
      const waiters = ['a', 'b'].map((name) => owner.join(name));
      const drivers = waiters.map((waiter) => drive(loop, waiter));
      loop.tick();
      owner.queue.grant();
      waiters[0]?.abort('no');
      waiters[0]?.abort('again');
      expect(owner.state).toEqual([0, 1, undefined]);
      expect(owner.steps).toEqual(['passed a']);
      loop.tick();
      expect(drivers.map(({ outcome }) => outcome)).toEqual([{ error: 'no' }, { value: 1 }]);
      expect(owner.steps).toEqual(['passed a', 'deliver b']);
    }));

  test('WAIT-6.3 comes when the time is up, not before, with a TimeoutError', () =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a', { timeoutMs: 5 });
      const driver = drive(loop, waiter);
      loop.tick();
      loop.advance(4.999);
      expect(waiter.live()).toBe(true);
      loop.advance(0.001);
      expect([waiter.done(), owner.state, owner.steps]).toEqual([true, [0, 0, undefined], ['left a']]);
      loop.tick();
      expect(loop.time()).toBe(5);
      expect(driver.outcome).toEqual({ error: new TimeoutError('the wait timed out') });
      expect(thrownBy(() => waiter.result())).toHaveProperty('code', 'TIMEOUT');
    }));

  test.each(['grant', 'cancel', 'abort', 'abandon'] as const)('WAIT-6.3 leaves no timer after a %s', (end) =>
    withOwner((owner, loop) => {
      const waiter = owner.join('a', { timeoutMs: 5 });
      if (end === 'grant') owner.queue.grant()?.result();
      else waiter[end]('no');
      loop.runUntilIdle();
      expect(loop.time()).toBe(0);
    }),
  );

  test('WAIT-6.4 by a signal ends all who wait with it, in the order in which they came', () =>
    withOwner((owner, loop) => {
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('enough');
      const waiters = Array.from({ length: 100 }, (_, index) => owner.join(String(index), { signal }));
      expect(listeners(signal)).toBe(1);
      const stays = owner.join('stays');
      const drivers = waiters.map((waiter) => drive(loop, waiter));
      loop.tick();
      owner.queue.grant();
      controller.abort(reason);
      expect(owner.state).toEqual([1, 1, 'stays']);
      expect(owner.steps).toEqual([
        'passed 0',
        ...Array.from({ length: 99 }, (_, index) => `left ${index + 1}`),
      ]);
      expect(listeners(signal)).toBe(0);
      loop.tick();
      expect(drivers.map(({ outcome }) => outcome)).toEqual(Array(100).fill({ error: reason }));
      stays.abandon();
    }));

  test('WAIT-6.4 leaves no listener after 100 waits, however they ended', () =>
    withOwner((owner, loop) => {
      const { signal } = new AbortController();
      const ends = [
        () => owner.queue.grant()?.result(),
        () => owner.queue.first?.abandon(),
        () => owner.queue.first?.abort('no'),
        () => owner.queue.first?.cancel(),
      ];
      for (let round = 0; round < 100; round++) owner.join(String(round), { signal, timeoutMs: 1000 });
      expect(listeners(signal)).toBe(1);
      for (let round = 0; round < 99; round++) ends[round % ends.length]?.();
      expect(listeners(signal)).toBe(1);
      owner.queue.first?.cancel();
      expect(listeners(signal)).toBe(0);
      for (let round = 0; round < 100; round++) {
        owner.join(String(round), { signal });
        expect(listeners(signal)).toBe(1);
        ends[round % ends.length]?.();
        expect(listeners(signal)).toBe(0);
      }
      loop.runUntilIdle();
      expect(loop.time()).toBe(0);
    }));

  test('WAIT-6.5 by a signal reaches everybody, also if one of them belongs to a closed loop', () =>
    withOwner((owner, loop) => {
      const controller = new AbortController();
      const closed = new TestLoop();
      const gone = new Owner();
      closed.callSoon(() => void gone.join('gone', { signal: controller.signal, timeoutMs: 5 }));
      closed.tick();
      gone.queue.first?.addDoneCallback(() => expect.unreachable());
      const driver = drive(loop, owner.join('a', { signal: controller.signal }));
      loop.tick();
      closed.close();
      controller.abort('no');
      expect([gone.state, gone.steps]).toEqual([[0, 0, undefined], ['left gone']]);
      expect(owner.state).toEqual([0, 0, undefined]);
      loop.tick();
      expect(driver.outcome).toEqual({ error: 'no' });
    }));
});

/** Counts how often the queue looks whether somebody is live. */
function countLooks(): { end(): number } {
  const own = Object.getOwnPropertyDescriptor(Waiter.prototype, 'live') as PropertyDescriptor;
  let looks = 0;
  Object.defineProperty(Waiter.prototype, 'live', {
    ...own,
    value(this: Waiter<unknown>): boolean {
      looks++;
      return (own.value as () => boolean).call(this);
    },
  });
  return {
    end() {
      Object.defineProperty(Waiter.prototype, 'live', own);
      return looks;
    },
  };
}

test('WAIT-9.1 leaving from anywhere in a queue of 100,000, in any order, is cheap enough to be done for all', () =>
  withLoop((loop) => {
    const queue = new WaitQueue<number>({ deliver: () => 1, passed: () => {} });
    const looks = countLooks();
    const count = 100_000;
    const waiters = Array.from({ length: count }, () => queue.join());
    // A stride without a common divisor visits each once, far apart.
    for (let step = 0; step < count; step++) {
      const waiter = waiters[(step * 38_197) % count] as Waiter<number>;
      if (step % 3 === 0) waiter.abandon();
      else if (step % 3 === 1) waiter.cancel();
      else waiter.abort('no');
    }
    expect([queue.live, queue.size, queue.first]).toEqual([0, 0, undefined]);
    expect(looks.end()).toBeLessThanOrEqual(2 * count);
    expect(new Set(waiters.map((waiter) => waiter.done()))).toEqual(new Set([true]));
    loop.runUntilIdle();
  }));

test('WAIT-9.1 granting past 100,000 that were cancelled looks at each once', () =>
  withLoop((loop) => {
    const queue = new WaitQueue<number>({ deliver: () => 1, passed: () => {} });
    const looks = countLooks();
    const count = 100_000;
    const waiters = Array.from({ length: count }, () => queue.join());
    for (const waiter of waiters) waiter.addDoneCallback(() => {});
    for (let index = 1; index < count; index += 2) waiters[index]?.cancel();
    let inOrder = 0;
    for (let index = 0; index < count; index += 2) if (queue.grant() === waiters[index]) inOrder++;
    expect(inOrder).toBe(count / 2);
    expect(looks.end()).toBeLessThanOrEqual(2 * count);
    expect([queue.live, queue.size, queue.first]).toEqual([0, count, undefined]);
    for (let index = 0; index < count; index += 2) waiters[index]?.result();
    loop.tick();
    expect(queue.size).toBe(0);
  }));
