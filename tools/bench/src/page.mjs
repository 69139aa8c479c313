/** The page `docs/performance.md`, from the figures of a run. */
import { peerFile, peerNames } from './catalogue.mjs';
import { grouped } from './groups.mjs';
import { adapterOf, listingOf } from './listing.mjs';

/** The share of disturbed rounds above which a run says nothing. */
const RELIABLE = 0.2;

/** An adapter that is longer holds more than how its library is called. */
const SHORT = 60;

const amount = (value) =>
  value >= 1000
    ? Math.round(value).toLocaleString('en')
    : value >= 100
      ? value.toFixed(0)
      : value.toPrecision(3);
const ratioText = ({ median, q1, q3 }) =>
  `${median < 0.1 ? median.toFixed(3) : median.toFixed(2)} (${q1.toFixed(2)} to ${q3.toFixed(2)})`;
const fence = (language, code) => ['```' + language, code, '```', ''];

const majorsOf = ({ rows }) => [...new Set(rows.map(({ major }) => major))];
const rowOf = ({ rows }, name, major, point) =>
  rows.find(
    (row) => row.workload === name && row.major === major && (point === undefined || row.point === point),
  );

/**
 * Every peer that is faster than ours beyond the spread.
 *
 * @returns {{ name: string, major: number, peer: string, label: string, ratio: object, point: number | undefined }[]}
 */
export function fasterPeers(figures) {
  return figures.rows.flatMap(({ workload: name, major, point, figures: all }) => {
    const { subjects, points } = figures.workloads[name];
    return Object.entries(all)
      .filter(([peer, { ratio }]) => !subjects.includes(peer) && peer !== 'idle' && ratio && ratio.q1 > 1)
      .map(([peer, { label, ratio }]) => ({
        name,
        major,
        peer,
        label,
        ratio,
        point: points.length > 1 ? point : undefined,
      }));
  });
}

function summary(figures) {
  const all = figures.rows.flatMap(({ workload, figures: found }) =>
    Object.entries(found).filter(
      ([peer, { ratio }]) => ratio && !figures.workloads[workload].subjects.includes(peer),
    ),
  );
  const faster = fasterPeers(figures);
  const lines = faster.map(({ name, major, label, ratio, point }) => {
    const size = point === undefined ? '' : ` at ${amount(point)}`;
    return `| [${name}](#${name})${size} | ${major} | ${label} | ${ratioText(ratio)} |`;
  });
  return [
    '## Where a peer is faster',
    '',
    faster.length === 0
      ? `In none of ${all.length} comparisons, beyond the spread.`
      : `In ${faster.length} of ${all.length} comparisons, beyond the spread. The last column is our cost divided by theirs.`,
    '',
    ...(faster.length === 0
      ? []
      : ['| workload | Node | faster | ours to theirs |', '| --- | --- | --- | --- |', ...lines, '']),
  ];
}

function tableOf(figures, name) {
  const { unit, kind, peers, subjects, points } = figures.workloads[name];
  const majors = majorsOf({ rows: figures.rows.filter((row) => row.workload === name) });
  const what = kind === 'heap' ? 'bytes' : kind === 'lateness' ? 'ms' : 'ns';
  const curve = points.length > 1;
  const head = [
    '',
    ...(curve ? ['n'] : []),
    ...majors.flatMap((major) => [`Node ${major}, ${what} per ${unit}`, 'ours to theirs']),
  ];
  const rows = peers.flatMap((peer) =>
    points.map((point) => {
      const found = majors.map((major) => rowOf(figures, name, major, point)?.figures[peer]);
      const label = found.find((figure) => figure?.label)?.label ?? peer;
      const fewer = found.find((figure) => figure?.n !== undefined && figure.n < point);
      const shown = subjects.includes(peer) ? `**${label}**` : label;
      return [
        fewer && !curve ? `${shown} (of ${amount(fewer.n)})` : shown,
        ...(curve ? [amount(point)] : []),
        ...found.flatMap((figure) => {
          if (figure === undefined) return ['not run', ''];
          if (figure.problem !== undefined) return [figure.problem.replaceAll('|', ' ').slice(0, 40), ''];
          const { median, q1, q3, latest, ratio } = figure;
          const cost = `${amount(median)} ± ${amount((q3 - q1) / 2)}${latest === undefined ? '' : `, latest ${amount(latest)}`}`;
          return [cost, ratio ? ratioText(ratio) : ''];
        }),
      ];
    }),
  );
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

async function codeOf(figures, name, shown) {
  const { uses, peers, title } = figures.workloads[name];
  const before = shown.get(uses);
  if (before !== undefined) return [`The code is that of [${before}](#${before}).`, ''];
  shown.set(uses, name);
  const lines = ['<details>', `<summary>What each was given: ${title}</summary>`, ''];
  const listings = new Map();
  for (const peer of peers) {
    const { language, code } = await listingOf(peer, uses);
    const key = fence(language, code).join('\n');
    if (code !== '') listings.set(key, [...(listings.get(key) ?? []), peer]);
  }
  for (const [code, of] of listings) lines.push(`${of.join(', ')}:`, '', code);
  return [...lines, '</details>', ''];
}

function adapters(figures) {
  const used = new Set(Object.values(figures.workloads).flatMap((workload) => workload.peers));
  const peers = peerNames().filter((peer) => used.has(peer));
  const texts = peers
    .filter((peer) => peerFile(peer).language === 'node')
    .map((peer) => [peer, adapterOf(peer)]);
  return [
    '## How each library is called',
    '',
    'As its README says. What is longer is in `tools/bench/src/peers`.',
    '',
    ...texts.flatMap(([peer, text]) =>
      text.split('\n').length > SHORT
        ? []
        : ['<details>', `<summary>${peer}</summary>`, '', ...fence('mjs', text), '</details>', ''],
    ),
  ];
}

/**
 * The page as text.
 *
 * @param {object} figures see figures.mjs
 */
export async function pageOf(figures) {
  const { date, revision, machine, rounds, nodes, disturbed } = figures;
  const names = Object.keys(figures.workloads);
  const shown = new Map();
  const lines = [
    '# Performance',
    '',
    '<!-- `pnpm bench:page` writes this page. -->',
    '',
    `Measured on ${String(date).slice(0, 10)} at revision ${revision}: ${machine.cores} × ${machine.cpu}, Node ${nodes.join(' and ')}, ${rounds} rounds.`,
    '`pnpm bench` measures all of it again, and `pnpm bench:page` writes this page from the figures. Each peer has a process of',
    'its own, they take turns of a tenth of a second, and each must give the checksum of the work. A figure is the median of',
    'the rounds ± half the distance of the quartiles; a ratio is the median of the ratios of the rounds (quartiles), ours',
    'divided by theirs: less than 1 means that ours costs less. In the plots ours are green. Limits, modes and more:',
    '[the bench](../tools/bench/README.md). Why it is as it is: [decisions](decisions).',
    ...(disturbed.rounds > RELIABLE * disturbed.of
      ? [
          '',
          `**Other programs disturbed ${disturbed.rounds} of ${disturbed.of} rounds: these figures show the page, not the packages.**`,
        ]
      : []),
    '',
    ...summary(figures),
  ];
  for (const group of grouped(names)) {
    lines.push(
      `## ${group.title}`,
      '',
      `![${group.title}: cost beside each peer](performance/${group.id}.svg)`,
      '',
    );
    for (const name of group.names) {
      lines.push(`### ${name}`, '', `${figures.workloads[name].title}.`, '');
      lines.push(...tableOf(figures, name), ...(await codeOf(figures, name, shown)));
    }
  }
  return [...lines, ...adapters(figures)].join('\n').trimEnd() + '\n';
}
