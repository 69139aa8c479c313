/** async-primitives. */
import { createMutex, createSemaphore } from 'async-primitives';
import { acquireWorkloads, inBothRows } from '../locks/async-functions.mjs';

export default {
  label: 'async-primitives',
  workloads: inBothRows(
    acquireWorkloads(
      (places) => (places === 1 ? createMutex() : createSemaphore(places)),
      (lock) => (lock.lock ? lock.lock() : lock.acquire()),
      (_, held) => held.release(),
    ),
  ),
};
