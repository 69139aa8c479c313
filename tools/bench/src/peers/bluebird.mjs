/** bluebird: promises with a queue of their own, drained by a macrotask. */
import Bluebird from 'bluebird';
import { BATCH } from '../batches.mjs';
import { fold } from '../checksum.mjs';
import { roomFor } from '../room.mjs';
import { taskWorkloads } from '../tasks/bluebird.mjs';

function deferred() {
  let resolve;
  const promise = new Bluebird((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export default {
  label: 'bluebird',
  workloads: {
    ...taskWorkloads,

    'future-callback': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let made = 0;
        let ran = 0;
        const callback = (value) => {
          sum = fold(sum, value);
          if (++ran === n) finish(sum);
          else if (ran === made) batch();
        };
        const batch = () => {
          for (const end = Math.min(made + BATCH, n); made < end; made++) {
            const { promise, resolve } = deferred();
            promise.then(callback);
            resolve(made);
          }
        };
        batch();
      }),

    'future-handoff': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let i = 0;
        let ping;
        let pong;
        const setPing = (settle) => {
          ping = settle;
        };
        const setPong = (settle) => {
          pong = settle;
        };
        const onPing = (value) => {
          sum = fold(sum, value);
          if (i === n) return finish(sum);
          new Bluebird(setPing).then(onPing);
          pong(i++);
          return null;
        };
        const onPong = (value) => {
          sum = fold(sum, value);
          if (i === n) return finish(sum);
          new Bluebird(setPong).then(onPong);
          ping(i++);
          return null;
        };
        new Bluebird(setPing).then(onPing);
        new Bluebird(setPong).then(onPong);
        ping(i++);
      }),

    'await-done': {
      prepare: (n) => Array.from({ length: n }, (_, i) => Bluebird.resolve(i)),
      async run(_n, promises) {
        let sum = 0;
        for (const promise of promises) sum = fold(sum, await promise);
        return sum;
      },
    },

    'await-completed': async (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = fold(sum, await Bluebird.resolve(i));
      return sum;
    },

    'await-pending': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let ran = 0;
        const wait = async (promise) => {
          const value = await promise;
          sum = fold(sum, value);
          if (++ran === n) finish(sum);
        };
        const futures = Array.from({ length: n }, deferred);
        for (const { promise } of futures) void wait(promise);
        for (let i = 0; i < n; i++) futures[i].resolve(i);
      }),

    'heap-future': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = deferred();
        return held;
      },
    },
  },
};
