/** The workloads of queues for p-queue: a pool of functions. */
import PQueue from 'p-queue';
import { add } from '../checksum.mjs';

const settled = Promise.resolve();

export const queueWorkloads = {
  async 'queue-pool'(n) {
    const queue = new PQueue({ concurrency: 10 });
    let sum = 0;
    for (let i = 0; i < n; i++) {
      void queue.add(async () => {
        await settled;
        sum = add(sum, i);
      });
    }
    await queue.onIdle();
    return sum;
  },
};
