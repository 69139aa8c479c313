/** p-limit. */
import pLimit from 'p-limit';
import { sectionWorkloads, inBothRows } from '../locks/async-functions.mjs';

export default {
  label: 'p-limit',
  workloads: inBothRows(sectionWorkloads(pLimit, (limit, work) => limit(work))),
};
