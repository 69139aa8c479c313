/** effect: its scheduler, its deferreds, and fibers that sleep. */
import { Deferred, Effect, Exit, Scheduler } from 'effect';
import { BATCH } from '../batches.mjs';
import { fold } from '../checksum.mjs';
import { lockWorkloads } from '../locks/effect.mjs';
import { roomFor } from '../room.mjs';
import { queueWorkloads } from '../queues/effect.mjs';
import { taskWorkloads } from '../tasks/effect.mjs';
import { farDelay, isCancelled } from '../timers.mjs';

const cancelTimers = (distinct) => ({
  prepare: () => [],
  run: (n, kept) =>
    new Promise((finish) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const fiber = Effect.runFork(Effect.sleep(farDelay(i, distinct)));
        if (isCancelled(i)) fiber.interruptUnsafe();
        else kept.push(fiber);
        sum = fold(sum, i);
      }
      setImmediate(() => setImmediate(() => finish(sum)));
    }),
  cleanup: (kept) => {
    for (const fiber of kept) fiber.interruptUnsafe();
  },
});

export default {
  label: 'effect',
  workloads: {
    ...lockWorkloads,
    ...queueWorkloads,
    ...taskWorkloads,

    'callsoon-burst': (n) =>
      new Promise((finish) => {
        const dispatcher = new Scheduler.MixedScheduler().makeDispatcher();
        let sum = 0;
        const work = (i) => {
          sum = fold(sum, i);
        };
        for (let i = 0; i < n; i++) dispatcher.scheduleTask(() => work(i), 0);
        dispatcher.scheduleTask(() => finish(sum), 0);
      }),

    'callsoon-chain': (n) =>
      new Promise((finish) => {
        const dispatcher = new Scheduler.MixedScheduler().makeDispatcher();
        let sum = 0;
        let i = 0;
        const step = () => {
          sum = fold(sum, i);
          if (++i < n) dispatcher.scheduleTask(step, 0);
          else finish(sum);
        };
        dispatcher.scheduleTask(step, 0);
      }),

    'future-callback': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let made = 0;
        let ran = 0;
        const onExit = (exit) => {
          sum = fold(sum, exit.value);
          if (++ran === n) finish(sum);
          else if (ran === made) setImmediate(batch);
        };
        const batch = () => {
          const deferreds = [];
          for (const end = Math.min(made + BATCH, n); made < end; made++) {
            const deferred = Deferred.makeUnsafe();
            Effect.runFork(Deferred.await(deferred)).addObserver(onExit);
            deferreds.push(deferred);
          }
          for (let i = made - deferreds.length; i < made; i++) {
            Deferred.doneUnsafe(deferreds[i - made + deferreds.length], Exit.succeed(i));
          }
        };
        batch();
      }),

    'timer-cancel-100': cancelTimers(100),
    'timer-cancel-10k': cancelTimers(10_000),

    'heap-future': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = Deferred.makeUnsafe();
        return held;
      },
    },
  },
};
