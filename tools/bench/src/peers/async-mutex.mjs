/** async-mutex. */
import { Mutex, Semaphore } from 'async-mutex';
import { acquireWorkloads, inBothRows } from '../locks/async-functions.mjs';

const releaseOf = (held) => (typeof held === 'function' ? held : held[1]);

export default {
  label: 'async-mutex',
  workloads: inBothRows(
    acquireWorkloads(
      (places) => (places === 1 ? new Mutex() : new Semaphore(places)),
      (lock) => lock.acquire(),
      (_, held) => releaseOf(held)(),
    ),
  ),
};
