/** A callback array written by hand: a closure for each callback with its argument. */
import { fold } from '../checksum.mjs';

export default {
  label: 'array of closures',
  workloads: {
    'callsoon-burst': (n) => {
      let sum = 0;
      const work = (i) => {
        sum = fold(sum, i);
      };
      const callbacks = [];
      for (let i = 0; i < n; i++) callbacks.push(() => work(i));
      for (let i = 0; i < callbacks.length; i++) callbacks[i]();
      return sum;
    },

    'heap-callsoon': (n) => {
      const work = () => {};
      const callbacks = [];
      for (let i = 0; i < n; i++) callbacks.push(() => work(i));
      return callbacks;
    },
  },
};
