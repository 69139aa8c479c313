/** Known bugs of concurrent programs, each in a program of three tasks, and what kind of failure it is. */
import { Future } from '@aiokit/future';
import { Queue } from '@aiokit/queue';
import { Condition, Event, Lock, RWLock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep, type Task, TaskGroup } from '@aiokit/task';
import type { ExploreOptions, FailureKind, Program, World } from '@aiokit/testing';

export interface Bug {
  readonly name: string;
  readonly kind: FailureKind;
  readonly program: Program;
  readonly options?: ExploreOptions;
}

type Body = () => Coroutine<unknown>;

const spawnAll = (world: World, bodies: readonly Body[]): void => {
  for (const body of bodies) world.spawn(body);
};

function* pause(times = 1): Coroutine<void> {
  for (let left = times; left > 0; left--) yield* sleep(0);
}

/** Holds two locks in the order given. */
const holding = (first: Lock, second: Lock, late = 0): Body =>
  function* () {
    yield* pause(late);
    const outer = yield* first.acquire();
    yield* pause();
    const inner = yield* second.acquire();
    inner.release();
    outer.release();
  };

const bug = (name: string, kind: FailureKind, program: Program, options?: ExploreOptions): Bug => ({
  name,
  kind,
  program,
  ...(options ? { options } : {}),
});

export const bugs: readonly Bug[] = [
  bug('two locks in opposite orders, and a bystander', 'deadlock', (world) => {
    const [a, b] = [new Lock(), new Lock()];
    spawnAll(world, [holding(a, b), holding(b, a, 4), holding(a, b, 2)]);
  }),

  bug('three philosophers', 'deadlock', (world) => {
    const [a, b, c] = [new Lock(), new Lock(), new Lock()];
    spawnAll(world, [holding(a, b), holding(b, c, 3), holding(c, a, 6)]);
  }),

  bug('a bounded buffer with one condition', 'deadlock', (world) => {
    const condition = new Condition();
    let items = 0;
    const change = (by: 1 | -1, times: number): Body =>
      function* () {
        for (let left = times; left > 0; left--) {
          using permit = yield* condition.acquire();
          while (by === 1 ? items === 1 : items === 0) yield* condition.wait();
          items += by;
          condition.notify();
          if (!permit.live && !condition.locked()) throw new Error('the lock is lost');
        }
      };
    spawnAll(world, [change(-1, 1), change(-1, 1), change(1, 2)]);
  }),

  bug('a notification that comes before the wait', 'deadlock', (world) => {
    const condition = new Condition();
    const waiter = function* (): Coroutine<void> {
      yield* condition.acquire();
      yield* condition.wait();
      condition.release();
    };
    const notifier = function* (): Coroutine<void> {
      yield* pause(4);
      yield* condition.acquire();
      condition.notifyAll();
      condition.release();
    };
    spawnAll(world, [waiter, waiter, notifier]);
  }),

  bug('if in place of while around a wait', 'error', (world) => {
    const condition = new Condition();
    const items: number[] = [];
    const consumer = function* (): Coroutine<void> {
      yield* condition.acquire();
      if (items.length === 0) yield* condition.wait();
      if (items.pop() === undefined) throw new Error('nothing is there');
      condition.release();
    };
    const producer = function* (): Coroutine<void> {
      for (const item of [1, 2]) {
        yield* pause(2);
        yield* condition.acquire();
        items.push(item);
        condition.notify();
        condition.release();
      }
    };
    spawnAll(world, [consumer, consumer, producer]);
  }),

  bug('check, then act: an account is overdrawn', 'invariant', (world) => {
    let balance = 100;
    world.invariant(() => balance >= 0);
    const withdraw = (amount: number, late: number): Body =>
      function* () {
        yield* pause(late);
        if (balance < amount) return;
        yield* pause();
        balance -= amount;
      };
    spawnAll(world, [withdraw(60, 0), withdraw(60, 3), withdraw(10, 6)]);
  }),

  bug('read, wait, write: an update is lost', 'invariant', (world) => {
    let count = 0;
    const add = (late: number): Body =>
      function* () {
        yield* pause(late);
        const before = count;
        yield* pause();
        count = before + 1;
      };
    spawnAll(world, [add(0), add(3), add(6)]);
    world.atEnd(() => count === 3);
  }),

  bug('made twice: a lazy value without a lock', 'invariant', (world) => {
    let made = 0;
    let value: number | undefined;
    const use = (late: number): Body =>
      function* () {
        yield* pause(late);
        if (value !== undefined) return;
        yield* pause();
        value = ++made;
      };
    spawnAll(world, [use(0), use(3), use(5)]);
    world.atEnd(() => made === 1);
  }),

  bug('a permit is kept when the work throws', 'deadlock', (world) => {
    const permits = new Semaphore(1);
    let broken = false;
    const work = function* (): Coroutine<void> {
      yield* permits.acquire();
      try {
        yield* pause();
        if (world.choose(2) === 1 && !broken) {
          broken = true;
          throw new Error('bad luck');
        }
        permits.release();
      } catch {
        yield* pause();
      }
    };
    spawnAll(world, [work, work, work]);
  }),

  bug(
    'a permit is kept when the task is cancelled',
    'deadlock',
    (world) => {
      const permits = new Semaphore(1);
      const work = function* (): Coroutine<void> {
        yield* permits.acquire();
        yield* pause();
        permits.release();
      };
      spawnAll(world, [work, work, work]);
    },
    { cancellations: 1 },
  ),

  bug('an event is cleared after what it told was read', 'deadlock', (world) => {
    const event = new Event();
    const work: number[] = [];
    let done = 0;
    const producer = (late: number): Body =>
      function* () {
        yield* pause(late);
        work.push(1);
        event.set();
      };
    const consumer = function* (): Coroutine<void> {
      while (done < 2) {
        yield* event.wait();
        done += work.splice(0).length;
        yield* pause();
        event.clear();
      }
    };
    spawnAll(world, [producer(0), producer(6), consumer]);
  }),

  bug('used before it is there', 'error', (world) => {
    let connection: { send(): void } | undefined;
    const connect = function* (): Coroutine<void> {
      yield* pause(2);
      connection = { send() {} };
    };
    const use = function* (): Coroutine<void> {
      yield* pause(5);
      if (!connection) throw new Error('not connected');
      connection.send();
    };
    spawnAll(world, [connect, use, use]);
  }),

  bug('told before it is true', 'invariant', (world) => {
    let ready = false;
    const data: number[] = [];
    const writer = function* (): Coroutine<void> {
      ready = true;
      yield* pause();
      data.push(1, 2, 3);
    };
    const reader = function* (): Coroutine<void> {
      yield* pause(3);
      if (ready && data.length !== 3) world.invariant(() => false, 'half of it');
    };
    spawnAll(world, [writer, reader, reader]);
  }),

  bug('two readers who both want to write', 'deadlock', (world) => {
    const lock = new RWLock();
    const upgrade = (late: number): Body =>
      function* () {
        yield* pause(late);
        const read = yield* lock.read.acquire();
        yield* pause();
        const write = yield* lock.write.acquire();
        write.release();
        read.release();
      };
    const only = function* (): Coroutine<void> {
      const read = yield* lock.read.acquire();
      read.release();
    };
    spawnAll(world, [upgrade(0), only, only]);
  }),

  bug('a job that is never told done', 'deadlock', (world) => {
    const queue = new Queue<number>();
    for (const job of [0, 1, 2]) queue.putNowait(job);
    const worker = function* (): Coroutine<void> {
      while (!queue.empty()) {
        const job = yield* queue.get();
        yield* pause();
        if (job === 2 && world.choose(2) === 1) continue;
        queue.taskDone();
      }
    };
    spawnAll(world, [worker, worker, () => queue.join() as unknown as Coroutine<void>]);
  }),

  bug('one end for two consumers', 'deadlock', (world) => {
    const queue = new Queue<number | null>();
    const consumer = function* (): Coroutine<void> {
      while ((yield* queue.get()) !== null);
    };
    const producer = function* (): Coroutine<void> {
      for (const item of [1, 2, null]) yield* queue.put(item);
    };
    spawnAll(world, [consumer, consumer, producer]);
  }),

  bug('a hand-made barrier that is used again', 'deadlock', (world) => {
    const event = new Event();
    let come = 0;
    const arrive = function* (): Coroutine<void> {
      if (++come % 3 === 0) {
        event.set();
        event.clear();
        return;
      }
      // Between the count and the wait somebody may be last.
      yield* pause();
      yield* event.wait();
    };
    spawnAll(world, [arrive, arrive, arrive]);
  }),

  bug('tasks that wait for one another', 'deadlock', (world) => {
    const tasks: Task<unknown>[] = [];
    const waiting = (other: number, late: number): Body =>
      function* () {
        yield* pause(late);
        if (!tasks[other]?.done()) yield* tasks[other] as Task<unknown>;
      };
    for (const [other, late] of [
      [1, 0],
      [2, 1],
      [0, 2],
    ] as const) {
      tasks.push(world.spawn(waiting(other, late)));
    }
  }),

  bug('a lock that is taken again by its holder', 'deadlock', (world) => {
    const lock = new Lock();
    const entries = new Map<string, number>();
    const add = function* (key: string): Coroutine<void> {
      using permit = yield* lock.acquire();
      entries.set(key, (entries.get(key) ?? 0) + 1);
      if (!permit.live) throw new Error('the lock is lost');
    };
    const addOnce = function* (): Coroutine<void> {
      using permit = yield* lock.acquire();
      if (entries.size > 1) yield* add('again');
      if (!permit.live) throw new Error('the lock is lost');
    };
    spawnAll(world, [addOnce, () => add('a'), () => add('b')]);
  }),

  bug('an event that is set only by who needs the lock', 'deadlock', (world) => {
    const lock = new Lock();
    const event = new Event();
    const waiter = function* (): Coroutine<void> {
      yield* pause(3);
      using permit = yield* lock.acquire();
      yield* event.wait();
      if (!permit.live) throw new Error('the lock is lost');
    };
    const setter = function* (): Coroutine<void> {
      using permit = yield* lock.acquire();
      yield* pause();
      event.set();
      if (!permit.live) throw new Error('the lock is lost');
    };
    spawnAll(world, [waiter, setter, () => pause(2)]);
  }),

  bug(
    'two who give way to each other for ever',
    'livelock',
    (world) => {
      const wants = [false, false];
      const polite = (self: number, late: number): Body =>
        function* () {
          yield* pause(late);
          for (;;) {
            wants[self] = true;
            yield* pause();
            if (!wants[1 - self]) break;
            wants[self] = false;
            yield* pause();
          }
          wants[self] = false;
        };
      spawnAll(world, [polite(0, 0), polite(1, 4), () => pause(2)]);
    },
    { stepLimit: 200 },
  ),

  bug('a list that changes under whoever goes through it', 'error', (world) => {
    const clients = ['a', 'b', 'c'];
    const broadcast = function* (): Coroutine<void> {
      for (let at = 0, all = clients.length; at < all; at++) {
        yield* pause();
        if (clients[at] === undefined) throw new Error('no client');
      }
    };
    const leave = function* (): Coroutine<void> {
      yield* pause(5);
      clients.pop();
    };
    spawnAll(world, [broadcast, leave, () => pause()]);
  }),

  bug('an old answer overwrites a new one', 'invariant', (world) => {
    let stored = 0;
    let shown = 0;
    const refresh = (late: number): Body =>
      function* () {
        yield* pause(late);
        const answer = ++stored;
        yield* sleep(1 + world.choose(3));
        shown = answer;
      };
    spawnAll(world, [refresh(0), refresh(2), refresh(4)]);
    world.atEnd(() => shown === 3);
  }),

  bug('a task that nobody waits for', 'leak', function* (world) {
    const queue = new Queue<number>();
    createTask(function* () {
      if (world.choose(2) === 1) yield* queue.get();
    });
    const task = world.spawn(() => pause(2));
    yield* task;
  }),

  bug('an error that nobody looks at', 'error', function* (world) {
    let open = true;
    world.spawn(function* () {
      yield* pause(3);
      if (!open) throw new Error('write after end');
    });
    yield* world.spawn(() => pause(5));
    open = false;
  }),

  bug('a stack whose top was taken and put back', 'invariant', (world) => {
    interface Node {
      next: Node | undefined;
    }
    const second: Node = { next: { next: undefined } };
    const first: Node = { next: second };
    let top: Node | undefined = first;
    const taken = new Set<Node>();
    const pop = function* (): Coroutine<void> {
      const seen = top;
      const next = seen?.next;
      yield* pause();
      // It is the same top, but what lies under it is not what it was.
      if (seen && top === seen) {
        top = next;
        taken.add(seen);
      }
    };
    const takeSecond = function* (): Coroutine<void> {
      yield* pause(3);
      if (top !== first) return;
      first.next = second.next;
      taken.add(second);
    };
    spawnAll(world, [pop, takeSecond, () => pause()]);
    world.atEnd(() => {
      for (let node = top; node; node = node.next) if (taken.has(node)) return false;
      return true;
    });
  }),

  bug('a semaphore of two in place of a lock', 'invariant', (world) => {
    const permits = new Semaphore(2);
    let inside = 0;
    world.invariant(() => inside <= 1);
    const work = (late: number): Body =>
      function* () {
        yield* pause(late);
        using permit = yield* permits.acquire();
        inside += permit.live ? 1 : 0;
        yield* pause();
        inside--;
      };
    spawnAll(world, [work(0), work(3), work(6)]);
  }),

  bug('a result and a time-out, both in time', 'error', (world) => {
    const answer = new Future<string>();
    const settle = (text: string, late: number): Body =>
      function* () {
        yield* pause(late);
        if (answer.done()) return;
        yield* pause();
        answer.setResult(text);
      };
    spawnAll(world, [
      settle('answer', 0),
      settle('too late', 4),
      () => answer as unknown as Coroutine<string>,
    ]);
  }),

  bug('closed while it is in use', 'error', function* (world) {
    let open = true;
    const use = function* (late: number): Coroutine<void> {
      yield* pause(late);
      if (!open) return;
      yield* pause();
      if (!open) throw new Error('closed');
    };
    const group = new TaskGroup();
    yield* group.run(function* (tasks) {
      tasks.createTask(use(0));
      tasks.createTask(use(1));
      yield* pause(5);
      open = false;
      world.note('closed');
    });
  }),
];
