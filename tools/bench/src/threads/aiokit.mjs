/** Our executors, and calls into our loop. */
import { Worker } from 'node:worker_threads';
import { HostLoop } from '@aiokit/loop-core';
import { exposeLoop, runInExecutor, WorkerExecutor, workerModule } from '@aiokit/threadsafe';
import { add } from '../checksum.mjs';
import { poolWorkloads, THREADS } from './pools.mjs';

const work = workerModule(new URL('./work.mjs', import.meta.url));

const rows = poolWorkloads(() => {
  const executor = new WorkerExecutor({ minWorkers: THREADS, maxWorkers: THREADS });
  return { call: (value) => runInExecutor(executor, work.echo, value), end: () => executor.shutdown() };
});

/** A thread with a connection; `taken` counts what a burst has brought. */
function prepare() {
  const loop = new HostLoop();
  const taken = { sum: 0, count: 0, whenAll: undefined, all: 0 };
  const functions = {
    echo: (value) => value,
    take(value) {
      taken.sum = add(taken.sum, value);
      if (++taken.count === taken.all) taken.whenAll(taken.sum);
    },
  };
  const ticket = exposeLoop(loop, { functions }).ticket();
  const worker = new Worker(new URL('./callers.mjs', import.meta.url), {
    execArgv: [],
    workerData: { ticket },
    transferList: [ticket.port],
  });
  return { loop, taken, worker };
}

async function cleanup({ loop, worker }) {
  loop.close();
  await worker.terminate();
}

export const threadWorkloads = {
  ...rows,
  'thread-round-trip': {
    prepare,
    run: (n, { worker }) =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage({ who: 'aiokit', how: 'call', n });
      }),
    cleanup,
  },
  'thread-burst': {
    prepare,
    run: (n, { worker, taken }) =>
      new Promise((whenAll) => {
        Object.assign(taken, { sum: 0, count: 0, all: n, whenAll });
        worker.postMessage({ who: 'aiokit', how: 'burst', n });
      }),
    cleanup,
  },
};
