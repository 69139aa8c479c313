/** The workloads of queues for effect. */
import { Effect, Fiber, Queue } from 'effect';
import { add, fold } from '../checksum.mjs';

const WORKERS = 10;

const consume = (n, queue) =>
  Effect.gen(function* () {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = fold(sum, yield* Queue.take(queue));
    return sum;
  });

const passOn = (maxsize) => (n) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* Queue.bounded(maxsize);
      const sum = yield* Effect.forkChild(consume(n, queue));
      for (let i = 0; i < n; i++) yield* Queue.offer(queue, i);
      return yield* Fiber.join(sum);
    }),
  );

export const queueWorkloads = {
  'queue-unbounded': (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.unbounded();
        let sum = 0;
        for (let i = 0; i < n; i++) {
          yield* Queue.offer(queue, i);
          sum = fold(sum, yield* Queue.take(queue));
        }
        return sum;
      }),
    ),

  'queue-1': passOn(1),
  'queue-100': passOn(100),

  'queue-pool': (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.unbounded();
        let sum = 0;
        const work = Effect.gen(function* () {
          for (let i = yield* Queue.take(queue); i >= 0; i = yield* Queue.take(queue)) {
            yield* Effect.yieldNow;
            sum = add(sum, i);
          }
        });
        const workers = [];
        for (let i = 0; i < WORKERS; i++) workers.push(yield* Effect.forkChild(work));
        for (let i = 0; i < n; i++) yield* Queue.offer(queue, i);
        for (let i = 0; i < WORKERS; i++) yield* Queue.offer(queue, -1);
        for (const worker of workers) yield* Fiber.join(worker);
        return sum;
      }),
    ),
};
