/** co: coroutines on native promises. */
import co from 'co';
import { fold } from '../checksum.mjs';
import { split } from '../tasks/split.mjs';

const resolved = Promise.resolve();

const trivial = co.wrap(function* trivial(i) {
  return i;
});

const yieldOnce = co.wrap(function* yieldOnce(i) {
  yield resolved;
  return i;
});

const pause = co.wrap(function* pause(steps) {
  for (let i = 0; i < steps; i++) yield resolved;
  return steps;
});

const park = co.wrap(function* park(promise) {
  yield promise;
});

function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const start = (n, work) => Array.from({ length: n }, (_, i) => work(i));
const foldOf = (values) => values.reduce(fold, 0);

const spawn = (work) =>
  co.wrap(function* main(n) {
    return foldOf(yield start(n, work));
  });

const play = co.wrap(function* play(game, own, other) {
  for (;;) {
    const value = yield game[own].promise;
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) return game[other].resolve(-1);
    game[own] = deferred();
    game[other].resolve(game.i++);
  }
});

export default {
  label: 'co',
  workloads: {
    'task-spawn': spawn(trivial),
    'task-yield': spawn(yieldOnce),

    'task-sleep0-many': co.wrap(function* main(n) {
      const { tasks, steps } = split(n);
      const done = yield start(tasks, () => pause(steps));
      return done.reduce((sum, one) => sum + one, 0);
    }),

    'task-sleep0-one': pause,

    'gather-done': {
      prepare: (n) => start(n, (i) => Promise.resolve(i)),
      run: co.wrap(function* main(_n, promises) {
        return foldOf(yield promises);
      }),
    },

    'task-handoff': co.wrap(function* main(n) {
      const game = { n, i: 0, sum: 0, ping: deferred(), pong: deferred() };
      const players = [play(game, 'ping', 'pong'), play(game, 'pong', 'ping')];
      game.ping.resolve(game.i++);
      yield players;
      return game.sum;
    }),

    'heap-task': {
      prepare: deferred,
      run: (n, { promise }) => start(n, () => park(promise)),
    },
  },
};
