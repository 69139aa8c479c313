/** Programs that were run on CPython 3.13 (`asyncio-traces.py`) give the same trace here, tick by tick. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { setEventLoop } from '@aiokit/loop-core';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, sleep, type Task } from '@aiokit/task';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Step = readonly [name: string, a?: number, b?: number];

interface Program {
  readonly size: number;
  /** Whether a task ends at its first cancellation. */
  readonly dies: boolean;
  readonly tasks: readonly (readonly Step[])[];
}

const TICKS = 40;
const records = readFileSync(new URL('asyncio-traces.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { program: Program; trace: string[] });

/** How many are in line, as the inspect output says it. */
const size = (one: object): number => Number(/waiters=(\d+)>/.exec(String(one))?.[1] ?? 0);
const value = (one: Semaphore): number => (one as unknown as { value: number }).value;

function* pause(ticks: number): Coroutine<void> {
  for (let n = 0; n < ticks; n++) yield* sleep(0);
}

function* section(one: Pick<Lock, 'acquire' | 'release'>, steps: () => Coroutine<unknown>): Coroutine<void> {
  yield* one.acquire();
  try {
    yield* steps();
  } finally {
    one.release();
  }
}

function run(program: Program): string[] {
  const trace: string[] = [];
  const loop = new VirtualLoop();
  setEventLoop(loop);
  const [lock, event, condition, barrier] = [new Lock(), new Event(), new Condition(), new Barrier(2)];
  const [semaphore, bounded] = [new Semaphore(program.size), new BoundedSemaphore(1)];
  const tasks: Task<void>[] = [];
  let tick = 0;
  let over = false;
  let last = '';

  const count = (): void => {
    tick++;
    const state = [lock.locked(), size(lock), semaphore.locked(), value(semaphore), size(semaphore)];
    state.push(bounded.locked(), value(bounded), size(bounded), event.isSet(), size(event));
    state.push(condition.locked(), size(condition), size(condition.lock), barrier.nWaiting, barrier.broken);
    const text = state.map(Number).join(' ');
    if (text !== last) trace.push(`${tick} state ${text}`);
    last = text;
    if (!over) loop.callSoon(count);
  };

  function perform(i: number, [name, a = 0, b = 0]: Step): Coroutine<unknown> | undefined {
    const note = (what: string): void => void trace.push(`${tick} ${i} ${what}`);
    const plain: Record<string, () => void> = {
      lockRelease: () => lock.release(),
      semaphoreRelease: () => semaphore.release(),
      boundedRelease: () => bounded.release(),
      eventSet: () => event.set(),
      eventClear: () => event.clear(),
      notifyAll: () => condition.notifyAll(),
      cancel: () => {
        if (a % tasks.length !== i) tasks[a % tasks.length]?.cancel();
      },
    };
    function* inside(): Coroutine<void> {
      note('inside');
      yield* pause(1);
    }
    function* wait(): Coroutine<void> {
      note('inside');
      yield* condition.wait();
      note('notified');
      yield* pause(a);
    }
    function* notify(): Coroutine<void> {
      condition.notify(a);
      yield* pause(b);
    }
    const steps: Record<string, () => Coroutine<unknown>> = {
      sleep: () => pause(a),
      lockAcquire: function* () {
        yield* lock.acquire();
      },
      lockSection: () => section(lock, inside),
      semaphoreAcquire: function* () {
        yield* semaphore.acquire();
      },
      semaphoreSection: () => section(semaphore, inside),
      boundedAcquire: function* () {
        yield* bounded.acquire();
      },
      eventWait: function* () {
        yield* event.wait();
      },
      conditionWait: () => section(condition, wait),
      conditionNotify: () => section(condition, notify),
      conditionWaitFor: () =>
        section(condition, function* () {
          yield* condition.waitFor(() => event.isSet());
        }),
      wait: function* () {
        yield* condition.wait();
      },
      barrierWait: function* () {
        note(`number ${yield* barrier.wait()}`);
      },
      barrierReset: function* () {
        yield* barrier.reset();
      },
      barrierAbort: function* () {
        yield* barrier.abort();
      },
    };
    plain[name]?.();
    return steps[name]?.();
  }

  function* body(i: number, steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) {
      try {
        const waiting = perform(i, step);
        if (waiting) yield* waiting;
        trace.push(`${tick} ${i} ${step[0]}`);
      } catch (error) {
        const { name } = error as Error;
        trace.push(`${tick} ${i} ${step[0]} ${name}`);
        if (name === 'CancelledError' && program.dies) throw error;
      }
    }
  }

  function* main(): Coroutine<void> {
    loop.callSoon(count);
    for (const [i, steps] of program.tasks.entries()) tasks.push(createTask(body(i, steps)));
    yield* pause(TICKS);
    over = true;
    while (!tasks.every((task) => task.done())) {
      for (const task of tasks) task.cancel();
      if (condition.locked()) condition.release();
      yield* pause(1);
    }
  }

  try {
    loop.runUntilComplete(main());
  } finally {
    loop.close();
    setEventLoop(null);
  }
  return trace;
}

test.each(records.map((record, index) => ({ ...record, index })))(
  'SYNC-1.2 LOCK-1.5 program $index does on every tick what it does on CPython',
  ({ program, trace }) => {
    expect(run(program)).toEqual(trace);
  },
);

test('SYNC-1.2 the programs do what they are there for', () => {
  const all = records.flatMap(({ trace }) => trace).join('\n');
  for (const what of [
    'CancelledError',
    'BrokenBarrierError',
    'RuntimeError',
    'RangeError',
    'notified',
    'number 1',
  ])
    expect(all).toContain(what);
});
