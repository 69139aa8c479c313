/** How many futures, tasks or the like a workload has under way at a time: enough to be a queue, too few to be a heap. */
export const BATCH = 1000;
