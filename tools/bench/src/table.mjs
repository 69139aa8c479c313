/** The table: a block for each workload, a line for each peer, a column for each Node version and mode. */
import { modes } from './modes.mjs';

const GAP = '  ';

const plain = (value) =>
  value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toPrecision(3);
const ratio = ({ median, q1, q3 }) => {
  const digits = median < 0.1 ? 3 : 2;
  return `${median.toFixed(digits)} ±${((q3 - q1) / 2).toFixed(digits)}`;
};
const against = ({ limit, over }) => (limit === undefined ? '' : over ? ` > ${limit} !` : ` ≤ ${limit}`);

/** The parts of a cell: the figure, and behind it what it is relative to. */
function partsOf(figure, isCurve) {
  if (figure === undefined) return ['', ''];
  if (figure.problem !== undefined) return [figure.problem.split('\n')[0].slice(0, 16), ''];
  if (figure.latest !== undefined)
    return [plain(figure.median), `≤ ${plain(figure.latest)}${against(figure)}`];
  const behind = isCurve ? figure.growth : figure.ratio;
  const own = figure.limit === undefined ? '' : against(figure).trim();
  return [plain(figure.median), behind ? ratio(behind) + against(behind) : own];
}

/** Pads the lines of a grid; the first column to the left, the first part of each cell to the right. */
function align(lines) {
  const columns = lines[0].length;
  const width = (column, part) => Math.max(...lines.map((line) => line[column][part].length));
  const widths = Array.from({ length: columns }, (_, column) => [width(column, 0), width(column, 1)]);
  return lines.map(([label, ...cells]) => {
    const shown = cells.map(([figure, behind], at) => {
      const [left, right] = widths[at + 1];
      return `${figure.padStart(left)} ${behind.padEnd(right)}`;
    });
    return [label[0].padEnd(widths[0][0]), ...shown].join(GAP).trimEnd();
  });
}

const columnTitle = ({ version }, mode) => [`Node ${version}`, modes[mode]];

/**
 * The block of a workload as text. `rows` are those of the workload; `columns` are `{ node, mode }`, of which a Node
 * that is not installed has no rows.
 */
export function blockOf(workload, rows, columns) {
  const { title, name: row, unit, kind, peers, points } = workload;
  const what =
    kind === 'lateness' ? 'ms, median ≤ latest' : kind === 'heap' ? `bytes per ${unit}` : `ns per ${unit}`;
  const lines = [[['', ''], ...columns.map(({ node, mode }) => columnTitle(node, mode))]];
  for (const peer of peers) {
    const seen = rows.map(({ figures }) => figures[peer]).find((figure) => figure?.label !== undefined);
    for (const point of points) {
      const name = seen?.label ?? peer;
      const fewer = seen && seen.n < point ? ` (${seen.n})` : '';
      const label = points.length > 1 ? `${name}, ${point}` : name + fewer;
      const cells = columns.map(({ node, mode }) => {
        if (!node.path) return ['not installed', ''];
        const row = rows.find((one) => one.point === point && one.major === node.major && one.mode === mode);
        return partsOf(row?.figures[peer], points.length > 1);
      });
      lines.push([[label, ''], ...cells]);
    }
  }
  return [`${row}: ${title} (${what})`, ...align(lines).map((line) => GAP + line), ''].join('\n');
}

export const LEGEND = [
  'Each cell: the median of all rounds, and the ratio of ours to the peer: the median of the ratios of all rounds ±',
  'half the distance of their quartiles, against its limit. On a further line of ours: the ratio of that to the first',
  'peer that is not ours. On a curve: the cost of an operation relative to the smallest number of them. In brackets: how',
  'many operations a slow peer is given. "!" marks what is over its limit. Limits hold where no store is active.',
  '',
].join('\n');
