/** Packs every package and installs the tarballs, without a registry, where a user would have them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageFolders } from '../repo/workspace.mjs';

/**
 * @typedef {object} Installed
 * @property {string} name the name under which it is installed
 * @property {string} folder where it is in the workspace
 * @property {string} tarball name of the file
 * @property {readonly string[]} specifiers its subpaths as a user imports them, the index first
 */

const shell = process.platform === 'win32';

/**
 * Runs a command and returns what it prints.
 *
 * @param {string} cwd
 * @param {string} command
 * @param {...string} args
 */
export const run = (cwd, command, ...args) =>
  execFileSync(command, args, { cwd, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * @param {string} folder
 * @param {string} destination
 * @returns {Installed}
 */
function pack(folder, destination) {
  const { filename } = JSON.parse(run(folder, 'pnpm', 'pack', '--json', '--pack-destination', destination));
  const { name, publishConfig } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const specifiers = Object.keys(publishConfig.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => name + subpath.slice(1));
  return { name, folder, tarball: basename(filename), specifiers };
}

/**
 * Packs all packages of a workspace into a folder.
 *
 * @param {string} workspace
 * @param {string} destination
 */
export const packAll = (workspace, destination) =>
  packageFolders(workspace).map((folder) => pack(folder, destination));

/**
 * Installs tarballs that lie in a folder into that folder.
 *
 * @param {string} folder
 * @param {Record<string, string>} tarballs by the name under which it is installed, the name of the file
 */
export function installTarballs(folder, tarballs) {
  const dependencies = Object.fromEntries(
    Object.entries(tarballs).map(([name, tarball]) => [name, `file:${tarball}`]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  run(folder, 'npm', 'install', ...flags);
}
