/** async-sema. */
import { Sema } from 'async-sema';
import { acquireWorkloads, inBothRows } from '../locks/async-functions.mjs';

export default {
  label: 'async-sema',
  workloads: inBothRows(
    acquireWorkloads(
      (places) => new Sema(places),
      (sema) => sema.acquire(),
      (sema) => sema.release(),
    ),
  ),
};
