/**
 * Loaded before a program of a page: the host's clock stands still while the program works, and jumps to its next timer
 * when it has nothing to do. So a slow machine changes no order. For a program that asks it again and again it goes on as
 * the host's does. Limits of minutes are not reached: other threads and processes take real time.
 */
const { setTimeout: later, clearTimeout: clear } = globalThis;
const LIMIT_MS = 100_000;
let now = performance.now();
let armed = false;
/** How often it was asked since the program has worked last. */
let asked = 0;
const PATIENCE = 10_000;
const timers = new Set();

const hostNow = performance.now.bind(performance);
let seen = 0;
performance.now = () => {
  if (++asked < PATIENCE) return now;
  // It goes on as the host's does: what another thread does meanwhile takes real time.
  const host = hostNow();
  if (asked > PATIENCE) now += host - seen;
  seen = host;
  return now;
};
setInterval(() => {
  asked = 0;
}, 1).unref();

/** What is done now and then: whenever time goes on, and nobody waits for it. */
const intervals = new Set();

/** Goes on to an instant, past all that is done on the way. */
function goTo(when) {
  for (;;) {
    const [next] = [...intervals].sort((one, other) => one.when - other.when);
    if (!next || next.when > when) break;
    now = next.when;
    next.when += next.every;
    next.run();
  }
  now = when;
}

function arm() {
  if (armed || timers.size === 0) return;
  armed = true;
  setImmediate(() => {
    armed = false;
    asked = 0;
    const [first] = [...timers].sort((one, other) => one.when - other.when);
    if (first) {
      timers.delete(first);
      goTo(first.when);
      first.run();
    }
    arm();
  });
}

globalThis.setTimeout = (callback, delayMs = 0, ...args) => {
  if (delayMs >= LIMIT_MS) return later(callback, delayMs, ...args);
  const timer = { when: now + Math.max(delayMs, 1), run: () => callback(...args) };
  timers.add(timer);
  arm();
  return timer;
};
globalThis.clearTimeout = (timer) => void (timers.delete(timer) || clear(timer));
globalThis.setInterval = (callback, delayMs = 0, ...args) => {
  const every = Math.max(delayMs, 1);
  const interval = { when: now + every, every, run: () => callback(...args), unref: () => interval };
  intervals.add(interval);
  return interval;
};
globalThis.clearInterval = (interval) => void intervals.delete(interval);
