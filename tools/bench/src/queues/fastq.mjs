/** The workloads of queues for fastq: a pool whose worker is a function. */
import fastq from 'fastq';
import { add } from '../checksum.mjs';

const settled = Promise.resolve();

export const queueWorkloads = {
  async 'queue-pool'(n) {
    let sum = 0;
    const queue = fastq.promise(async (i) => {
      await settled;
      sum = add(sum, i);
    }, 10);
    const jobs = [];
    for (let i = 0; i < n; i++) jobs.push(queue.push(i));
    await Promise.all(jobs);
    return sum;
  },
};
