/** The platform by hand: promises, `queueMicrotask`, `setTimeout`, `setImmediate`. */
import { BATCH } from '../batches.mjs';
import { add, fold } from '../checksum.mjs';
import { cheapFlood, slowFlood } from '../flood.mjs';
import { lockWorkloads } from '../locks/native.mjs';
import { roomFor } from '../room.mjs';
import { taskWorkloads } from '../tasks/native.mjs';
import { threadWorkloads } from '../threads/native.mjs';
import { bareSharing } from '../threads/shared.mjs';
import { farDelay, isCancelled, nearDelay } from '../timers.mjs';

const never = () => {};
const atRest = (finish, sum) => setImmediate(() => setImmediate(() => finish(sum)));

/** A promise and what resolves it. */
function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const cancelTimers = (distinct) => ({
  prepare: () => [],
  run: (n, kept) =>
    new Promise((finish) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const timer = setTimeout(never, farDelay(i, distinct));
        if (isCancelled(i)) clearTimeout(timer);
        else kept.push(timer);
        sum = fold(sum, i);
      }
      atRest(finish, sum);
    }),
  cleanup: (kept) => kept.forEach(clearTimeout),
});

export default {
  label: 'native',
  workloads: {
    ...threadWorkloads,
    ...bareSharing,
    ...lockWorkloads,
    ...taskWorkloads,

    'callsoon-burst': (n) =>
      new Promise((finish) => {
        let sum = 0;
        const work = (i) => {
          sum = fold(sum, i);
        };
        for (let i = 0; i < n; i++) queueMicrotask(() => work(i));
        queueMicrotask(() => finish(sum));
      }),

    'callsoon-chain': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let i = 0;
        const step = () => {
          sum = fold(sum, i);
          if (++i < n) queueMicrotask(step);
          else finish(sum);
        };
        queueMicrotask(step);
      }),

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
            let resolve;
            const promise = new Promise((settle) => {
              resolve = settle;
            });
            void promise.then(callback);
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
          void new Promise(setPing).then(onPing);
          pong(i++);
        };
        const onPong = (value) => {
          sum = fold(sum, value);
          if (i === n) return finish(sum);
          void new Promise(setPong).then(onPong);
          ping(i++);
        };
        void new Promise(setPing).then(onPing);
        void new Promise(setPong).then(onPong);
        ping(i++);
      }),

    'await-done': {
      prepare: (n) => Array.from({ length: n }, (_, i) => Promise.resolve(i)),
      async run(_n, promises) {
        let sum = 0;
        for (const promise of promises) sum = fold(sum, await promise);
        return sum;
      },
    },

    'await-completed': async (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = fold(sum, await Promise.resolve(i));
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

    'timer-cancel-100': cancelTimers(100),
    'timer-cancel-10k': cancelTimers(10_000),

    'timer-cancel-all': (n) =>
      new Promise((finish) => {
        let sum = 0;
        const timers = [];
        for (let i = 0; i < n; i++) timers.push(setTimeout(never, farDelay(i, 10_000)));
        for (let i = 0; i < n; i++) {
          clearTimeout(timers[i]);
          sum = fold(sum, i);
        }
        atRest(finish, sum);
      }),

    'timer-fire': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let left = n;
        const fire = (i) => {
          sum = add(sum, i);
          if (--left === 0) finish(sum);
        };
        for (let i = 0; i < n; i++) setTimeout(fire, nearDelay(i), i);
      }),

    'flood-cheap': (n) => cheapFlood(n, setImmediate),
    'flood-slow': (n) => slowFlood(n, setImmediate),

    'heap-future': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = deferred();
        return held;
      },
    },

    'heap-callsoon': {
      prepare: roomFor,
      run(n, held) {
        const work = () => {};
        for (let i = 0; i < n; i++) queueMicrotask(() => work(i));
        return held;
      },
    },

    'heap-timer': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = setTimeout(never, farDelay(i, 10_000));
        return held;
      },
      cleanup: (held) => held.forEach(clearTimeout),
    },
  },
};
