/** What our futures and `callSoon` do, on whichever loop a peer has. */
import { Future } from '@aiokit/future';
import * as loopCore from '@aiokit/loop-core';
import { BATCH } from './batches.mjs';
import { fold } from './checksum.mjs';
import { roomFor } from './room.mjs';

/**
 * Workloads of futures, and of a loop's `callSoon`. `useLoop` returns the loop of the realm, `newLoop` one that was never
 * used.
 */
export const futureWorkloads = (useLoop, newLoop) => ({
  'callsoon-burst': (n) =>
    new Promise((finish) => {
      const loop = useLoop();
      let sum = 0;
      const work = (i) => {
        sum = fold(sum, i);
      };
      for (let i = 0; i < n; i++) loop.callSoon(work, i);
      loop.callSoon(() => finish(sum));
    }),

  'callsoon-chain': (n) =>
    new Promise((finish) => {
      const loop = useLoop();
      let sum = 0;
      let i = 0;
      const step = () => {
        sum = fold(sum, i);
        if (++i < n) loop.callSoon(step);
        else finish(sum);
      };
      loop.callSoon(step);
    }),

  'future-callback': (n) =>
    new Promise((finish) => {
      useLoop();
      let sum = 0;
      let made = 0;
      let ran = 0;
      const callback = (future) => {
        sum = fold(sum, future.result());
        if (++ran === n) finish(sum);
        else if (ran === made) batch();
      };
      const batch = () => {
        for (const end = Math.min(made + BATCH, n); made < end; made++) {
          const future = new Future();
          future.addDoneCallback(callback);
          future.setResult(made);
        }
      };
      batch();
    }),

  'future-handoff': (n) =>
    new Promise((finish) => {
      useLoop();
      let sum = 0;
      let i = 0;
      let ping;
      let pong;
      const onPing = (future) => {
        sum = fold(sum, future.result());
        if (i === n) return finish(sum);
        ping = new Future();
        ping.addDoneCallback(onPing);
        pong.setResult(i++);
      };
      const onPong = (future) => {
        sum = fold(sum, future.result());
        if (i === n) return finish(sum);
        pong = new Future();
        pong.addDoneCallback(onPong);
        ping.setResult(i++);
      };
      ping = new Future();
      ping.addDoneCallback(onPing);
      pong = new Future();
      pong.addDoneCallback(onPong);
      ping.setResult(i++);
    }),

  'await-done': {
    prepare(n) {
      useLoop();
      return Array.from({ length: n }, (_, i) => {
        const future = new Future();
        future.setResult(i);
        return future;
      });
    },
    async run(_n, futures) {
      let sum = 0;
      for (const future of futures) sum = fold(sum, await future);
      return sum;
    },
  },

  'await-completed':
    loopCore.completed &&
    (async (n) => {
      const { completed } = loopCore;
      let sum = 0;
      for (let i = 0; i < n; i++) sum = fold(sum, await completed(i));
      return sum;
    }),

  'await-pending': (n) =>
    new Promise((finish) => {
      useLoop();
      let sum = 0;
      let ran = 0;
      const wait = async (future) => {
        const value = await future;
        sum = fold(sum, value);
        if (++ran === n) finish(sum);
      };
      const futures = Array.from({ length: n }, () => new Future());
      for (const future of futures) void wait(future);
      for (let i = 0; i < n; i++) futures[i].setResult(i);
    }),

  'heap-future': {
    prepare(n) {
      useLoop();
      return roomFor(n);
    },
    run(n, held) {
      for (let i = 0; i < n; i++) held[i] = new Future();
      return held;
    },
  },

  'heap-callsoon': {
    prepare: (n) => ({ loop: newLoop(), held: roomFor(n) }),
    run(n, { loop, held }) {
      const work = () => {};
      for (let i = 0; i < n; i++) loop.callSoon(work, i);
      return held;
    },
    cleanup: ({ loop }) =>
      new Promise((finish) => {
        loop.callSoon(finish);
      }),
  },
});
