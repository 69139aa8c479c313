/** What `aiokit-debug watch` draws, from what it was told: lines of exactly the terminal's width. */
import { fit, widthOf } from './cli-text.js';
import type { Snapshot, Sort, WatchedTask } from './snapshot.js';

/** What its user has chosen. */
export interface View {
  readonly sort: Sort;
  readonly reverse: boolean;
  /** So many tasks are above the first line. */
  readonly offset: number;
  readonly paused: boolean;
  readonly help: boolean;
}

/** What is drawn. */
export interface Picture {
  readonly snapshot: Snapshot;
  /** The one before, for shares. */
  readonly before: Snapshot | undefined;
  readonly view: View;
  /** For how long the program has not answered. */
  readonly silentMs: number;
}

interface Column {
  readonly title: string;
  /** How wide it is at least, and how much of what is left it takes. */
  readonly width: number;
  readonly share: number;
  readonly sort?: Sort;
  readonly right?: boolean;
  cell(task: WatchedTask, picture: Picture): string;
}

const seconds = (ms: number): string => {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes}m${Math.floor((ms % 60_000) / 1000)}s`
    : `${Math.floor(minutes / 60)}h${minutes % 60}m`;
};

const percent = (part: number, whole: number): string =>
  whole > 0 ? `${Math.min(100, (part / whole) * 100).toFixed(0)}%` : '';

function shareOf(task: WatchedTask, { snapshot, before }: Picture): string {
  const earlier = before?.tasks.find(({ id }) => id === task.id);
  if (!before || (!earlier && task.busyMs === 0)) return '';
  return percent(task.busyMs - (earlier?.busyMs ?? 0), snapshot.now - before.now);
}

const COLUMNS: readonly Column[] = [
  { title: 'TASK', width: 10, share: 2, sort: 'name', cell: ({ name }) => name },
  {
    title: 'STATE',
    width: 10,
    share: 0,
    sort: 'state',
    cell: ({ state, cancelling }) => (cancelling ? 'cancelling' : state),
  },
  { title: 'WAITS FOR', width: 10, share: 3, sort: 'waits', cell: ({ waitsFor }) => waitsFor.join(', ') },
  { title: 'HELD BY', width: 7, share: 1, cell: ({ heldBy }) => heldBy.join(', ') },
  {
    title: 'SINCE',
    width: 7,
    share: 0,
    sort: 'since',
    right: true,
    cell: ({ sinceMs }) => (sinceMs === undefined ? '' : seconds(sinceMs)),
  },
  {
    title: 'BUSY',
    width: 7,
    share: 0,
    sort: 'busy',
    right: true,
    cell: ({ busyMs }) => (busyMs === 0 ? '' : seconds(busyMs)),
  },
  { title: '%', width: 4, share: 0, right: true, cell: shareOf },
  { title: 'LINTS', width: 6, share: 1, cell: ({ lints }) => lints.join(' ') },
  { title: 'WHERE', width: 6, share: 3, cell: ({ where }) => (where ?? '').replace(/file:\/\/\S*\//, '') },
];

/** What the keys do. */
const HELP = [
  'q, Ctrl-C   ends',
  'w b n s o   put in order: how long it waits, how long it was busy, its name, its state, what it waits for',
  'r           the other way round',
  'j k, arrows one line further, or back; PgUp, PgDn, g, G',
  'p, space    holds the picture, and lets it go on',
  'h, ?        this, and back',
];

function widths(columns: number): number[] {
  const least = COLUMNS.reduce((sum, { width }) => sum + width + 1, -1);
  const shares = COLUMNS.reduce((sum, { share }) => sum + share, 0);
  const spare = Math.max(0, columns - least);
  return COLUMNS.map(({ width, share }) => width + Math.floor((spare * share) / shares));
}

function row(cells: readonly string[], columns: number): string {
  const made = widths(columns).map((width, index) => {
    const cell = cells[index] ?? '';
    return COLUMNS[index]?.right
      ? fit(' '.repeat(Math.max(0, width - widthOf(cell))) + cell, width)
      : fit(cell, width);
  });
  return fit(made.join(' '), columns);
}

function head(picture: Picture, columns: number): string[] {
  const { snapshot, before, view, silentMs } = picture;
  const { counts, cycles, reports, last, pid } = snapshot;
  const all = counts.running + counts.ready + counts.waiting + counts.host;
  const busy = before ? percent(snapshot.busyMs - before.busyMs, snapshot.now - before.now) : '';
  const state = view.paused
    ? '  held'
    : silentMs > 0
      ? `  no answer for ${seconds(silentMs)}: is the loop blocked?`
      : '';
  const kinds = Object.entries(reports).map(([kind, count]) => `${kind} ${count}`);
  return [
    `aiokit-debug: process ${pid}  up ${seconds(snapshot.now)}  loop busy ${busy || '-'}${state}`,
    `${all} tasks: ${counts.running} running, ${counts.ready} ready, ${counts.waiting} waiting, ${counts.host} with the host`,
    `reports: ${kinds.join(', ') || 'none'}`,
    ...cycles.slice(0, 2).map((cycle) => `cycle: ${[...cycle, cycle[0]].join(' → ')}`),
    ...last.slice(-1).map((line) => `last: ${line}`),
  ].map((line) => fit(line, columns));
}

/** A picture's lines, and which of them is the title of the columns. */
export function frameLines(
  picture: Picture,
  columns: number,
  rows: number,
): { readonly lines: string[]; readonly title: number } {
  const { snapshot, view } = picture;
  const lines = head(picture, columns);
  const title = lines.length;
  const titles = COLUMNS.map((column) =>
    column.sort === view.sort ? `${column.title}${view.reverse ? '▲' : '▼'}` : column.title,
  );
  lines.push(row(titles, columns));
  const left = Math.max(0, rows - lines.length);
  if (view.help) lines.push(...HELP.map((line) => fit(line, columns)));
  else {
    for (const task of snapshot.tasks.slice(view.offset, view.offset + left)) {
      lines.push(
        row(
          COLUMNS.map((column) => column.cell(task, picture)),
          columns,
        ),
      );
    }
  }
  return { lines: lines.slice(0, rows), title };
}

/** The view after a key; undefined if it ends the watch. */
export function afterKey(view: View, key: string, tasks: number, page: number): View | undefined {
  const last = Math.max(0, tasks - 1);
  const scroll = (by: number): View => ({ ...view, offset: Math.min(last, Math.max(0, view.offset + by)) });
  switch (key) {
    case 'q':
    case '\x03':
    case '\x04':
      return undefined;
    case 'w':
      return { ...view, sort: 'since', offset: 0 };
    case 'b':
      return { ...view, sort: 'busy', offset: 0 };
    case 'n':
      return { ...view, sort: 'name', offset: 0 };
    case 's':
      return { ...view, sort: 'state', offset: 0 };
    case 'o':
      return { ...view, sort: 'waits', offset: 0 };
    case 'r':
      return { ...view, reverse: !view.reverse };
    case 'p':
    case ' ':
      return { ...view, paused: !view.paused };
    case 'h':
    case '?':
      return { ...view, help: !view.help };
    case 'j':
    case '\x1b[B':
    case '\x1bOB':
      return scroll(1);
    case 'k':
    case '\x1b[A':
    case '\x1bOA':
      return scroll(-1);
    case '\x1b[6~':
      return scroll(page);
    case '\x1b[5~':
      return scroll(-page);
    case 'g':
      return { ...view, offset: 0 };
    case 'G':
      return { ...view, offset: last };
    default:
      return view;
  }
}

/** The keys of what a terminal has sent at once. */
export const keysOf = (text: string): string[] =>
  // oxlint-disable-next-line eslint/no-control-regex -- a terminal's keys begin with it
  text.match(/\x1b(?:\[[0-9;]*[~A-Za-z]|O[A-Za-z])?|[^\x1b]/gu) ?? [];
