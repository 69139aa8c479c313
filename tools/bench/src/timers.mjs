/** What the timers of the timer workloads are given; the same for every peer. */

/** The delay of the i-th of many timers that never fire, spread over `distinct` delays. */
export const farDelay = (i, distinct) => 60_000 + ((i * 7919) % distinct);

/** The delay of the i-th of many timers that fire within a second. */
export const nearDelay = (i) => 1 + ((i * 7919) % 1000);

/** Nine timers of ten are cancelled as soon as they are made. */
export const isCancelled = (i) => i % 10 !== 0;
