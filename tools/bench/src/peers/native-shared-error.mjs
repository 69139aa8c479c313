/** The platform by hand, where all are rejected with one error: making an error takes a stack. */
import { rejectAll } from '../tasks/native.mjs';

const error = new Error('cancelled');

export default {
  label: 'native, one error',
  workloads: { 'task-cancel': rejectAll(() => error) },
};
