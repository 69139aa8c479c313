/** Runs one peer's workload for a round; this is what happens inside a child process. */

/** What a round yields, per kind of workload. Time and bytes are per operation. */
const kinds = {
  async time(work, n, state) {
    const began = performance.now();
    const checksum = await work.run(n, state);
    return { checksum, ms: performance.now() - began };
  },
  async cpu(work, n, state) {
    const began = process.cpuUsage();
    const checksum = await work.run(n, state);
    const { user, system } = process.cpuUsage(began);
    return { checksum, ms: (user + system) / 1000 };
  },
  async lateness(work, n, state) {
    const began = performance.now();
    const { checksum, values } = await work.run(n, state);
    return { checksum, ms: performance.now() - began, values };
  },
  /** `run` returns what is to be held. */
  async heap(work, n, state) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    const held = await work.run(n, state);
    globalThis.gc();
    return { bytes: process.memoryUsage().heapUsed - before, ms: Infinity, checksum: held.length };
  },
};

/** A workload of a peer as an object: short ones are written as one function. */
export const asWork = (work) => (typeof work === 'function' ? { run: work } : work);

/**
 * Repeats the workload until it took `minMs`. Returns the mean of the runs, since collecting the garbage of all runs is
 * part of their cost. No collection is forced before a round: it throws optimized code away. `share` is how much of the
 * time the process had a processor.
 */
export async function measureRound(work, { kind, n, minMs }) {
  const measure = kinds[kind];
  const values = [];
  let checksum;
  let spent = 0;
  let runs = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  do {
    const state = await work.prepare?.(n);
    const result = await measure(work, n, state);
    await work.cleanup?.(state);
    if (runs > 0 && result.checksum !== checksum)
      throw new Error(`checksums ${checksum} and ${result.checksum}`);
    checksum = result.checksum;
    if (kind === 'heap') return { checksum, runs: 1, value: result.bytes / n };
    if (result.values) values.push(...result.values);
    spent += result.ms;
    runs++;
  } while (spent < minMs);
  if (kind === 'lateness') return { checksum, runs, values };
  const value = (spent * 1e6) / (runs * n);
  if (kind === 'cpu') return { checksum, runs, value };
  const { user, system } = process.cpuUsage(cpu);
  return { checksum, runs, value, share: (user + system) / 1000 / (performance.now() - began) };
}
