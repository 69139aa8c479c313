import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../repo/workspace.mjs';
import { workloadNames } from '../src/catalogue.mjs';
import { figuresOf } from '../src/figures.mjs';
import { grouped } from '../src/groups.mjs';
import { fasterPeers, pageOf } from '../src/page.mjs';
import { barPlot, curvePlot } from '../src/plots.mjs';

const read = (path: string) => readFileSync(join(root, 'docs', path), 'utf8');

const figure = (label: string, median: number, ratio?: number) => ({
  label,
  n: 100_000,
  median,
  q1: median,
  q3: median,
  rounds: [{ values: [median], share: 1 }],
  ...(ratio === undefined ? {} : { ratio: { median: ratio, q1: ratio, q3: ratio } }),
});

/** A run of one row, in which native is as much faster as is said. */
const runWith = (ratio: number, share = 1) => ({
  date: '2026-11-25T00:00:00.000Z',
  revision: 'abcdef0',
  machine: { cores: 2, cpu: 'one' },
  rounds: 3,
  nodes: ['20.20.2'],
  rows: [
    {
      workload: 'task-spawn-gather',
      point: 100_000,
      major: 20,
      mode: 'plain',
      figures: {
        aiokit: { ...figure('aiokit', 100), rounds: [{ values: [100], share }] },
        native: figure('native', 100 / ratio, ratio),
        cpython: { problem: 'not run' },
      },
    },
  ],
});

/** In a process of its own: vitest alters the code that the page shows. */
const runNode = (...args: string[]) =>
  execFileSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname, maxBuffer: Infinity });

test('the page is what its figures and the code of the peers make it', () => {
  const figures = JSON.parse(read('performance/figures.json'));
  const page = runNode(join(import.meta.dirname, '../src/write-page.mjs'), '--print');
  expect(page === read('performance.md'), 'run `pnpm bench:page`').toBe(true);
  for (const { id } of grouped(Object.keys(figures.workloads))) {
    expect(read(`performance/${id}.svg`)).toContain('prefers-color-scheme:dark');
  }
});

test('a peer that is faster beyond the spread is named, others are not', async () => {
  const faster = await figuresOf(runWith(1.5));
  expect(fasterPeers(faster).map(({ peer }) => peer)).toEqual(['native']);
  expect(await pageOf(faster)).toContain('| [task-spawn-gather](#task-spawn-gather) | 20 | native | 1.50');
  const slower = await figuresOf(runWith(0.9));
  expect(fasterPeers(slower)).toEqual([]);
  expect(await pageOf(slower)).toContain('In none of 1 comparisons');
});

test('a peer that did not run is in the table', async () => {
  expect(await pageOf(await figuresOf(runWith(1)))).toMatch(/\| cpython \| not run \|/);
});

test('figures of a busy machine say so', async () => {
  expect(await pageOf(await figuresOf(runWith(1)))).not.toContain('Other programs disturbed');
  expect(await pageOf(await figuresOf(runWith(1, 0.5)))).toContain('Other programs disturbed 1 of 2 rounds');
});

test('the page can show what every peer was given, and how it is called', async () => {
  const program = `
    import { loadWorkload, workloadNames } from '../src/catalogue.mjs';
    import { adapterOf, listingOf } from '../src/listing.mjs';
    for (const name of workloadNames()) {
      const { peers, uses } = await loadWorkload(name);
      for (const peer of peers) {
        const { code } = await listingOf(peer, uses);
        if (code === '' || code.includes('useLoop();\\n  return run') || code.includes('\`\`\`')) console.log(name, peer);
        if (adapterOf(peer) === '') console.log(peer);
      }
    }
    console.log('done');`;
  expect(runNode('--input-type=module', '--eval', program)).toBe('done\n');
  expect(await pageOf(await figuresOf(runWith(1)))).toContain('## How each library is called');
});

test('every workload is in one group', () => {
  const names = workloadNames();
  const all = grouped(names).flatMap((group) => group.names);
  expect(all.sort()).toEqual(names.sort());
});

test('plots follow the reader’s colours and hold no others', async () => {
  const figures = await figuresOf(runWith(1.5));
  const group = { id: 'tasks', title: 'Tasks', names: ['task-spawn-gather'] };
  for (const svg of [await barPlot(figures, group), await curvePlot(figures, group, 20)]) {
    expect(svg).toContain('var(--ours)');
    expect(svg).not.toMatch(/#0[0-9a-f]0[0-9a-f]0[0-9a-f]/);
    expect(svg).toContain('<title>Tasks');
    expect(svg.match(/--ours:#/g)).toHaveLength(2);
  }
});
