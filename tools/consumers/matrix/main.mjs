/** `pnpm matrix`: installs the packed packages and uses them on every host, in every way; a cell that did not run is red. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../repo/workspace.mjs';
import { installTarballs, packAll } from '../pack.mjs';
import { writeFirstPrograms } from '../readmes.mjs';
import { browserCells } from './browser.mjs';
import { hostCells } from './hosts.mjs';
import { writePrograms } from './programs.mjs';
import { outcomeOf, reportOf } from './report.mjs';
import { typeCells } from './compilers.mjs';

const { positionals: filters } = parseArgs({ allowPositionals: true });
const all = [...hostCells(), ...typeCells(), ...browserCells()];
const cells = all.filter(({ host, way }) => filters.every((filter) => `${host} ${way}`.includes(filter)));

/** First line of what a program says about its version. */
const versionOf = ([command, ...args]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')[0]
    ?.trim() ?? '';

/** What each specifier exports, asked of this Node in a process of its own. */
function namesIn(folder, installed) {
  const specifiers = JSON.stringify(installed.flatMap((one) => one.specifiers));
  const program = `
    const entries = ${specifiers}.map((name) => [name, Object.keys(require(name)).sort().join()]);
    console.log(JSON.stringify(Object.fromEntries(entries)));
    process.exit();`;
  return JSON.parse(execFileSync(process.execPath, ['--eval', program], { cwd: folder, encoding: 'utf8' }));
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aiokit-matrix-')));
try {
  const installed = packAll(root, folder);
  installTarballs(folder, Object.fromEntries(installed.map(({ name, tarball }) => [name, tarball])));
  const names = namesIn(folder, installed);
  const readmes = await writeFirstPrograms(
    folder,
    installed.map(({ name }) => name),
  );
  const consumer = { folder, installed, names, readmes };
  writePrograms(consumer);
  const outcomes = [];
  for (const cell of cells) {
    const outcome = await outcomeOf(cell, consumer, versionOf);
    outcomes.push(outcome);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1B[K${outcomes.length} of ${cells.length}`);
  }
  const { lines, summary, exitCode } = reportOf(outcomes, root);
  console.log(['', ...lines, '', summary].join('\n'));
  process.exitCode = exitCode;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
