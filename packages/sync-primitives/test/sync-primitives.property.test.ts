/** Random programs with cancellations, aborts and time limits at any step, over each primitive. */
import {
  Barrier,
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  Event,
  KeyedLock,
  Lock,
  type Permit,
  RWLock,
  Semaphore,
  type UpgradablePermit,
} from '@aiokit/sync-primitives';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import { currentLoop } from '@aiokit/loop-core';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { CLASSES, holds, OUTER_CLASSES, type Run, type Subject } from './programs.js';

const HOUR = 3_600_000;
const options = { timeout: HOUR };

/** Counts who is in, and notes when there are too many. */
class Inside {
  readonly #run: Run;
  readonly #most: () => number;
  count = 0;

  constructor(run: Run, most: () => number) {
    this.#run = run;
    this.#most = most;
  }

  enter(permit: Permit, weight = 1): () => void {
    this.count += weight;
    if (this.count > this.#most()) this.#run.breaks('too many are in');
    return () => {
      this.count -= weight;
      permit.release();
      permit.release();
    };
  }
}

const value = (semaphore: Semaphore): number => (semaphore as unknown as { value: number }).value;

describe('SYNC-1.2 random programs', () => {
  test('SYNC-1.2 Lock: one at a time, in order, nobody is forgotten', options, async () =>
    expect(
      await holds((run) => {
        const lock = new Lock();
        const inside = new Inside(run, () => 1);
        return {
          watched: lock,
          line: () => '',
          ask: (limits) => lock.acquire(limits),
          got: (permit) => inside.enter(permit as Permit),
          poke: () => {
            const permit = lock.tryAcquire();
            if (permit && inside.count > 0) run.breaks('a held lock was taken');
            permit?.release();
          },
          check: () => {
            if (lock.statistics().holders < inside.count) run.breaks('a holder is unknown');
          },
          flush: () => {
            if (lock.locked()) run.breaks('nobody holds it, and it is locked');
          },
        };
      }, CLASSES),
    ).toEqual([]),
  );

  const semaphore =
    (make: (size: number) => Semaphore) =>
    (run: Run, { size }: { size: number }): Subject => {
      const one = make(size);
      const inside = new Inside(run, () => size);
      const weightOf = (kind: number): number => Math.min(size, kind < 4 ? 1 : 2);
      return {
        watched: one,
        line: () => '',
        ask: (limits, { kind }) => one.acquire({ ...limits, permits: weightOf(kind) }),
        got(permit, { ask: { kind } }) {
          return inside.enter(permit as Permit, weightOf(kind));
        },
        poke: () => one.tryAcquire({ permits: size })?.release(),
        check: () => {
          if (value(one) < 0 || value(one) + inside.count > size) run.breaks('permits were made');
          const { waiting } = one.statistics();
          if (waiting > 0 && value(one) === size) run.breaks('somebody waits for what is free');
          if (waiting > 0 && value(one) > 0) run.events.add('a heavy one is first');
        },
        flush: () => {
          if (value(one) !== size) run.breaks('permits are missing at the end');
        },
      };
    };
  const heavy = [...CLASSES, 'a heavy one is first'];

  test('SYNC-1.2 Semaphore: loses no permit and makes none, overtakes nobody', options, async () =>
    expect(
      await holds(
        semaphore((size) => new Semaphore(size)),
        heavy,
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 strict Semaphore: the same', options, async () =>
    expect(
      await holds(
        semaphore((size) => new Semaphore(size, { strict: true })),
        heavy,
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 BoundedSemaphore: the same, and stray releases are refused', options, async () =>
    expect(
      await holds(
        (run, program) => {
          let one: BoundedSemaphore;
          const subject = semaphore((size) => (one = new BoundedSemaphore(size)))(run, program);
          return {
            ...subject,
            poke: () => {
              if (value(one) < program.size) return;
              try {
                one.release();
                run.breaks('a stray release was accepted');
              } catch {
                run.events.add('a stray release was refused');
              }
            },
          };
        },
        [...heavy, 'a stray release was refused'],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 CapacityLimiter: never lets in more than its size of that moment', options, async () =>
    expect(
      await holds(
        (run, { size }) => {
          const limiter = new CapacityLimiter(size);
          let inside = 0;
          return {
            watched: limiter,
            line: () => '',
            ask: (limits) => limiter.acquire(limits),
            got(permit) {
              inside++;
              if (limiter.borrowed < inside || limiter.borrowers.length < inside)
                run.breaks('one is unknown');
              return () => {
                inside--;
                (permit as Permit).release();
              };
            },
            poke(how) {
              const { total, borrowed } = limiter;
              limiter.total = how;
              if (how < borrowed) run.events.add('made smaller than what is in use');
              if (how > total) run.events.add('made larger');
              if (limiter.borrowed > Math.max(how, borrowed)) run.breaks('let in beyond the limit');
            },
            check() {
              if (limiter.statistics().waiting > 0 && inside === 0 && limiter.available > limiter.borrowed)
                run.events.add('woken, and not in yet');
            },
            flush() {
              limiter.total = 3;
            },
          };
        },
        [...OUTER_CLASSES, 'made smaller than what is in use', 'made larger'],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 KeyedLock: keys do not meet, and no key is left', options, async () =>
    expect(
      await holds(
        (run) => {
          const locks = new KeyedLock<number>();
          const inside = new Map<number, Inside>();
          const keyOf = (kind: number): number => kind % 2;
          return {
            watched: locks,
            line: ({ kind }) => String(keyOf(kind)),
            ask: (limits, { kind }) => locks.acquire(keyOf(kind), limits),
            got(permit, { ask: { kind } }) {
              const key = keyOf(kind);
              const one = inside.get(key) ?? new Inside(run, () => 1);
              inside.set(key, one);
              if (inside.size === 2 && inside.get(1 - key)?.count) run.events.add('two keys at once');
              return one.enter(permit as Permit);
            },
            flush: () => {
              if (locks.size > 0) run.breaks('a key is left');
            },
          };
        },
        [...OUTER_CLASSES, 'two keys at once'],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 RWLock: readers or a writer, and nobody starves', options, async () =>
    expect(
      await holds(
        (run) => {
          const lock = new RWLock();
          let readers = 0;
          let writers = 0;
          let upgradables = 0;
          let phases = 0;
          const since = new Map<object, number>();
          const sides = [lock.read, lock.read, lock.write, lock.write, lock.upgradable, lock.upgradable];
          const check = (): void => {
            if (writers > 1 || upgradables > 1) run.breaks('two at once');
          };
          const write = (permit: Permit): (() => void) => {
            writers++;
            phases++;
            check();
            return () => {
              writers--;
              permit.release();
            };
          };
          return {
            watched: lock,
            line: ({ kind }) => (kind < 2 ? 'read' : kind < 4 ? 'write' : 'upgradable'),
            ask(limits, { kind }, attempt) {
              since.set(attempt, phases);
              return (sides[kind] ?? lock.read).acquire(limits);
            },
            got(permit, attempt) {
              const { kind } = attempt.ask;
              if (kind === 2 || kind === 3) {
                if (readers + writers > 0) run.breaks('wrote while others were in');
                const done = write(permit as Permit);
                if (kind === 2) return done;
                return () => {
                  writers--;
                  const read = (permit as Permit & { downgrade(): Permit }).downgrade();
                  run.events.add('downgraded');
                  read.release();
                };
              }
              if (writers > 0) run.breaks('read while one wrote');
              if (kind < 2 && phases - (since.get(attempt) ?? 0) > 1)
                run.breaks('a reader waited for two writers');
              readers++;
              if (kind < 2)
                return () => {
                  readers--;
                  (permit as Permit).release();
                };
              upgradables++;
              check();
              const leave = (): void => {
                readers--;
                upgradables--;
                (permit as Permit).release();
              };
              if (kind === 4) return leave;
              const wait = (permit as UpgradablePermit).upgrade({ timeoutMs: 2 });
              let over = false;
              wait.addDoneCallback(() => {
                if (over) return;
                if (wait.cancelled()) return;
                try {
                  const upgraded = wait.result();
                  run.events.add('upgraded');
                  if (readers !== 1) run.breaks('wrote while others were in');
                  const done = write(upgraded);
                  done();
                } catch {
                  run.events.add('an upgrade timed out');
                }
              });
              return () => {
                over = true;
                leave();
              };
            },
            check() {
              if (readers > 0 && writers > 0) run.breaks('read while one wrote');
            },
            flush: () => {
              if (readers + writers + lock.statistics().holders > 0) run.breaks('somebody is in at the end');
            },
          };
        },
        [...CLASSES, 'downgraded', 'upgraded', 'an upgrade timed out'],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 Event: nobody waits who was woken, nobody is woken for nothing', options, async () =>
    expect(
      await holds(
        (run) => {
          const event = new Event();
          let sets = 0;
          const since = new Map<object, number>();
          return {
            watched: event,
            line: () => '',
            ask(limits, _, attempt) {
              since.set(attempt, event.isSet() ? -1 : sets);
              return event.wait(limits);
            },
            got(_, attempt) {
              if (since.get(attempt) === sets) run.breaks('woken for nothing');
              return () => {};
            },
            poke(how) {
              if (how < 4) {
                sets++;
                event.set();
                if (event.statistics().waiting > 0) run.breaks('somebody waits for what is set');
              }
              if (how >= 2) event.clear();
              run.events.add(how < 2 ? 'set' : how < 4 ? 'set and cleared' : 'cleared');
            },
            flush() {
              sets++;
              event.set();
            },
          };
        },
        [...OUTER_CLASSES, 'set', 'set and cleared', 'cleared'],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 Condition: the lock is held, and no notification is lost', options, async () =>
    expect(
      await holds(
        (run) => {
          const condition = new Condition();
          let items = 0;
          let inside = false;
          const enter = (): void => {
            if (inside || !condition.locked()) run.breaks('the lock is not held by one');
            inside = true;
          };
          const ready = (): boolean => {
            if (!condition.locked()) run.breaks('the predicate was asked without the lock');
            return items > 0;
          };
          const take = (): void => {
            enter();
            if (--items < 0) run.breaks('an item was taken twice');
          };
          const leave = (permit: Permit): void => {
            if (!condition.locked()) run.breaks('the lock is not held at the end of a wait');
            inside = false;
            permit.release();
          };
          function* consume(limits: WaitOptions): Coroutine<void> {
            const permit = yield* condition.acquire(limits);
            try {
              yield* condition.waitFor(ready, limits);
              take();
              yield* sleep(0);
            } finally {
              leave(permit);
            }
          }
          const consumeAsync = (limits: WaitOptions) => async (): Promise<void> => {
            const permit = await condition.acquire(limits);
            try {
              while (items === 0) await condition.wait(limits);
              take();
              await Promise.resolve();
            } finally {
              leave(permit);
            }
          };
          function* produce(): Coroutine<void> {
            yield* condition.with(function* (): Coroutine<void> {
              items++;
              yield* sleep(0);
              condition.notify();
            });
          }
          return {
            watched: condition,
            nested: true,
            ask(limits, { kind }) {
              const task = createTask(kind < 3 ? consume(limits) : consumeAsync(limits));
              return Object.assign(task, { [Symbol.dispose]: () => task.abandon() });
            },
            got: () => () => {},
            poke(how) {
              // At an instant at which time limits may be up.
              currentLoop().callLater(how, () => {
                const permit = condition.tryAcquire();
                if (!permit) return void createTask(produce());
                items++;
                condition.notify();
                permit.release();
              });
            },
            flush() {
              if (items > 0 && condition.statistics().waiting > 0) run.breaks('a notification was lost');
              if (condition.locked()) run.breaks('nobody holds the lock, and it is locked');
              const permit = condition.tryAcquire();
              items += 1000;
              condition.notifyAll();
              permit?.release();
            },
          };
        },
        [
          'got after a wait, generator',
          'got after a wait, async',
          'got after a wait, plain',
          'granted, then CancelledError',
          'granted, then aborted',
          'granted, then TimeoutError',
          'ended: CancelledError',
          'ended: aborted',
          'ended: TimeoutError',
        ],
      ),
    ).toEqual([]),
  );

  test('SYNC-1.2 Barrier: lets on as many as it is for, each with its number', options, async () =>
    expect(
      await holds(
        (run, { size }) => {
          const barrier = new Barrier(size);
          let round: number[] = [];
          return {
            watched: barrier,
            ask: (limits) => barrier.wait(limits),
            got(index) {
              if (round.includes(index as number)) round = [];
              round.push(index as number);
              if ((index as number) < 0 || (index as number) >= size) run.breaks('a number that cannot be');
              run.events.add('let on');
              return () => {};
            },
            poke(how) {
              if (how === 0) {
                barrier.abort().abandon();
                run.events.add('aborted');
              } else if (how < 3) {
                barrier.reset().abandon();
                run.events.add('reset');
              }
            },
            check() {
              if (barrier.nWaiting >= size) run.breaks('all have come, and nobody goes on');
            },
            flush: () => void barrier.abort(),
          };
        },
        [
          'no wait',
          'got after a wait, generator',
          'got after a wait, async',
          'got after a wait, plain',
          'let on',
          'aborted',
          'reset',
          'ended: BrokenBarrierError',
          'ended: CancelledError',
          'ended: TimeoutError',
        ],
      ),
    ).toEqual([]),
  );
});
