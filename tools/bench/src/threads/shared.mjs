/** Shared memory: a queue from a worker to the loop, in batches and item by item, and a lock that nobody else wants. */
import { Worker } from 'node:worker_threads';
import { SharedLock, SharedMemory, SharedQueue } from '@aiokit/threadsafe/shared';
import { add } from '../checksum.mjs';
import { BareRing } from './bare-ring.mjs';

const start = (workerData) =>
  new Worker(new URL('./sharers.mjs', import.meta.url), { workerData, execArgv: [] });
const valueOf = (item) => new DataView(item.buffer).getInt32(0);
const cleanup = ({ worker }) => worker.terminate();

function ours() {
  const memory = new SharedMemory();
  const queue = new SharedQueue(memory, { maxsize: 4096, itemBytes: 32 });
  const worker = start({ queue: queue.handle, lock: new SharedLock(memory).handle });
  memory.watch(worker);
  return { worker, many: () => queue.getMany(), one: () => queue.get() };
}

function bare() {
  const ring = new BareRing();
  const worker = start({ ring: ring.buffer });
  return { worker, many: () => ring.get(Infinity), one: async () => (await ring.get(1))[0] };
}

/** The rows of a side. */
const rows = (who, prepare) => ({
  'shared-queue-batch': {
    prepare,
    cleanup,
    async run(n, { worker, many }) {
      worker.postMessage({ who, how: 'put', n });
      let sum = 0;
      for (let count = 0; count < n; ) {
        const items = await many();
        count += items.length;
        for (const item of items) sum = add(sum, valueOf(item));
      }
      return sum;
    },
  },
  'shared-queue-item': {
    prepare,
    cleanup,
    async run(n, { worker, one }) {
      worker.postMessage({ who, how: 'put', n });
      let sum = 0;
      for (let count = 0; count < n; count++) sum = add(sum, valueOf(await one()));
      return sum;
    },
  },
  'shared-lock': {
    prepare,
    cleanup,
    run: (n, { worker }) =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage({ who, how: 'hold', n });
      }),
  },
});

export const ourSharing = rows('aiokit', ours);
export const bareSharing = rows('native', bare);
