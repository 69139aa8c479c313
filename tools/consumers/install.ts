/** What the tests of consumers have: a folder in which all packages are installed from their tarballs. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root } from '../repo/workspace.mjs';
import { type Installed, installTarballs, packAll, run } from './pack.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the node_modules of a user. */
    readonly consumer: string;
    readonly installed: readonly Installed[];
  }
}

/** Another version of loop-core, as a second copy in the tree has it. */
export const OTHER_LOOP_CORE = 'other-loop-core';

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
  const installed = packAll(root, consumer);
  const loopCore = installed.find(({ name }) => name === '@aiokit/loop-core');
  if (loopCore === undefined) throw new Error('packages/loop-core is missing');
  installTarballs(consumer, {
    ...Object.fromEntries(installed.map(({ name, tarball }) => [name, tarball])),
    [OTHER_LOOP_CORE]: repack(loopCore.tarball, consumer),
  });
  project.provide('consumer', consumer);
  project.provide('installed', installed);
  return () => rmSync(consumer, { recursive: true });
}
