/** fastq, with its promises. */
import fastq from 'fastq';
import { inBothRows, jobs, PLACES } from '../locks/async-functions.mjs';

export default {
  label: 'fastq',
  workloads: inBothRows({
    'semaphore-jobs': jobs((work) => {
      const queue = fastq.promise(work, PLACES);
      return (i) => queue.push(i);
    }),
  }),
};
