/** Fibers of effect. */
import { Deferred, Effect, Exit, Fiber } from 'effect';
import { fold } from '../checksum.mjs';
import { split } from './split.mjs';

const trivial = Effect.fnUntraced(function* trivial(i) {
  return i;
});

const yieldOnce = Effect.fnUntraced(function* yieldOnce(i) {
  yield* Effect.yieldNow;
  return i;
});

const pause = Effect.fnUntraced(function* pause(steps) {
  for (let i = 0; i < steps; i++) yield* Effect.yieldNow;
  return steps;
});

const park = Effect.fnUntraced(function* park(deferred) {
  yield* Deferred.await(deferred);
});

const foldOf = (values) => values.reduce(fold, 0);

const spawn = (work) => (n) =>
  Effect.runPromise(
    Effect.gen(function* main() {
      const fibers = [];
      for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(work(i)));
      return foldOf(yield* Fiber.joinAll(fibers));
    }),
  );

const play = Effect.fnUntraced(function* play(game, own, other) {
  for (;;) {
    const value = yield* Deferred.await(game[own]);
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) {
      yield* Deferred.succeed(game[other], -1);
      return;
    }
    game[own] = yield* Deferred.make();
    yield* Deferred.succeed(game[other], game.i++);
  }
});

export const taskWorkloads = {
  'task-spawn': spawn(trivial),
  'task-yield': spawn(yieldOnce),

  'task-sleep0-many': (n) =>
    Effect.runPromise(
      Effect.gen(function* main() {
        const { tasks, steps } = split(n);
        const fibers = [];
        for (let i = 0; i < tasks; i++) fibers.push(yield* Effect.forkChild(pause(steps)));
        const done = yield* Fiber.joinAll(fibers);
        return done.reduce((sum, one) => sum + one, 0);
      }),
    ),

  'task-sleep0-one': (n) => Effect.runPromise(pause(n)),

  'gather-done': {
    prepare: (n) =>
      Array.from({ length: n }, (_, i) => {
        const deferred = Deferred.makeUnsafe();
        Deferred.doneUnsafe(deferred, Exit.succeed(i));
        return deferred;
      }),
    run: async (_n, deferreds) =>
      foldOf(await Effect.runPromise(Effect.all(deferreds.map((one) => Deferred.await(one))))),
  },

  'task-cancel': {
    prepare: async (n) => {
      const fibers = [];
      for (let i = 0; i < n; i++) fibers.push(Effect.runFork(park(Deferred.makeUnsafe())));
      await Effect.runPromise(Effect.yieldNow);
      return fibers;
    },
    run: (_n, fibers) =>
      Effect.runPromise(
        Effect.gen(function* main() {
          yield* Fiber.interruptAll(fibers);
          const exits = yield* Fiber.awaitAll(fibers);
          let sum = 0;
          for (let i = 0; i < exits.length; i++) if (Exit.hasInterrupts(exits[i])) sum = fold(sum, i);
          return sum;
        }),
      ),
  },

  'timeout-unexpired': (n) =>
    Effect.runPromise(
      Effect.gen(function* main() {
        let sum = 0;
        for (let i = 0; i < n; i++) sum = fold(sum, yield* Effect.timeout(trivial(i), 60_000));
        return sum;
      }),
    ),

  'task-handoff': (n) =>
    Effect.runPromise(
      Effect.gen(function* main() {
        const game = { n, i: 0, sum: 0, ping: yield* Deferred.make(), pong: yield* Deferred.make() };
        const players = [
          yield* Effect.forkChild(play(game, 'ping', 'pong')),
          yield* Effect.forkChild(play(game, 'pong', 'ping')),
        ];
        yield* Deferred.succeed(game.ping, game.i++);
        yield* Fiber.joinAll(players);
        return game.sum;
      }),
    ),

  'heap-task': {
    prepare: () => Deferred.makeUnsafe(),
    async run(n, deferred) {
      const fibers = Array.from({ length: n }, () => Effect.runFork(park(deferred)));
      await Effect.runPromise(Effect.yieldNow);
      return fibers;
    },
  },
};
