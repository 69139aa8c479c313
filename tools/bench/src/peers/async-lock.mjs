/** async-lock, which runs functions under a key. */
import AsyncLock from 'async-lock';
import { inBothRows, sectionWorkloads } from '../locks/async-functions.mjs';

const { 'semaphore-jobs': _, ...workloads } = sectionWorkloads(
  () => new AsyncLock({ maxPending: Infinity }),
  (lock, work) => lock.acquire('key', work),
);

export default { label: 'async-lock', workloads: inBothRows(workloads) };
