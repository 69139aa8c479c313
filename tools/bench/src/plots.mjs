/**
 * The plots, drawn by Vega: SVG that is right in light and in dark. Vega draws with colours that stand for roles; in the file
 * each is a variable that follows what the reader prefers.
 */
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

/** By role: the colour that Vega is given, then light and dark. */
const COLOURS = {
  ink: ['#010101', '#24292f', '#e6edf3'],
  quiet: ['#020202', '#6e7781', '#9198a1'],
  grid: ['#030303', '#d8dee4', '#343b44'],
  ours: ['#040404', '#1a7f5a', '#3fc997'],
  peer: ['#050505', '#a8b1bb', '#5d6772'],
  s0: ['#060606', '#0969da', '#58a6ff'],
  s1: ['#070707', '#bc4c00', '#f0883e'],
  s2: ['#080808', '#8250df', '#bc8cff'],
  s3: ['#090909', '#bf3989', '#f778ba'],
  s4: ['#0a0a0a', '#9a6700', '#d4a72c'],
  s5: ['#0b0b0b', '#57606a', '#9198a1'],
  s6: ['#0c0c0c', '#cf222e', '#ff7b72'],
};
const colour = (role) => COLOURS[role][0];
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
const SERIES = ['s0', 's1', 's2', 's3', 's4', 's5', 's6'].map(colour);

const variables = (at) =>
  Object.entries(COLOURS)
    .map(([role, values]) => `--${role}:${values[at]};`)
    .join('');

const CONFIG = {
  background: null,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: colour('ink'),
    titleColor: colour('quiet'),
    titleFontWeight: 'normal',
    gridColor: colour('grid'),
    domain: false,
    ticks: false,
  },
  title: { color: colour('ink'), anchor: 'start', fontSize: 12, fontWeight: 600 },
  legend: {
    labelColor: colour('ink'),
    title: null,
    orient: 'right',
    symbolType: 'stroke',
    symbolStrokeWidth: 3,
  },
};

/** Draws a specification of Vega-Lite. */
async function draw(specification, description) {
  const { spec } = compile({ config: CONFIG, ...specification });
  const view = new View(parse(spec), { renderer: 'none' });
  let svg = await view.toSVG();
  view.finalize();
  for (const [role, [given]] of Object.entries(COLOURS)) svg = svg.replaceAll(given, `var(--${role})`);
  const style = `:root{${variables(1)}}@media(prefers-color-scheme:dark){:root{${variables(2)}}}`;
  const head = `<title>${description.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title><style>${style}</style>`;
  return `${svg.replace(/^(<svg[^>]*)>/, `$1 role="img">${head}`)}\n`;
}

const short = (title) => title.replace(/^[\w ]+: /, '');

/** The bars of one workload on one Node: a line for each peer. */
function panel({ title, unit, kind, subjects }, row, heading) {
  const values = Object.entries(row?.figures ?? {})
    .filter(([, figure]) => figure.median !== undefined)
    .map(([peer, { label, median, q1, q3 }]) => ({
      peer: label,
      median,
      q1,
      q3,
      own: subjects.includes(peer),
    }));
  const what = kind === 'heap' ? `bytes per ${unit}` : kind === 'lateness' ? 'ms' : `ns per ${unit}`;
  const y = {
    field: 'peer',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { labelLimit: 200, minExtent: 140 },
  };
  const x = { type: 'quantitative', title: null, axis: { tickCount: 4, grid: true } };
  return {
    title: {
      text: `${short(title)}${heading}`,
      subtitle: what,
      subtitleColor: colour('quiet'),
      subtitleFontSize: 11,
    },
    width: 230,
    height: { step: 17 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2 },
        encoding: {
          y,
          x: { ...x, field: 'median' },
          color: { condition: { test: 'datum.own', value: colour('ours') }, value: colour('peer') },
        },
      },
      {
        mark: { type: 'rule', color: colour('ink') },
        encoding: { y, x: { ...x, field: 'q1' }, x2: { field: 'q3' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, color: colour('ink'), fontSize: 10 },
        encoding: { y, x: { ...x, field: 'q3' }, text: { field: 'median', format: '.3~s' } },
      },
    ],
  };
}

/** A plot of a group: each workload a panel for each Node. */
export function barPlot(figures, { title, names }) {
  const majors = [...new Set(figures.rows.map(({ major }) => major))];
  const rows = names.map((name) => ({
    hconcat: majors.map((major) =>
      panel(
        figures.workloads[name],
        figures.rows.find((row) => row.workload === name && row.major === major),
        `, Node ${major}`,
      ),
    ),
  }));
  return draw({ vconcat: rows, spacing: 22 }, `${title}: cost beside each peer`);
}

/** A plot of the curves: each workload a panel, each peer a line. */
export function curvePlot(figures, { title, names }, major) {
  const panels = names.map((name) => {
    const { title: text, unit, subjects } = figures.workloads[name];
    const values = figures.rows
      .filter((row) => row.workload === name && row.major === major)
      .flatMap((row) =>
        Object.entries(row.figures)
          .filter(([, figure]) => figure.median !== undefined)
          .map(([peer, { label, n, median }]) => ({ peer: label, own: subjects.includes(peer), n, median })),
      );
    const peers = [...new Map(values.map(({ peer, own }) => [peer, own]))];
    let next = 0;
    const range = peers.map(([, own]) => (own ? colour('ours') : SERIES[next++ % SERIES.length]));
    return {
      title: {
        text: short(text),
        subtitle: `ns per ${unit}`,
        subtitleColor: colour('quiet'),
        subtitleFontSize: 11,
      },
      width: 240,
      height: 170,
      data: { values },
      mark: { type: 'line', point: true, strokeWidth: 2 },
      encoding: {
        x: {
          field: 'n',
          type: 'quantitative',
          title: 'n',
          scale: { type: 'log' },
          axis: { format: '~s', values: [1e3, 1e4, 1e5, 1e6] },
        },
        y: {
          field: 'median',
          type: 'quantitative',
          title: null,
          scale: { type: 'log', nice: true },
          axis: { format: '~s', values: POWERS },
        },
        color: { field: 'peer', type: 'nominal', scale: { domain: peers.map(([peer]) => peer), range } },
      },
    };
  });
  return draw(
    { concat: panels, columns: 2, spacing: 34, resolve: { scale: { color: 'independent' } } },
    `${title}, Node ${major}`,
  );
}
