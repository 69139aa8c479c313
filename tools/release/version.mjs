/** `pnpm release:version`: gives packages that have changesets, and those that must move with them, their next versions. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFolders, root, runsAsScript } from '../repo/workspace.mjs';

export const changesets = createRequire(import.meta.url).resolve('@changesets/cli/bin.js');

const MOVED =
  'Nothing of its own has changed: a package that it stands on has a new version that its range left out.';

/** An entry without a line says why it is there. */
export const withReasons = (changelog) =>
  changelog.replaceAll(/^## [^\n]+\n(?=\s*(?:## |$(?![^])))/gm, (heading) => `${heading}\n${MOVED}\n`);

/**
 * Applies the changesets of a workspace.
 *
 * @param {string} workspace
 */
export function version(workspace) {
  execFileSync(process.execPath, [changesets, 'version'], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const folder of packageFolders(workspace)) {
    const path = join(folder, 'CHANGELOG.md');
    if (existsSync(path)) writeFileSync(path, withReasons(readFileSync(path, 'utf8')));
  }
}

if (runsAsScript(import.meta.url)) version(root);
