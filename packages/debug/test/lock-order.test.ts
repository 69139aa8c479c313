/** Locks that are taken in two orders are reported before they meet, where they can. Every other detector is on. */
import { CapacityLimiter, Event, Lock, RWLock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep, type Task, timeout } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { type Debugged, withDebug } from './with-debug.js';

type Gate = Pick<Lock, 'acquire'>;

/** Takes the gates one after the other, with a wait between them, and releases them. */
function* take(gates: readonly Gate[], pauseMs = 1): Coroutine<void> {
  const permits: { release(): void }[] = [];
  try {
    for (const gate of gates) {
      permits.push(yield* gate.acquire());
      if (pauseMs > 0) yield* sleep(pauseMs);
    }
  } finally {
    for (const permit of permits.reverse()) permit.release();
  }
}

function* later(delayMs: number, coroutine: Coroutine<void>): Coroutine<void> {
  yield* sleep(delayMs);
  yield* coroutine;
}

const named = (name: string, coroutine: Coroutine<unknown>): Task<unknown> => createTask(coroutine, { name });
const inversion = expect.stringMatching(
  /^lock order: task 'two' asks for <Lock \w+> while it has <Lock \w+>, and task 'one'/,
);

describe('DEBUG-8.4 two orders', () => {
  test('are reported, with the places of all four', () =>
    withDebug(({ loop, takeWhole }) => {
      const [a, b] = [new Lock(), new Lock()];
      named('one', take([a, b]));
      named('two', later(10, take([b, a])));
      loop.runUntilIdle();
      const reports = takeWhole();
      expect(reports).toEqual([inversion]);
      expect(reports[0]?.match(/at take .*lock-order\.test\.ts:/g)).toHaveLength(4);
    }));

  test('are reported once, however often they come', () =>
    withDebug(({ loop, take: reports }) => {
      const [a, b] = [new Lock(), new Lock()];
      for (const [name, gates, beginning] of [
        ['one', [a, b], 1],
        ['two', [b, a], 10],
      ] as const) {
        named(
          name,
          (function* (): Coroutine<void> {
            yield* sleep(beginning);
            for (let round = 0; round < 4; round++) {
              yield* take(gates);
              yield* sleep(20);
            }
          })(),
        );
      }
      loop.runUntilIdle();
      expect(reports()).toEqual([expect.stringMatching(/^lock order: /)]);
    }));

  test.each([
    ['a semaphore of two', () => new Semaphore(2)],
    ['a limiter of two', () => new CapacityLimiter(2)],
    ['a lock for reading', () => new RWLock().read],
  ])('behind %s are reported', (_, make) =>
    withDebug(({ loop, take: reports }) => {
      const [gate, a, b] = [make(), new Lock(), new Lock()];
      named('one', take([gate, a, b]));
      named('two', later(10, take([gate, b, a])));
      loop.runUntilIdle();
      expect(reports()).toEqual([inversion]);
    }),
  );

  test('that a flag of the program keeps apart are reported: nobody sees it', () =>
    withDebug(({ loop, take: reports }) => {
      const [a, b] = [new Lock(), new Lock()];
      let over = false;
      named(
        'one',
        (function* (): Coroutine<void> {
          yield* take([a, b]);
          over = true;
        })(),
      );
      named(
        'two',
        (function* (): Coroutine<void> {
          yield* sleep(10);
          if (over) yield* take([b, a]);
        })(),
      );
      loop.runUntilIdle();
      expect(reports()).toEqual([inversion]);
    }));

  test('of writers are reported too', () =>
    withDebug(({ loop, take: reports }) => {
      const [a, b] = [new RWLock(), new RWLock()];
      named('one', take([a.write, b.write]));
      named('two', later(10, take([b.write, a.write])));
      loop.runUntilIdle();
      expect(reports()).toEqual([expect.stringMatching(/^lock order: task 'two' /)]);
    }));
});

/** Programs in which the two orders cannot meet. */
const apart: Record<string, (test: Debugged, a: Lock, b: Lock) => void> = {
  'of one task': (_, a, b) => {
    named(
      'one',
      (function* (): Coroutine<void> {
        yield* take([a, b]);
        yield* take([b, a]);
      })(),
    );
  },
  'behind a gate': (_, a, b) => {
    const gate = new Lock();
    named('one', take([gate, a, b]));
    named('two', later(10, take([gate, b, a])));
  },
  'behind a semaphore of one': (_, a, b) => {
    const gate = new Semaphore(1);
    named('one', take([gate, a, b]));
    named('two', later(10, take([gate, b, a])));
  },
  'behind a limiter of one': (_, a, b) => {
    const gate = new CapacityLimiter(1);
    named('one', take([gate, a, b]));
    named('two', later(10, take([gate, b, a])));
  },
  'behind a semaphore of which one takes all': (_, a, b) => {
    const gate = new Semaphore(2);
    named('one', take([gate, a, b]));
    named('two', later(10, take([{ acquire: () => gate.acquire({ permits: 2 }) }, b, a])));
  },
  'where one reads what the other writes': (_, a, b) => {
    const gate = new RWLock();
    named('one', take([gate.read, a, b]));
    named('two', later(10, take([gate.write, b, a])));
  },
  'the later begun when the earlier has ended': (_, a, b) => {
    named(
      'main',
      (function* (): Coroutine<void> {
        yield* named('one', take([a, b]));
        yield* named('two', take([b, a]));
      })(),
    );
  },
  'the later told by the earlier': (_, a, b) => {
    const over = new Event();
    named(
      'one',
      (function* (): Coroutine<void> {
        yield* take([a, b]);
        over.set();
      })(),
    );
    named(
      'two',
      (function* (): Coroutine<void> {
        yield* over.wait();
        yield* take([b, a]);
      })(),
    );
  },
  'the later looking again and again': (_, a, b) => {
    let over = false;
    named(
      'one',
      (function* (): Coroutine<void> {
        yield* take([a, b]);
        over = true;
      })(),
    );
    named(
      'two',
      (function* (): Coroutine<void> {
        while (!over) yield* sleep(1);
        yield* take([b, a]);
      })(),
    );
  },
  'without a wait between the locks': (_, a, b) => {
    named('one', take([a, b], 0));
    named('two', later(10, take([b, a], 0)));
  },
  'with a time limit': (_, a, b) => {
    const limited: Gate = { acquire: () => a.acquire({ timeoutMs: 100 }) };
    named('one', take([a, b]));
    named('two', later(10, take([b, limited])));
  },
  'within a timeout': (_, a, b) => {
    named('one', take([a, b]));
    named(
      'two',
      later(
        10,
        timeout(100, () => take([b, a])),
      ),
    );
  },
  'tried and not waited for': (_, a, b) => {
    named('one', take([a, b]));
    named(
      'two',
      (function* (): Coroutine<void> {
        yield* sleep(10);
        using _ = yield* b.acquire();
        yield* sleep(1);
        a.tryAcquire()?.release();
      })(),
    );
  },
  'of readers': () => {
    const [a, b] = [new RWLock(), new RWLock()];
    named('one', take([a.read, b.read]));
    named('two', later(10, take([b.read, a.read])));
  },
  'that are the same': (_, a, b) => {
    named('one', take([a, b]));
    named('two', later(10, take([a, b])));
  },
};

describe('DEBUG-8.4 are silent where nothing can come of them:', () => {
  test.each(Object.keys(apart))('%s', (name) =>
    withDebug((debugged) => {
      apart[name]?.(debugged, new Lock(), new Lock());
      debugged.loop.runUntilIdle();
      expect(debugged.take()).toEqual([]);
    }),
  );
});
