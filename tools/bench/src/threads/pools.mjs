/** Rows of pools: calls that are awaited one after another, and with 64 in flight. */
import { add } from '../checksum.mjs';

const IN_FLIGHT = 64;

/** One thread, so that the cost of a call is seen and not the number of processors. */
export const THREADS = 1;

/** `start` gives `{ call, end }`; what a call with a number gives is the number. */
export function poolWorkloads(start) {
  const rows = {
    'executor-one': async (n, { call }) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = add(sum, await call(i));
      return sum;
    },
    'executor-64': async (n, { call }) => {
      let sum = 0;
      let next = 0;
      const caller = async () => {
        while (next < n) {
          const value = await call(next++);
          sum = add(sum, value);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
      return sum;
    },
  };
  const cleanup = ({ end }) => end();
  const entries = Object.entries(rows).map(([name, run]) => [
    name,
    { prepare: () => prepared(start), run, cleanup },
  ]);
  return Object.fromEntries(entries);
}

/** The thread is there, and has loaded what it runs. */
async function prepared(start) {
  const pool = await start();
  await pool.call(0);
  return pool;
}
