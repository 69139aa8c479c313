/** What our tasks do, on whichever loop a peer has. */
import { Future } from '@aiokit/future';
import { isCancelledError } from '@aiokit/loop-core';
import { createTask, gather, sleep, timeout } from '@aiokit/task';
import { add, fold } from '../checksum.mjs';
import { roomFor } from '../room.mjs';
import { split } from './split.mjs';

function* trivial(i) {
  return i;
}

function* yieldOnce(i) {
  yield* sleep(0);
  return i;
}

function* pause(steps) {
  for (let i = 0; i < steps; i++) yield* sleep(0);
  return steps;
}

function* park(future) {
  yield* future;
}

const start = (n, steps) => Array.from({ length: n }, (_, i) => createTask(steps(i)));

function* foldAll(tasks) {
  let sum = 0;
  for (const task of tasks) sum = fold(sum, yield* task);
  return sum;
}

const foldOf = (values) => values.reduce(fold, 0);

/** One of two that hand a number to each other, until one says that it was the last. */
function* play(game, own, other) {
  for (;;) {
    const value = yield* game[own];
    if (value < 0) return;
    game.sum = fold(game.sum, value);
    if (game.i === game.n) return game[other].setResult(-1);
    game[own] = new Future();
    game[other].setResult(game.i++);
  }
}

function* cancelAll(tasks) {
  let sum = 0;
  for (const task of tasks) task.cancel();
  for (let i = 0; i < tasks.length; i++) {
    try {
      yield* tasks[i];
    } catch (error) {
      if (isCancelledError(error)) sum = fold(sum, i);
    }
  }
  return sum;
}

/** Tasks of async functions that wait in step: the last one to come lets all go on. */
async function waitInStep(n) {
  const { tasks, steps } = split(n);
  let sum = 0;
  let next = 0;
  let waiting = [];
  const wait = () => {
    const future = new Future();
    waiting.push(future);
    if (waiting.length === tasks) {
      const all = waiting;
      waiting = [];
      for (const one of all) one.setResult(next++);
    }
    return future;
  };
  const work = async () => {
    for (let i = 0; i < steps; i++) {
      const value = await wait();
      sum = add(sum, value);
    }
  };
  await gather(Array.from({ length: tasks }, () => createTask(work)));
  return sum;
}

/** Workloads of tasks. `useLoop` makes sure that the loop is there. */
export function taskWorkloads(useLoop) {
  const inTask = (main) => (n, state) => {
    useLoop();
    return createTask(main(n, state));
  };
  const heapOf = (make) => ({
    prepare(n) {
      useLoop();
      return { future: new Future(), held: roomFor(n) };
    },
    async run(n, { future, held }) {
      for (let i = 0; i < n; i++) held[i] = createTask(make(future));
      await sleep(0);
      return held;
    },
    async cleanup({ future, held }) {
      future.setResult();
      await gather(held);
    },
  });

  return {
    'task-spawn': inTask(function* main(n) {
      return yield* foldAll(start(n, trivial));
    }),

    'task-spawn-gather': inTask(function* main(n) {
      return foldOf(yield* gather(start(n, trivial)));
    }),

    'task-yield': inTask(function* main(n) {
      return yield* foldAll(start(n, yieldOnce));
    }),

    'task-sleep0-many': inTask(function* main(n) {
      const { tasks, steps } = split(n);
      let sum = 0;
      for (const task of start(tasks, () => pause(steps))) sum += yield* task;
      return sum;
    }),

    'task-sleep0-one': inTask(pause),

    'gather-done': {
      prepare(n) {
        useLoop();
        return Array.from({ length: n }, (_, i) => {
          const future = new Future();
          future.setResult(i);
          return future;
        });
      },
      run: inTask(function* main(_n, futures) {
        return foldOf(yield* gather(futures));
      }),
    },

    'task-cancel': {
      async prepare(n) {
        useLoop();
        const tasks = start(n, () => park(new Future()));
        await sleep(0);
        return tasks;
      },
      run: inTask(function* main(_n, tasks) {
        return yield* cancelAll(tasks);
      }),
    },

    'timeout-unexpired': inTask(function* main(n) {
      let sum = 0;
      let i = 0;
      const body = function* body() {
        return i;
      };
      for (; i < n; i++) sum = fold(sum, yield* timeout(60_000, body));
      return sum;
    }),

    'task-handoff': inTask(function* main(n) {
      const game = { n, i: 0, sum: 0, ping: new Future(), pong: new Future() };
      const players = [createTask(play(game, 'ping', 'pong')), createTask(play(game, 'pong', 'ping'))];
      game.ping.setResult(game.i++);
      for (const player of players) yield* player;
      return game.sum;
    }),

    'async-task-spawn': inTask(function* main(n) {
      const tasks = [];
      for (let i = 0; i < n; i++) tasks.push(createTask(async () => i));
      return yield* foldAll(tasks);
    }),

    'async-task-wait': (n) => {
      useLoop();
      return waitInStep(n);
    },

    'async-task-sleep0': (n) => {
      useLoop();
      return createTask(async () => {
        for (let i = 0; i < n; i++) await sleep(0);
        return n;
      });
    },

    'async-task-native-await': (n) => {
      useLoop();
      return createTask(async () => {
        for (let i = 0; i < n; i++) await null;
        return n;
      });
    },

    'async-timeout-unexpired': (n) => {
      useLoop();
      return createTask(async () => {
        let sum = 0;
        let i = 0;
        const body = async () => i;
        for (; i < n; i++) sum = fold(sum, await timeout(60_000, body));
        return sum;
      });
    },

    'heap-task': heapOf(park),
    'heap-async-task': heapOf((future) => async () => {
      await future;
    }),
  };
}
