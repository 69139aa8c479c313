/** workerpool. */
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { poolWorkloads, THREADS } from '../threads/pools.mjs';

const file = fileURLToPath(new URL('../threads/workerpool-work.mjs', import.meta.url));

export default {
  label: 'workerpool',
  workloads: poolWorkloads(() => {
    const pool = workerpool.pool(file, { minWorkers: THREADS, maxWorkers: THREADS, workerType: 'thread' });
    return { call: (value) => pool.exec('echo', [value]), end: () => pool.terminate() };
  }),
};
