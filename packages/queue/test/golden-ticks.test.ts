/** When what happens, in iterations of the loop after the start; the first row is what CPython 3.13.0 gave when run. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Queue } from '@aiokit/queue';
import { type Coroutine, createTask } from '@aiokit/task';
import { expect, test } from 'vitest';

/** Runs a main coroutine on a loop of its own, and returns what was noted, with the number of iterations. */
function ticks(main: (note: (what: string) => void) => Coroutine<unknown>): string[] {
  const loop = new VirtualLoop();
  const notes: string[] = [];
  let tick = -1;
  const clock = {
    run() {
      tick++;
      loop.enqueue(clock);
    },
  };
  function* start(): Coroutine<unknown> {
    return yield* main((what) => void notes.push(`${what} +${tick}`));
  }
  loop.enqueue(clock);
  try {
    loop.runUntilComplete(start());
  } finally {
    loop.close();
  }
  return notes;
}

function* consume(queue: Queue<number>, count: number, note: (what: string) => void): Coroutine<void> {
  for (let item = 0; item < count; item++) note(`got${yield* queue.get()}`);
}

test('QUEUE-10.1 Queue(1), producer and consumer: put0 +0, got0 +1, put1 +2, got1 +3, put2 +4, got2 +5', () => {
  const notes = ticks(function* (note) {
    const queue = new Queue<number>(1);
    const consumer = createTask(consume(queue, 3, note));
    for (let item = 0; item < 3; item++) {
      yield* queue.put(item);
      note(`put${item}`);
    }
    yield* consumer;
  });
  expect(notes).toEqual(['put0 +0', 'got0 +1', 'put1 +2', 'got1 +3', 'put2 +4', 'got2 +5']);
});

test('QUEUE-10.1 an item wakes a getter an iteration later, and a shutdown does', () => {
  const notes = ticks(function* (note) {
    const queue = new Queue<number>();
    const getters = [1, 2].map((name) =>
      createTask(
        (function* (): Coroutine<void> {
          try {
            note(`${name} got ${yield* queue.get()}`);
          } catch (error) {
            note(`${name} ${(error as Error).name}`);
          }
        })(),
      ),
    );
    yield;
    queue.putNowait(1);
    note('put');
    queue.shutdown();
    for (const getter of getters) yield* getter;
  });
  expect(notes).toEqual(['put +1', '1 got 1 +2', '2 QueueShutDown +2']);
});

test('QUEUE-10.1 join ends an iteration after the last taskDone', () => {
  const notes = ticks(function* (note) {
    const queue = new Queue<number>();
    queue.putNowait(1);
    createTask(
      (function* (): Coroutine<void> {
        yield* queue.get();
        queue.taskDone();
        note('done');
      })(),
    );
    yield* queue.join();
    note('joined');
  });
  expect(notes).toEqual(['done +1', 'joined +2']);
});
