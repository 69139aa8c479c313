/** The host's clock, put forward while a run is repeated: a program that looks at it does not do the same again. */

const SKEW = 1_000_003;

interface Clock {
  now(): number;
}

/** Puts one clock forward; returns what puts it back. */
function skew(clock: Clock): () => void {
  const own = Object.getOwnPropertyDescriptor(clock, 'now');
  const now = clock.now.bind(clock);
  Object.defineProperty(clock, 'now', { configurable: true, writable: true, value: () => now() + SKEW });
  return () => {
    if (own) Object.defineProperty(clock, 'now', own);
    else delete (clock as Partial<Clock>).now;
  };
}

/** Puts the clocks of the host forward; returns what puts them back. */
export function skewClock(): () => void {
  const { performance } = globalThis as { performance?: Clock };
  const restore = [skew(Date), ...(performance ? [skew(performance)] : [])];
  return () => {
    for (const one of restore) one();
  };
}
