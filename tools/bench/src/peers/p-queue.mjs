/** p-queue. */
import PQueue from 'p-queue';
import { sectionWorkloads, inBothRows } from '../locks/async-functions.mjs';

export default {
  label: 'p-queue',
  workloads: inBothRows(
    sectionWorkloads(
      (concurrency) => new PQueue({ concurrency }),
      (queue, work) => queue.add(work),
    ),
  ),
};
