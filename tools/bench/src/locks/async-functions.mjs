/** What async functions do with a lock, a semaphore, an event, whoever made them. */
import { add, fold } from '../checksum.mjs';
import { roomFor } from '../room.mjs';
import { split } from '../tasks/split.mjs';

/** So many are in at a time in the workload of jobs. */
export const PLACES = 10;

const all = (n, work) => Promise.all(Array.from({ length: n }, (_, i) => work(i)));

/** Sections one after another, and of many at once. `section` runs a function while it holds a lock of `makeLock`. */
export function sectionWorkloads(makeLock, section) {
  return {
    'lock-uncontended': async (n) => {
      const lock = makeLock(1);
      let sum = 0;
      let i = 0;
      const work = () => {
        sum = fold(sum, i);
      };
      for (; i < n; i++) await section(lock, work);
      return sum;
    },

    'lock-contended': async (n) => {
      const { tasks, steps } = split(n);
      const lock = makeLock(1);
      let sum = 0;
      let next = 0;
      const work = async () => {
        const value = next++;
        await null;
        sum = fold(sum, value);
      };
      await all(tasks, async () => {
        for (let i = 0; i < steps; i++) await section(lock, work);
      });
      return sum;
    },

    'semaphore-jobs': jobs((work) => {
      const semaphore = makeLock(PLACES);
      return (i) => section(semaphore, () => work(i));
    }),
  };
}

/** Jobs of which so many run at a time. `makeRun` is given the work, and gives what starts a job. */
export const jobs = (makeRun) => async (n) => {
  let sum = 0;
  const run = makeRun(async (i) => {
    await null;
    sum = add(sum, i);
  });
  await all(n, run);
  return sum;
};

/** The same with `acquire` and `release`, without a function for each section. */
export function acquireWorkloads(makeLock, acquire, release) {
  return {
    'lock-uncontended': async (n) => {
      const lock = makeLock(1);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const held = await acquire(lock);
        sum = fold(sum, i);
        release(lock, held);
      }
      return sum;
    },

    'lock-contended': async (n) => {
      const { tasks, steps } = split(n);
      const lock = makeLock(1);
      let sum = 0;
      let next = 0;
      await all(tasks, async () => {
        for (let i = 0; i < steps; i++) {
          const held = await acquire(lock);
          const value = next++;
          await null;
          sum = fold(sum, value);
          release(lock, held);
        }
      });
      return sum;
    },

    'semaphore-jobs': async (n) => {
      const semaphore = makeLock(PLACES);
      let sum = 0;
      await all(n, async (i) => {
        const held = await acquire(semaphore);
        await null;
        sum = add(sum, i);
        release(semaphore, held);
      });
      return sum;
    },

    'heap-lock-waiter': {
      async prepare(n) {
        const lock = makeLock(1);
        const first = await acquire(lock);
        const work = async () => {
          const held = await acquire(lock);
          release(lock, held);
        };
        return { lock, first, work, held: roomFor(n) };
      },
      async run(n, { work, held }) {
        for (let i = 0; i < n; i++) held[i] = work();
        await null;
        return held;
      },
      async cleanup({ lock, first, held }) {
        release(lock, first);
        await Promise.all(held);
      },
    },
  };
}

/** Many wait for one thing. `make` gives `wait`, and `set`, which lets them all go on. */
export const wakeWorkload = (make) => async (n) => {
  const { wait, set } = make();
  let sum = 0;
  const waiting = all(n, async (i) => {
    await wait();
    sum = add(sum, i);
  });
  await null;
  set();
  await waiting;
  return sum;
};

/** Peers that know async functions only are beside our tasks, and beside our async functions: the same under both names. */
export const inBothRows = (workloads) => ({
  ...workloads,
  ...Object.fromEntries(Object.entries(workloads).map(([name, work]) => [`${name}-async`, work])),
});
