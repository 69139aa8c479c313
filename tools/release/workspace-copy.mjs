/** A copy of the workspace, as built, whose versions may be changed. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageFolders } from '../repo/workspace.mjs';

/**
 * Copies what git knows and what is built, makes it a repository of its own and installs it.
 *
 * @param {string} workspace
 * @param {string} copy where to
 */
export function copyWorkspace(workspace, copy) {
  const git = (...args) => execFileSync('git', args, { cwd: workspace, encoding: 'utf8' });
  const files = git('ls-files', '--cached', '--others', '--exclude-standard', '-z')
    .split('\0')
    .filter(Boolean);
  const built = packageFolders(workspace).map((folder) => join('packages', basename(folder), 'dist'));
  for (const file of [...files, ...built]) {
    const source = join(workspace, file);
    if (!existsSync(source)) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(source, join(copy, file), { recursive: true });
  }
  commit(copy, 'init', '--quiet', '--initial-branch=main');
  const flags = ['--frozen-lockfile', '--prefer-offline', '--ignore-scripts', '--silent'];
  execFileSync('pnpm', ['install', ...flags, '--filter=./packages/*'], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Commits all that there is; `first` is a git command that runs before. */
export function commit(copy, ...first) {
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=release', '-c', 'user.email=release@localhost', ...args], {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  if (first.length > 0) git(...first);
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message=all');
}

/**
 * Writes a changeset.
 *
 * @param {string} copy
 * @param {string} name of the package
 * @param {'patch' | 'minor' | 'major'} kind
 * @param {string} text
 */
export const addChangeset = (copy, name, kind, text) =>
  writeFileSync(join(copy, '.changeset', 'next-change.md'), `---\n'${name}': ${kind}\n---\n\n${text}\n`);
