/** How late the host's timers are while callbacks that schedule themselves again keep a scheduler busy. */
import { isSound } from './statistics.mjs';

/** How many callbacks the flood consists of, and how many of them run from one probe to the next at most. */
const CHEAP = { width: 1000, gap: 40_000 };
const SLOW = { width: 10, gap: 9 };

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/**
 * Sets host timers of 0 ms until `n` of them were not disturbed by other programs, one after another, each from within a
 * callback of the flood and at another point of its slices. `schedule(callback)` runs the callback soon.
 */
function flood(n, { width, gap }, work, schedule) {
  return new Promise((resolve) => {
    const values = [];
    let random = 1;
    let left = gap;
    const next = () => {
      random = (random * 16807) % 2147483647;
      left = 1 + (random % gap);
    };
    let disturbed = 0;
    const probe = () => {
      const set = performance.now();
      const cpu = process.cpuUsage();
      setTimeout(() => {
        const late = performance.now() - set;
        const { user, system } = process.cpuUsage(cpu);
        const share = (user + system) / 1000 / late;
        if (isSound({ share }) || ++disturbed > 4 * n) values.push(late);
        next();
      }, 0);
    };
    const callback = () => {
      if (values.length === n) {
        if (--width === 0) resolve({ checksum: values.length, values });
        return;
      }
      work();
      if (--left === 0) probe();
      schedule(callback);
    };
    for (let i = width; i > 0; i--) schedule(callback);
  });
}

export const cheapFlood = (n, schedule) => flood(n, CHEAP, () => {}, schedule);
export const slowFlood = (n, schedule) => flood(n, SLOW, () => spin(1), schedule);

/** The same timers while nothing else goes on: what the machine itself adds. */
export async function noFlood(n) {
  const values = [];
  while (values.length < n) {
    const set = performance.now();
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    values.push(performance.now() - set);
  }
  return { checksum: values.length, values };
}
