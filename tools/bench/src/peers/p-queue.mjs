/** p-queue. */
import PQueue from 'p-queue';
import { sectionWorkloads, inBothRows } from '../locks/async-functions.mjs';
import { queueWorkloads } from '../queues/p-queue.mjs';

export default {
  label: 'p-queue',
  workloads: {
    ...queueWorkloads,
    ...inBothRows(
      sectionWorkloads(
        (concurrency) => new PQueue({ concurrency }),
        (queue, work) => queue.add(work),
      ),
    ),
  },
};
