/** fastq, with its promises. */
import fastq from 'fastq';
import { inBothRows, jobs, PLACES } from '../locks/async-functions.mjs';
import { queueWorkloads } from '../queues/fastq.mjs';

export default {
  label: 'fastq',
  workloads: {
    ...queueWorkloads,
    ...inBothRows({
      'semaphore-jobs': jobs((work) => {
        const queue = fastq.promise(work, PLACES);
        return (i) => queue.push(i);
      }),
    }),
  },
};
