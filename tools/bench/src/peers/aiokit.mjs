/** Our loop for programs, its timers, virtual time, and futures on it. */
import { getEventLoop, HostLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { add, fold } from '../checksum.mjs';
import { cheapFlood, slowFlood } from '../flood.mjs';
import { lockWorkloads } from '../locks/aiokit.mjs';
import { roomFor } from '../room.mjs';
import { queueWorkloads } from '../queues/aiokit.mjs';
import { taskWorkloads } from '../tasks/aiokit.mjs';
import { farDelay, isCancelled, nearDelay } from '../timers.mjs';
import { futureWorkloads } from '../aiokit-futures.mjs';

const never = () => {};

/** Workloads of a module; none in a revision that has not the package yet. */
async function workloadsOf(file, name) {
  try {
    return (await import(file))[name];
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('@aiokit/')) return {};
    throw error;
  }
}

/** A loop of its own for each run, so that none inherits another's timers. */
const onOwnLoop = (run) => ({
  prepare: () => new HostLoop(),
  run: (n, loop) => new Promise((finish) => loop.callSoon(run, n, loop, finish)),
  cleanup: (loop) => loop.close(),
});

/** Finishes once the loop has come to rest. */
const atRest = (finish, sum) => setImmediate(() => setImmediate(() => finish(sum)));

const cancelTimers = (distinct) =>
  onOwnLoop((n, loop, finish) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const timer = loop.callLater(farDelay(i, distinct), never);
      if (isCancelled(i)) timer.cancel();
      sum = fold(sum, i);
    }
    atRest(finish, sum);
  });

export default {
  label: 'aiokit',
  workloads: {
    ...(await workloadsOf('../threads/aiokit.mjs', 'threadWorkloads')),
    ...(await workloadsOf('../threads/shared.mjs', 'ourSharing')),
    ...futureWorkloads(getEventLoop, () => new HostLoop()),
    ...lockWorkloads(getEventLoop),
    ...queueWorkloads(getEventLoop),
    ...taskWorkloads(getEventLoop),

    'timer-cancel-100': cancelTimers(100),
    'timer-cancel-10k': cancelTimers(10_000),

    'timer-cancel-all': onOwnLoop((n, loop, finish) => {
      let sum = 0;
      const timers = [];
      for (let i = 0; i < n; i++) timers.push(loop.callLater(farDelay(i, 10_000), never));
      for (let i = 0; i < n; i++) {
        timers[i].cancel();
        sum = fold(sum, i);
      }
      atRest(finish, sum);
    }),

    'timer-fire': onOwnLoop((n, loop, finish) => {
      let sum = 0;
      let left = n;
      const fire = (i) => {
        sum = add(sum, i);
        if (--left === 0) finish(sum);
      };
      for (let i = 0; i < n; i++) loop.callLater(nearDelay(i), fire, i);
    }),

    'virtual-empty': (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const loop = new VirtualLoop();
        loop.runUntilIdle();
        loop.close();
        sum = fold(sum, loop.time() + i);
      }
      return sum;
    },

    'virtual-sequence': (n) => {
      let sum = 0;
      let i = 0;
      const loop = new VirtualLoop();
      const step = () => {
        sum = fold(sum, i);
        if (++i < n) loop.callLater(1, step);
      };
      loop.callLater(1, step);
      loop.runUntilIdle();
      loop.close();
      return sum;
    },

    'virtual-timers': (n) => {
      let sum = 0;
      const loop = new VirtualLoop();
      const fire = (i) => {
        sum = add(sum, i);
      };
      for (let i = 0; i < n; i++) loop.callLater((i * 7919) % n, fire, i);
      loop.runUntilIdle();
      loop.close();
      return sum;
    },

    'flood-cheap': (n) => cheapFlood(n, (callback) => getEventLoop().callSoon(callback)),
    'flood-slow': (n) => slowFlood(n, (callback) => getEventLoop().callSoon(callback)),

    'heap-timer': {
      prepare: (n) => ({ loop: new HostLoop(), held: roomFor(n) }),
      run(n, { loop, held }) {
        for (let i = 0; i < n; i++) loop.callLater(farDelay(i, 10_000), never);
        return held;
      },
      cleanup: ({ loop }) => loop.close(),
    },
  },
};
