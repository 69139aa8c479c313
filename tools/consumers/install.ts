/** Packs every package and installs the tarballs, without a registry, where a user would have them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageFolders, root } from '../repo/workspace.mjs';

export interface Installed {
  /** The name under which it is installed. */
  readonly name: string;
  readonly tarball: string;
  /** Its subpaths as a user imports them, the index first. */
  readonly specifiers: readonly string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the node_modules of a user. */
    readonly consumer: string;
    readonly installed: readonly Installed[];
  }
}

/** Another version of loop-core, as a second copy in the tree has it. */
export const OTHER_LOOP_CORE = 'other-loop-core';

const shell = process.platform === 'win32';
const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function pack(folder: string, consumer: string): Installed {
  const { filename } = JSON.parse(run(folder, 'pnpm', 'pack', '--json', '--pack-destination', consumer)) as {
    filename: string;
  };
  const { name, publishConfig } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const specifiers = Object.keys(publishConfig.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => name + subpath.slice(1));
  return { name, tarball: basename(filename), specifiers };
}

/** Repacks a tarball under another version number. */
function repack(tarball: string, consumer: string): string {
  const folder = join(consumer, 'other');
  mkdirSync(folder);
  run(consumer, 'tar', '-xzf', tarball, '-C', folder);
  const path = join(folder, 'package', 'package.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: '0.999.0' }));
  run(folder, 'tar', '-czf', '../other.tgz', 'package');
  return 'other.tgz';
}

export default function setup(project: TestProject): () => void {
  const consumer = realpathSync(mkdtempSync(join(tmpdir(), 'aiokit-consumer-')));
  const installed = packageFolders(root).map((folder: string) => pack(folder, consumer));
  const loopCore = installed.find(({ name }) => name === '@aiokit/loop-core');
  if (loopCore === undefined) throw new Error('packages/loop-core is missing');
  const dependencies = Object.fromEntries([
    ...installed.map(({ name, tarball }) => [name, `file:${tarball}`]),
    [OTHER_LOOP_CORE, `file:${repack(loopCore.tarball, consumer)}`],
  ]);
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ private: true, dependencies }));
  run(
    consumer,
    'npm',
    'install',
    '--offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  );
  project.provide('consumer', consumer);
  project.provide('installed', installed);
  return () => rmSync(consumer, { recursive: true });
}
