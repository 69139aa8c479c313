/** Tasks by hand: async functions and promises. */
import { add, fold } from '../checksum.mjs';
import { split } from './split.mjs';

const trivial = async (i) => i;

const yieldOnce = async (i) => {
  await null;
  return i;
};

const pause = async (steps) => {
  for (let i = 0; i < steps; i++) await null;
  return steps;
};

const park = async (promise) => {
  await promise;
};

function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

const start = (n, work) => Array.from({ length: n }, (_, i) => work(i));
const foldOf = (values) => values.reduce(fold, 0);
const spawn = (work) => async (n) => foldOf(await Promise.all(start(n, work)));

async function play(game, own, other) {
  for (;;) {
    const value = await game[own].promise;
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) return game[other].resolve(-1);
    game[own] = deferred();
    game[other].resolve(game.i++);
  }
}

/** Rejects what parked async functions wait for. `makeError` is called for each. */
export const rejectAll = (makeError) => ({
  prepare: (n) =>
    start(n, () => {
      const { promise, reject } = deferred();
      return { reject, task: park(promise) };
    }),
  async run(_n, parked) {
    let sum = 0;
    const ended = Promise.allSettled(parked.map(({ task }) => task));
    for (const { reject } of parked) reject(makeError());
    const outcomes = await ended;
    for (let i = 0; i < outcomes.length; i++) if (outcomes[i].status === 'rejected') sum = fold(sum, i);
    return sum;
  },
});

async function waitInStep(n) {
  const { tasks, steps } = split(n);
  let sum = 0;
  let next = 0;
  let waiting = [];
  const wait = () => {
    const { promise, resolve } = deferred();
    waiting.push(resolve);
    if (waiting.length === tasks) {
      const all = waiting;
      waiting = [];
      for (const one of all) one(next++);
    }
    return promise;
  };
  const work = async () => {
    for (let i = 0; i < steps; i++) {
      const value = await wait();
      sum = add(sum, value);
    }
  };
  await Promise.all(start(tasks, work));
  return sum;
}

/** A time limit as it is written by hand. */
async function withTimeout(ms, body) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), ms);
  });
  try {
    return await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function timeouts(n) {
  let sum = 0;
  let i = 0;
  const body = async () => i;
  for (; i < n; i++) sum = fold(sum, await withTimeout(60_000, body));
  return sum;
}

const heap = {
  prepare: deferred,
  run: (n, { promise }) => start(n, () => park(promise)),
};

export const taskWorkloads = {
  'task-spawn': spawn(trivial),
  'task-spawn-gather': spawn(trivial),
  'task-yield': spawn(yieldOnce),

  'task-sleep0-many': async (n) => {
    const { tasks, steps } = split(n);
    const done = await Promise.all(start(tasks, () => pause(steps)));
    return done.reduce((sum, one) => sum + one, 0);
  },

  'task-sleep0-one': pause,

  'gather-done': {
    prepare: (n) => start(n, (i) => Promise.resolve(i)),
    run: async (_n, promises) => foldOf(await Promise.all(promises)),
  },

  'task-cancel': rejectAll(() => new Error('cancelled')),
  'timeout-unexpired': timeouts,

  'task-handoff': async (n) => {
    const game = { n, i: 0, sum: 0, ping: deferred(), pong: deferred() };
    const players = [play(game, 'ping', 'pong'), play(game, 'pong', 'ping')];
    game.ping.resolve(game.i++);
    await Promise.all(players);
    return game.sum;
  },

  'async-task-spawn': spawn(trivial),
  'async-task-wait': waitInStep,
  'async-task-sleep0': pause,
  'async-task-native-await': pause,
  'async-timeout-unexpired': timeouts,
  'heap-task': heap,
  'heap-async-task': heap,
};
