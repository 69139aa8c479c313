/** piscina. */
import { Piscina } from 'piscina';
import { poolWorkloads, THREADS } from '../threads/pools.mjs';

const filename = new URL('../threads/work.mjs', import.meta.url).href;

export default {
  label: 'piscina',
  workloads: poolWorkloads(() => {
    const pool = new Piscina({ filename, minThreads: THREADS, maxThreads: THREADS });
    return { call: (value) => pool.run(value), end: () => pool.destroy() };
  }),
};
