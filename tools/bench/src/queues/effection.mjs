/** The workloads of queues for effection, whose queues have no bound. */
import { createQueue, run } from 'effection';
import { fold } from '../checksum.mjs';

export const queueWorkloads = {
  'queue-unbounded': (n) =>
    run(function* main() {
      const queue = createQueue();
      let sum = 0;
      for (let i = 0; i < n; i++) {
        queue.add(i);
        const { value } = yield* queue.next();
        sum = fold(sum, value);
      }
      return sum;
    }),
};
