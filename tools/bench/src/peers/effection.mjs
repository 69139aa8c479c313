/** effection: structured concurrency with generators. */
import { all, run, spawn, suspend, until, withResolvers } from 'effection';
import { fold } from '../checksum.mjs';
import { queueWorkloads } from '../queues/effection.mjs';
import { roomFor } from '../room.mjs';

const resolved = Promise.resolve();

function* trivial(i) {
  return i;
}

function* yieldOnce(i) {
  yield* until(resolved);
  return i;
}

const foldOf = (values) => values.reduce(fold, 0);

const spawnAll = (work) => (n) =>
  run(function* main() {
    const tasks = [];
    for (let i = 0; i < n; i++) tasks.push(yield* spawn(() => work(i)));
    return foldOf(yield* all(tasks));
  });

function* play(game, own, other) {
  for (;;) {
    const value = yield* game[own].operation;
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) return game[other].resolve(-1);
    game[own] = withResolvers();
    game[other].resolve(game.i++);
  }
}

const halt = (tasks) => Promise.all(tasks.map((task) => task.halt()));

export default {
  label: 'effection',
  workloads: {
    ...queueWorkloads,
    'task-spawn': spawnAll(trivial),
    'task-yield': spawnAll(yieldOnce),

    'gather-done': {
      prepare: (n) =>
        Array.from({ length: n }, (_, i) => {
          const deferred = withResolvers();
          deferred.resolve(i);
          return deferred.operation;
        }),
      run: (_n, operations) =>
        run(function* main() {
          return foldOf(yield* all(operations));
        }),
    },

    'task-cancel': {
      prepare: (n) => Array.from({ length: n }, () => run(suspend)),
      async run(_n, tasks) {
        let sum = 0;
        const ended = await halt(tasks);
        for (let i = 0; i < ended.length; i++) sum = fold(sum, i);
        return sum;
      },
    },

    'task-handoff': (n) =>
      run(function* main() {
        const game = { n, i: 0, sum: 0, ping: withResolvers(), pong: withResolvers() };
        const players = [
          yield* spawn(() => play(game, 'ping', 'pong')),
          yield* spawn(() => play(game, 'pong', 'ping')),
        ];
        game.ping.resolve(game.i++);
        yield* all(players);
        return game.sum;
      }),

    'heap-task': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = run(suspend);
        return held;
      },
      cleanup: halt,
    },
  },
};
