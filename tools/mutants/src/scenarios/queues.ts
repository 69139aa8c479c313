/** Queues: every item is got once, in order, or is still there; nobody waits for what is there. */
import { isTimeoutError } from '@aiokit/loop-core';
import { isQueueShutDown, Queue } from '@aiokit/queue';
import { type Coroutine, createTask, select, sleep, waitFor } from '@aiokit/task';
import type { Program, World } from '@aiokit/testing';
import { cancelled, LATE, Line, obeys, type Scenario } from './scenario.js';

type Item = number | undefined;

/** A queue whose items are counted. */
class Counted {
  readonly queue: Queue<Item>;
  readonly #put: Item[] = [];
  readonly #begun: Item[] = [];
  readonly #got: Item[] = [];
  readonly #line = new Line();

  constructor(world: World, maxsize: number, line = true) {
    this.queue = new Queue(maxsize);
    const { queue } = this;
    if (maxsize > 0) world.invariant(() => queue.qsize() <= maxsize, 'too many are in it');
    let stuck = false;
    // Whoever waits for a task that is over, or was cancelled, is let go.
    world.loop.callLater(LATE, () => {
      const { getters, putters, items, reservedItems, reservedPlaces } = queue.statistics();
      const room = maxsize === 0 ? Infinity : maxsize - items;
      stuck = (getters > 0 && items > reservedItems) || (putters > 0 && room > reservedPlaces);
      queue.shutdown();
    });
    world.atEnd(() => !stuck, 'somebody waits for what is there');
    world.atEnd(() => {
      while (!queue.empty()) this.#got.push(queue.getNowait());
      const { getters, putters, reservedItems, reservedPlaces } = queue.statistics();
      const all = new Set(this.#got);
      return (
        all.size === this.#got.length &&
        this.#put.every((item) => all.has(item)) &&
        this.#got.every((item) => this.#begun.includes(item)) &&
        getters + putters + reservedItems + reservedPlaces === 0
      );
    }, 'an item is lost, or is there twice');
    this.#overtake = !line;
  }

  readonly #overtake: boolean;

  *put(item: Item): Coroutine<void> {
    this.#begun.push(item);
    yield* this.queue.put(item);
    this.#put.push(item);
  }

  *get(): Coroutine<void> {
    const number = this.#line.ask();
    const item = yield* this.queue.get();
    if (!this.#overtake) this.#line.got(number);
    this.got(item);
  }

  begin(item: Item): Item {
    this.#begun.push(item);
    return item;
  }

  wasPut(item: Item): void {
    this.#put.push(item);
  }

  got(item: Item): void {
    this.#got.push(item);
  }
}

/** Lets the end of the queue pass. */
function* untilShutDown(steps: Coroutine<unknown>): Coroutine<void> {
  try {
    yield* steps;
  } catch (error) {
    if (!isQueueShutDown(error)) throw error;
  }
}

const exchanged =
  (maxsize: number): Program =>
  (world) => {
    const counted = new Counted(world, maxsize);
    const tasks = [
      world.spawn(() =>
        untilShutDown(
          (function* () {
            yield* counted.put(undefined);
            yield* counted.put(1);
            yield* counted.put(2);
          })(),
        ),
      ),
    ];
    for (let task = 0; task < 2; task++) {
      const get = function* (): Coroutine<void> {
        yield* counted.get();
        yield* counted.get();
      };
      tasks.push(world.spawn(() => untilShutDown(get())));
    }
    obeys(world, tasks);
  };

/** Several put at once: their places come in order. */
const full: Program = (world) => {
  const counted = new Counted(world, 1);
  for (let item = 0; item < 3; item++) world.spawn(() => untilShutDown(counted.put(item)));
  world.spawn(() =>
    untilShutDown(
      (function* () {
        yield* counted.get();
        yield* counted.get();
      })(),
    ),
  );
};

/** What was taken and never looked at goes back. */
const unseen: Program = (world) => {
  const counted = new Counted(world, 0, false);
  const { queue } = counted;
  for (const item of [1, 2, 3]) {
    queue.putNowait(counted.begin(item));
    counted.wasPut(item);
  }
  world.spawn(function* () {
    const task = createTask(queue.get());
    const late = queue.get();
    if (world.choose(2) === 1) yield* sleep(0);
    const cancels = task.cancel();
    try {
      counted.got(yield* task);
    } catch (error) {
      if (!cancels) throw error;
    }
    late.abandon();
  });
  world.spawn(() => untilShutDown(counted.get()));
};

/** A limit on the wait for an item that comes at the same instant. */
const inTime: Program = (world) => {
  const counted = new Counted(world, 0, false);
  const { queue } = counted;
  for (let task = 0; task < 2; task++) {
    world.spawn(function* () {
      try {
        counted.got(yield* task === 0 ? waitFor(queue.get(), 1) : queue.get({ timeoutMs: 1 }));
      } catch (error) {
        if (!isTimeoutError(error)) throw error;
      }
    });
  }
  world.spawn(function* () {
    yield* sleep(1);
    yield* counted.put(1);
    yield* sleep(0);
    yield* counted.put(2);
  });
};

/** One of two queues has something; what the other would have given stays there. */
const selected: Program = (world) => {
  const [one, other] = [new Counted(world, 0, false), new Counted(world, 0, false)];
  const tasks = [one, other].map((counted, item) => world.spawn(() => counted.put(item)));
  world.spawn(() =>
    untilShutDown(
      (function* () {
        const { index, value } = yield* select([one.queue.get(), other.queue.get()]);
        [one, other][index]?.got(value);
      })(),
    ),
  );
  obeys(world, tasks);
};

/** One waits for two items and gives up; one waits for one behind it. */
const greedy: Program = (world) => {
  const counted = new Counted(world, 0, false);
  const { queue } = counted;
  let late = true;
  world.spawn(function* () {
    try {
      for (const item of yield* queue.getMany({ min: 2, timeoutMs: 3 })) counted.got(item);
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
  });
  world.spawn(function* () {
    yield* sleep(1);
    yield* counted.get();
    late = world.loop.time() > 3;
  });
  world.spawn(function* () {
    yield* sleep(2);
    yield* counted.put(1);
  });
  world.atEnd(() => !late, 'somebody waits behind one who has given up');
};

/** By an async function that is cancelled as its item comes. */
const hosted: Program = (world) => {
  const counted = new Counted(world, 1, false);
  for (let task = 0; task < 2; task++) {
    world.spawn(async () => {
      try {
        counted.got(await counted.queue.get());
      } catch (error) {
        if (!isQueueShutDown(error)) throw error;
      }
    });
  }
  world.spawn(() =>
    untilShutDown(
      (function* () {
        yield* counted.put(1);
        yield* counted.put(2);
      })(),
    ),
  );
};

/** Who joins is told when all is done, also of what was dropped. */
const joined: Program = (world) => {
  const queue = new Queue<number>(1);
  world.spawn(function* () {
    yield* untilShutDown(queue.put(1)[Symbol.iterator]() as Coroutine<void>);
    yield* untilShutDown(queue.put(2)[Symbol.iterator]() as Coroutine<void>);
  });
  world.spawn(function* () {
    yield* sleep(1);
    yield* queue.join();
  });
  world.spawn(function* () {
    const operation = world.choose(2) === 1 && !queue.empty() ? queue.get() : undefined;
    yield* sleep(2);
    queue.shutdown({ immediate: true });
    operation?.abandon();
  });
};

export const queueScenarios: Readonly<Record<string, Scenario>> = {
  queue: cancelled(exchanged(1)),
  'queue, cancelled twice': cancelled(exchanged(1), 2),
  'queue without a bound': cancelled(exchanged(0)),
  'queue, full': cancelled(full),
  'queue, unseen': { program: unseen },
  'queue, in time': cancelled(inTime),
  'queue, selected': cancelled(selected),
  'queue, greedy': { program: greedy },
  'queue, hosted': { program: hosted, options: { cancellations: 1, schedules: 3000 } },
  'queue, joined': { program: joined },
};
