/** What the rounds say: medians, ratios, and which limits are kept. */
import { baselineOf, limitFor } from './catalogue.mjs';
import { ratios, soundRounds, summarize } from './statistics.mjs';

/** A figure against its limit. */
function judge(figure, limit) {
  return limit === undefined ? figure : { ...figure, limit, over: figure.median > limit };
}

const valuesOf = (rounds) => rounds.map(({ values: [value] }) => value);

/** The ratio of two series of rounds. */
const ratioOf = (mine, theirs) => summarize(ratios(...soundRounds(mine, theirs).map(valuesOf)));

/**
 * One row: a workload at one number of operations, on one Node version, in one mode. Limits hold outside stores. A
 * ratio is ours to the peer; of a further subject of ours, it to the first peer that is not ours.
 */
export function rowOf(workload, { point, major, mode, results }) {
  const { kind, limits, subjects } = workload;
  const [ours] = subjects;
  const baseline = baselineOf(workload);
  const limit = (peer) => (mode === 'plain' ? limitFor(limits[peer], major) : undefined);
  const ownLimit = (peer) => (subjects.includes(peer) ? limit(peer) : undefined);
  /** @type {Record<string, any>} */
  const figures = {};
  for (const [peer, { label, n, rounds, problem }] of Object.entries(results)) {
    if (problem !== undefined) figures[peer] = { problem };
    else if (kind === 'lateness') {
      const values = rounds.flatMap((round) => round.values);
      const latest = Math.max(...values);
      figures[peer] = { label, n, ...judge({ ...summarize(values), latest }, ownLimit(peer)) };
      if (figures[peer].limit < latest) figures[peer].over = true;
    } else {
      figures[peer] = {
        label,
        n,
        rounds,
        ...judge(summarize(valuesOf(...soundRounds(rounds))), ownLimit(peer)),
      };
    }
  }
  if (kind !== 'lateness') {
    const compare = (subject, peer) => {
      const [mine, theirs] = [figures[subject]?.rounds, figures[peer]?.rounds];
      return mine && theirs && judge(ratioOf(mine, theirs), limit(peer));
    };
    for (const peer of Object.keys(figures)) {
      if (peer === ours) continue;
      const ratio = subjects.includes(peer) ? compare(peer, baseline) : compare(ours, peer);
      if (ratio) figures[peer].ratio = ratio;
    }
  }
  return { workload: workload.name, mean: workload.mean, point, major, mode, figures };
}

/**
 * Every figure that has a limit.
 *
 * @returns {{ row: object, peer: string, value: number, limit: number, over: boolean }[]}
 */
export const limitsOf = (rows) =>
  rows.flatMap((row) =>
    Object.entries(row.figures).flatMap(([peer, figure]) =>
      [figure, figure.ratio]
        .filter((judged) => judged?.limit !== undefined)
        .map(({ median, latest, limit, over }) => ({ row, peer, value: latest ?? median, limit, over })),
    ),
  );

/** For a curve: each row's figures also relative to the row of the smallest number of operations. */
export function addGrowth(rows) {
  const [first, ...others] = rows;
  for (const row of others) {
    for (const [peer, figure] of Object.entries(row.figures)) {
      const base = first.figures[peer]?.rounds;
      if (base && figure.rounds) figure.growth = ratioOf(figure.rounds, base);
    }
  }
}
