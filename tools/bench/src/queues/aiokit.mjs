/** What our queues do, between generator tasks and between async functions. */
import { Queue } from '@aiokit/queue';
import { createTask } from '@aiokit/task';
import { add, fold } from '../checksum.mjs';

const WORKERS = 10;
const settled = Promise.resolve();

function* alternate(n, queue) {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    yield* queue.put(i);
    sum = fold(sum, yield* queue.get());
  }
  return sum;
}

function* produce(n, queue) {
  for (let i = 0; i < n; i++) yield* queue.put(i);
}

function* consume(n, queue) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = fold(sum, yield* queue.get());
  return sum;
}

function* passOn(n, queue) {
  const sum = createTask(consume(n, queue));
  yield* produce(n, queue);
  return yield* sum;
}

/** A job waits once. */
function* work(queue, game) {
  for (let next = yield* queue.next(); !next.done; next = yield* queue.next()) {
    yield;
    game.sum = add(game.sum, next.value);
  }
}

function* pool(n) {
  const queue = new Queue();
  const game = { sum: 0 };
  const workers = Array.from({ length: WORKERS }, () => createTask(work(queue, game)));
  for (let i = 0; i < n; i++) queue.putNowait(i);
  queue.shutdown();
  for (const worker of workers) yield* worker;
  return game.sum;
}

async function passOnAsync(n, queue) {
  const produceAsync = async () => {
    for (let i = 0; i < n; i++) await queue.put(i);
  };
  const consumeAsync = async () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = fold(sum, await queue.get());
    return sum;
  };
  const [sum] = await Promise.all([consumeAsync(), produceAsync()]);
  return sum;
}

/** Workloads of queues. `useLoop` makes sure that the loop is there. */
export function queueWorkloads(useLoop) {
  const inTask = (main) => (n) => {
    useLoop();
    return createTask(main(n));
  };
  const asAsync = (main) => (n) => {
    useLoop();
    return main(n);
  };
  return {
    'queue-unbounded': inTask((n) => alternate(n, new Queue())),
    'queue-1': inTask((n) => passOn(n, new Queue(1))),
    'queue-100': inTask((n) => passOn(n, new Queue(100))),
    'queue-pool': inTask(pool),
    'async-queue-unbounded': asAsync(async (n) => {
      const queue = new Queue();
      let sum = 0;
      for (let i = 0; i < n; i++) {
        await queue.put(i);
        sum = fold(sum, await queue.get());
      }
      return sum;
    }),
    'async-queue-1': asAsync((n) => passOnAsync(n, new Queue(1))),
    'async-queue-100': asAsync((n) => passOnAsync(n, new Queue(100))),
    'async-queue-pool': asAsync(async (n) => {
      const queue = new Queue();
      let sum = 0;
      const workAsync = async () => {
        for await (const i of queue) {
          await settled;
          sum = add(sum, i);
        }
      };
      const workers = Array.from({ length: WORKERS }, workAsync);
      for (let i = 0; i < n; i++) queue.putNowait(i);
      queue.shutdown();
      await Promise.all(workers);
      return sum;
    }),
  };
}
