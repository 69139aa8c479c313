/**
 * `pnpm bench:page [<results.json>]`: the page and its plots, from a run, else the newest complete one, else the figures there.
 * `--print` prints the page of the figures there, and writes nothing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../repo/workspace.mjs';
import { figuresOf, newestRun } from './figures.mjs';
import { grouped } from './groups.mjs';
import { pageOf } from './page.mjs';
import { barPlot, curvePlot } from './plots.mjs';

const folder = join(root, 'docs/performance');
const checkedIn = join(folder, 'figures.json');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { print: { type: 'boolean' } },
});
const [given = newestRun()] = positionals;

if (values.print) {
  process.stdout.write(await pageOf(JSON.parse(readFileSync(checkedIn, 'utf8'))));
} else {
  await write();
}

async function write() {
  mkdirSync(folder, { recursive: true });
  if (given !== undefined) {
    const figures = await figuresOf(JSON.parse(readFileSync(given, 'utf8')));
    writeFileSync(checkedIn, `${JSON.stringify(figures)}\n`);
  }
  const figures = JSON.parse(readFileSync(checkedIn, 'utf8'));
  const newest = Math.max(...figures.rows.map(({ major }) => major));
  for (const group of grouped(Object.keys(figures.workloads))) {
    const svg = await (group.id === 'curves' ? curvePlot(figures, group, newest) : barPlot(figures, group));
    writeFileSync(join(folder, `${group.id}.svg`), svg);
  }
  writeFileSync(join(root, 'docs/performance.md'), await pageOf(figures));
  console.log(`docs/performance.md, from ${given ?? 'the figures that are checked in'}`);
}
