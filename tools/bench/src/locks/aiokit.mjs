/** Our locks, on whichever loop a peer has: in tasks, in async functions, and in plain code. */
import { Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import { createTask, gather, sleep } from '@aiokit/task';
import { add, fold } from '../checksum.mjs';
import { roomFor } from '../room.mjs';
import { split } from '../tasks/split.mjs';
import { acquireWorkloads, PLACES, wakeWorkload } from './async-functions.mjs';

const makeLock = (places) => (places === 1 ? new Lock() : new Semaphore(places));

function* uncontended(n) {
  const lock = new Lock();
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const permit = yield* lock.acquire();
    sum = fold(sum, i);
    permit.release();
  }
  return sum;
}

function* sections(state, steps) {
  for (let i = 0; i < steps; i++) {
    const permit = yield* state.lock.acquire();
    const value = state.next++;
    yield;
    state.sum = fold(state.sum, value);
    permit.release();
  }
}

function* job(state, i) {
  const permit = yield* state.semaphore.acquire();
  yield;
  state.sum = add(state.sum, i);
  permit.release();
}

function* waiter(state, i) {
  yield* state.event.wait();
  state.sum = add(state.sum, i);
}

function* waitForLock(lock) {
  const permit = yield* lock.acquire();
  permit.release();
}

const start = (n, steps, state) => gather(Array.from({ length: n }, (_, i) => createTask(steps(state, i))));

const heapOf = (work, cleanUp) => ({
  prepare(n) {
    const lock = new Lock();
    return { lock, first: lock.tryAcquire(), held: roomFor(n) };
  },
  async run(n, { lock, held }) {
    for (let i = 0; i < n; i++) held[i] = work(lock);
    await sleep(0);
    return held;
  },
  cleanup: cleanUp,
});

const letAllIn = async ({ first, held }) => {
  first.release();
  await gather(held);
};

/** Workloads of locks. `useLoop` makes sure that the loop is there. */
export function lockWorkloads(useLoop) {
  /** `shown` is what the page shows. */
  const withLoop = (run) => {
    const onLoop = (...args) => {
      useLoop();
      return run(...args);
    };
    return Object.assign(onLoop, { shown: run });
  };
  const { 'heap-lock-waiter': heapOfAsync, ...inAsync } = acquireWorkloads(
    makeLock,
    (lock) => lock.acquire(),
    (_, permit) => permit.release(),
  );
  return {
    ...Object.fromEntries(Object.entries(inAsync).map(([name, run]) => [`${name}-async`, withLoop(run)])),
    'event-wake-async': withLoop(
      wakeWorkload(() => {
        const event = new Event();
        return { wait: () => event.wait(), set: () => event.set() };
      }),
    ),

    'lock-uncontended': withLoop((n) => createTask(uncontended(n))),

    'lock-try': (n) => {
      const lock = new Lock();
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const permit = lock.tryAcquire();
        sum = fold(sum, i);
        permit.release();
      }
      return sum;
    },

    'lock-contended': withLoop(async (n) => {
      const { tasks, steps } = split(n);
      const state = { lock: new Lock(), sum: 0, next: 0 };
      await start(tasks, (shared) => sections(shared, steps), state);
      return state.sum;
    }),

    'semaphore-jobs': withLoop(async (n) => {
      const state = { semaphore: new Semaphore(PLACES), sum: 0 };
      await start(n, job, state);
      return state.sum;
    }),

    'event-wake': withLoop(async (n) => {
      const state = { event: new Event(), sum: 0 };
      const all = start(n, waiter, state);
      await sleep(0);
      state.event.set();
      await all;
      return state.sum;
    }),

    'heap-lock-waiter-async': { ...heapOfAsync, prepare: withLoop((n) => heapOfAsync.prepare(n)) },
    'heap-lock-waiter-task': heapOf((lock) => createTask(waitForLock(lock)), letAllIn),
    'heap-lock-waiter': heapOf(
      (lock) => lock.acquire(),
      ({ held }) => {
        for (const one of held) one.abandon();
      },
    ),
    'heap-lock': {
      prepare: roomFor,
      run(n, held) {
        for (let i = 0; i < n; i++) held[i] = new Lock();
        return held;
      },
    },
  };
}
