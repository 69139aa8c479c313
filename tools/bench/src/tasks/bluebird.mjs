/** Tasks of bluebird: `Promise.coroutine`, its cancellation, its `timeout`. */
import Bluebird from 'bluebird';
import { fold } from '../checksum.mjs';
import { split } from './split.mjs';

const resolved = Bluebird.resolve();
/** Cancellation is turned on for a whole copy of the library. */
const Cancellable = Bluebird.getNewLibraryCopy();
Cancellable.config({ cancellation: true });

const trivial = Bluebird.coroutine(function* trivial(i) {
  return i;
});

const yieldOnce = Bluebird.coroutine(function* yieldOnce(i) {
  yield resolved;
  return i;
});

const pause = Bluebird.coroutine(function* pause(steps) {
  for (let i = 0; i < steps; i++) yield resolved;
  return steps;
});

const park = Bluebird.coroutine(function* park(promise) {
  yield promise;
});

const parkCancellable = Cancellable.coroutine(function* park(promise) {
  yield promise;
});

const never = (Library) => new Library(() => {});

function deferred() {
  let resolve;
  const promise = new Bluebird((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const start = (n, work) => Array.from({ length: n }, (_, i) => work(i));
const foldOf = (values) => values.reduce(fold, 0);
const spawn = (work) => async (n) => foldOf(await Bluebird.all(start(n, work)));

const play = Bluebird.coroutine(function* play(game, own, other) {
  for (;;) {
    const value = yield game[own].promise;
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) return game[other].resolve(-1);
    game[own] = deferred();
    game[other].resolve(game.i++);
  }
});

export const taskWorkloads = {
  'task-spawn': spawn(trivial),
  'task-yield': spawn(yieldOnce),

  'task-sleep0-many': async (n) => {
    const { tasks, steps } = split(n);
    const done = await Bluebird.all(start(tasks, () => pause(steps)));
    return done.reduce((sum, one) => sum + one, 0);
  },

  'task-sleep0-one': pause,

  'gather-done': {
    prepare: (n) => start(n, (i) => Bluebird.resolve(i)),
    run: async (_n, promises) => foldOf(await Bluebird.all(promises)),
  },

  // A cancelled promise never settles; only `finally` tells of its end.
  'task-cancel': {
    prepare: (n) => start(n, () => parkCancellable(never(Cancellable))),
    run: (_n, tasks) =>
      new Promise((finish) => {
        let sum = 0;
        let ended = 0;
        const end = () => {
          sum = fold(sum, ended++);
          if (ended === tasks.length) finish(sum);
        };
        for (const task of tasks) task.finally(end);
        for (const task of tasks) task.cancel();
      }),
  },

  'timeout-unexpired': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = fold(sum, await trivial(i).timeout(60_000));
    return sum;
  },

  'task-handoff': async (n) => {
    const game = { n, i: 0, sum: 0, ping: deferred(), pong: deferred() };
    const players = [play(game, 'ping', 'pong'), play(game, 'pong', 'ping')];
    game.ping.resolve(game.i++);
    await Bluebird.all(players);
    return game.sum;
  },

  'heap-task': {
    prepare: () => ({ promise: never(Bluebird) }),
    run: (n, { promise }) => start(n, () => park(promise)),
  },
};
