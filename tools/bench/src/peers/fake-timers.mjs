/** @sinonjs/fake-timers: virtual time for tests. */
import { createClock } from '@sinonjs/fake-timers';
import { fold } from '../checksum.mjs';

export default {
  label: 'fake-timers',
  workloads: {
    'virtual-empty': (n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const clock = createClock();
        clock.runAll();
        clock.reset();
        sum = fold(sum, clock.now + i);
      }
      return sum;
    },

    'virtual-sequence': (n) => {
      let sum = 0;
      let i = 0;
      const clock = createClock();
      const step = () => {
        sum = fold(sum, i);
        if (++i < n) clock.setTimeout(step, 1);
      };
      clock.setTimeout(step, 1);
      clock.tick(n);
      clock.reset();
      return sum;
    },
  },
};
