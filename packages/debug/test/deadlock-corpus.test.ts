/** Sixty programs that deadlock: each is reported, once, before the loop has had another turn. Every other detector is on. */
import {
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  Lock,
  RWLock,
  Semaphore,
} from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, shield, sleep, type Task, TaskGroup, wait } from '@aiokit/task';
import { expect, test } from 'vitest';
import { withDebug } from './with-debug.js';

type Gate = Pick<Lock, 'acquire'>;
type Program = () => void;

function* taking(...gates: readonly Gate[]): Coroutine<void> {
  const permits: { release(): void }[] = [];
  try {
    for (const gate of gates) {
      permits.push(yield* gate.acquire());
      yield* sleep(1);
    }
  } finally {
    for (const permit of permits) permit.release();
  }
}

const named = (name: string, steps: Coroutine<unknown>): Task<unknown> => createTask(steps, { name });

/** Gates of which one is let in at a time. */
const single: Record<string, () => Gate> = {
  lock: () => new Lock(),
  'condition’s lock': () => new Condition().lock,
  condition: () => new Condition(),
  'semaphore of 1': () => new Semaphore(1),
  'strict semaphore of 1': () => new Semaphore(1, { strict: true }),
  'bounded semaphore of 1': () => new BoundedSemaphore(1),
  'limiter of 1': () => new CapacityLimiter(1),
  'way to write': () => new RWLock().write,
};

const corpus: Record<string, Program> = {};

for (const [kind, make] of Object.entries(single)) {
  corpus[`a ${kind}, twice`] = () => {
    const gate = make();
    named('a', taking(gate, gate));
  };
  corpus[`two of a ${kind}, in two orders`] = () => {
    const [a, b] = [make(), make()];
    named('a', taking(a, b));
    named('b', taking(b, a));
  };
  corpus[`a ${kind} and a lock, in two orders, with a tail`] = () => {
    const [a, b] = [make(), new Lock()];
    named('a', taking(a, b));
    named('b', taking(b, a));
    named('tail', taking(b));
  };
}

const ways = ['read', 'write', 'upgradable'] as const;
for (const first of ways) {
  for (const second of ways) {
    // Readers let each other in.
    if (second === 'read' ? first !== 'write' : first === 'read' && second === 'upgradable') continue;
    corpus[`an RW lock, to ${first} and then to ${second}`] = () => {
      const lock = new RWLock();
      named('a', taking(lock[first], lock[second]));
    };
  }
}
corpus['an RW lock, to read twice, behind a writer'] = () => {
  const lock = new RWLock();
  named('a', taking(lock.read, lock.read));
  named('b', taking(lock.write));
};

for (let size = 2; size <= 5; size++) {
  corpus[`a limiter of ${size} whose holders all want more`] = () => {
    const limiter = new CapacityLimiter(size);
    for (let holder = 0; holder < size; holder++) named(`h${holder}`, taking(limiter, limiter));
  };
}

for (let count = 2; count <= 8; count++) {
  const cycle = (tails: number) => () => {
    const locks = Array.from({ length: count }, () => new Lock());
    const at = (index: number) => locks[index % count] as Lock;
    locks.forEach((_, index) => void named(`t${index}`, taking(at(index), at(index + 1))));
    for (let tail = 0; tail < tails; tail++) named(`tail${tail}`, taking(at(tail)));
  };
  if (count > 2) corpus[`a cycle of ${count} locks`] = cycle(0);
  corpus[`a cycle of ${count} locks, with two tails`] = cycle(2);
  corpus[`${count} tasks that await each other`] = () => {
    const tasks: Task<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      tasks.push(
        named(
          `t${index}`,
          (function* (): Coroutine<void> {
            yield* sleep(1);
            yield* tasks[(index + 1) % count] as Task<unknown>;
          })(),
        ),
      );
    }
  };
}

const joins: Record<string, (child: () => Coroutine<void>) => Coroutine<unknown>> = {
  *awaits(child) {
    yield* named('child', child());
  },
  *gathers(child) {
    yield* gather(child(), child());
  },
  *shields(child) {
    yield* shield(named('child', child()));
  },
  *'waits for'(child) {
    yield* wait([named('child', child())]);
  },
  *'has a group of'(child) {
    yield* new TaskGroup().run(function* (group) {
      group.createTask(child());
      yield* sleep(1);
    });
  },
};
for (const [how, join] of Object.entries(joins)) {
  corpus[`a holder that ${how} a task that wants the lock`] = () => {
    const lock = new Lock();
    named(
      'holder',
      (function* (): Coroutine<void> {
        using _ = yield* lock.acquire();
        yield* join(() => taking(lock));
      })(),
    );
  };
}

test('DEBUG-8.1 the corpus has sixty programs', () => {
  expect(Object.keys(corpus).length).toBeGreaterThanOrEqual(60);
});

test.each(Object.keys(corpus))('DEBUG-8.1 %s', (name) =>
  withDebug(({ loop, take }) => {
    corpus[name]?.();
    loop.runUntilIdle();
    // Time stands still where nothing goes on: a report that came later would not have come.
    expect(take()).toEqual([expect.stringMatching(/^deadlock: /)]);
    loop.close();
    expect(loop.takeReports().length).toBeGreaterThan(0);
  }),
);

test.each(
  Object.keys(corpus).filter(
    (name) => !/^a (lock|condition|condition’s lock|semaphore of 1), twice$/.test(name),
  ),
)('DEBUG-8.1 %s, while others go on, before their next turn', (name) =>
  withDebug(({ loop, take }) => {
    corpus[name]?.();
    // Waits of 1 ms lead to it; all is told before the next turn after the last of them.
    const seen: [number, string[]][] = [];
    for (let at = 0; at < 40; at++) {
      loop.callAt(loop.time() + at + 0.5, () => {
        seen.push([at, take()]);
      });
    }
    loop.runUntilIdle();
    const told = seen.filter(([, reports]) => reports.length > 0);
    expect(told).toEqual([[told[0]?.[0], [expect.stringMatching(/^deadlock: /)]]]);
    expect(told[0]?.[0]).toBeLessThan(5);
    loop.close();
    expect(loop.takeReports().length).toBeGreaterThan(0);
  }),
);
