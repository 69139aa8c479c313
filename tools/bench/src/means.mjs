/** Geometric means over rows: what a whole group of workloads costs beside one peer. */
import { limitFor } from './catalogue.mjs';

/** By the name that a workload's `mean` gives: what it is, the peer, and by Node version the limit. */
const means = {
  tasks: { title: 'tasks beside asyncio', peer: 'cpython', limits: { 20: 0.06 } },
};

const geometric = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * The means over rows outside stores, one for each Node version.
 *
 * @returns {{ title: string, major: number, rows: number, value: number, limit: number | undefined, over: boolean }[]}
 */
export function meansOf(rows) {
  return Object.entries(means).flatMap(([name, { title, peer, limits }]) => {
    const seen = rows.filter(
      ({ mean, mode, figures }) => mean === name && mode === 'plain' && figures[peer]?.ratio,
    );
    return [...new Set(seen.map(({ major }) => major))].map((major) => {
      const ratios = seen
        .filter((row) => row.major === major)
        .map(({ figures }) => figures[peer].ratio.median);
      const value = geometric(ratios);
      const limit = limitFor(limits, major);
      return { title, major, rows: ratios.length, value, limit, over: value > limit };
    });
  });
}
