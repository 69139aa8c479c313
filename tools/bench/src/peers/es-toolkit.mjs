/** es-toolkit. */
import { Mutex, Semaphore } from 'es-toolkit';
import { acquireWorkloads, inBothRows } from '../locks/async-functions.mjs';

export default {
  label: 'es-toolkit',
  workloads: inBothRows(
    acquireWorkloads(
      (places) => (places === 1 ? new Mutex() : new Semaphore(places)),
      (lock) => lock.acquire(),
      (lock) => lock.release(),
    ),
  ),
};
