/** tinypool. */
import Tinypool from 'tinypool';
import { poolWorkloads, THREADS } from '../threads/pools.mjs';

const filename = new URL('../threads/work.mjs', import.meta.url).href;

export default {
  label: 'tinypool',
  workloads: poolWorkloads(() => {
    const pool = new Tinypool({ filename, minThreads: THREADS, maxThreads: THREADS });
    return { call: (value) => pool.run(value), end: () => pool.destroy() };
  }),
};
