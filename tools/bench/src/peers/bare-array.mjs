/** The barest queue there can be: an array of one shared function, called with its index. */
import { fold } from '../checksum.mjs';

export default {
  label: 'array of one function',
  workloads: {
    'callsoon-burst': (n) => {
      let sum = 0;
      const work = (i) => {
        sum = fold(sum, i);
      };
      const callbacks = [];
      for (let i = 0; i < n; i++) callbacks.push(work);
      for (let i = 0; i < callbacks.length; i++) callbacks[i](i);
      return sum;
    },
  },
};
