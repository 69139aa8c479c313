/** rxjs: its schedulers. */
import { asapScheduler, asyncScheduler } from 'rxjs';
import { fold } from '../checksum.mjs';
import { farDelay, isCancelled } from '../timers.mjs';

const never = () => {};

const cancelTimers = (distinct) => ({
  prepare: () => [],
  run: (n, kept) =>
    new Promise((finish) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const timer = asyncScheduler.schedule(never, farDelay(i, distinct));
        if (isCancelled(i)) timer.unsubscribe();
        else kept.push(timer);
        sum = fold(sum, i);
      }
      setImmediate(() => setImmediate(() => finish(sum)));
    }),
  cleanup: (kept) => {
    for (const timer of kept) timer.unsubscribe();
  },
});

export default {
  label: 'rxjs',
  workloads: {
    'callsoon-burst': (n) =>
      new Promise((finish) => {
        let sum = 0;
        const work = (i) => {
          sum = fold(sum, i);
        };
        for (let i = 0; i < n; i++) asapScheduler.schedule(work, 0, i);
        asapScheduler.schedule(() => finish(sum));
      }),

    'callsoon-chain': (n) =>
      new Promise((finish) => {
        let sum = 0;
        let i = 0;
        const step = () => {
          sum = fold(sum, i);
          if (++i < n) asapScheduler.schedule(step);
          else finish(sum);
        };
        asapScheduler.schedule(step);
      }),

    'timer-cancel-100': cancelTimers(100),
    'timer-cancel-10k': cancelTimers(10_000),
  },
};
