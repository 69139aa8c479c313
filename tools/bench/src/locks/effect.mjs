/** effect: a semaphore of its own, and a deferred as an event. */
import { Deferred, Effect, Semaphore } from 'effect';
import { add, fold } from '../checksum.mjs';
import { split } from '../tasks/split.mjs';
import { PLACES } from './async-functions.mjs';

const many = (n, work) =>
  Effect.all(
    Array.from({ length: n }, (_, i) => work(i)),
    { concurrency: 'unbounded', discard: true },
  );

export const lockWorkloads = {
  'lock-uncontended': (n) => {
    let sum = 0;
    return Effect.runPromise(
      Effect.gen(function* () {
        const lock = yield* Semaphore.make(1);
        for (let i = 0; i < n; i++) {
          yield* lock.withPermits(1)(
            Effect.sync(() => {
              sum = fold(sum, i);
            }),
          );
        }
        return sum;
      }),
    );
  },

  'lock-contended': (n) => {
    const { tasks, steps } = split(n);
    let sum = 0;
    let next = 0;
    return Effect.runPromise(
      Effect.gen(function* () {
        const lock = yield* Semaphore.make(1);
        const section = lock.withPermits(1)(
          Effect.gen(function* () {
            const value = next++;
            yield* Effect.yieldNow;
            sum = fold(sum, value);
          }),
        );
        yield* many(tasks, () =>
          Effect.gen(function* () {
            for (let i = 0; i < steps; i++) yield* section;
          }),
        );
        return sum;
      }),
    );
  },

  'semaphore-jobs': (n) => {
    let sum = 0;
    return Effect.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(PLACES);
        yield* many(n, (i) =>
          semaphore.withPermits(1)(
            Effect.gen(function* () {
              yield* Effect.yieldNow;
              sum = add(sum, i);
            }),
          ),
        );
        return sum;
      }),
    );
  },

  'event-wake': (n) => {
    let sum = 0;
    return Effect.runPromise(
      Effect.gen(function* () {
        const event = yield* Deferred.make();
        const wait = Deferred.await(event);
        yield* Effect.all(
          [
            many(n, (i) =>
              Effect.map(wait, () => {
                sum = add(sum, i);
              }),
            ),
            Effect.andThen(Effect.yieldNow, Deferred.succeed(event, undefined)),
          ],
          { concurrency: 'unbounded' },
        );
        return sum;
      }),
    );
  },
};
