/** The scenarios and our packages as one module, with a mutant in it or without. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { applied, type Mutant } from './mutant.js';
import type { Suite } from './suite.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const REALM = Symbol.for('aiokit.realm/1');

/** Puts the bug in while the file is read. */
const putIn = (mutant: Mutant): Plugin => ({
  name: 'mutant',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (relative(root, path).split(sep).join('/') !== mutant.file) return undefined;
      return { loader: 'ts', contents: applied(mutant, await readFile(path, 'utf8')) };
    });
  },
});

/** Builds a copy of the packages of its own, with the bug in it, loads it in a realm of its own, and uses it. */
export async function withSuite<R>(
  mutant: Mutant | undefined,
  use: (suite: Suite) => Promise<R>,
): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'aiokit-mutant-'));
  const global = globalThis as { [REALM]?: object };
  const realm = global[REALM];
  const listeners = process.listeners('exit');
  try {
    const { outputFiles } = await build({
      entryPoints: [join(here, 'suite.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      conditions: ['@aiokit/source'],
      logLevel: 'silent',
      plugins: mutant ? [putIn(mutant)] : [],
    });
    const file = join(folder, 'suite.mjs');
    await writeFile(file, outputFiles[0]?.contents ?? '');
    delete global[REALM];
    return await use((await import(pathToFileURL(file).href)) as Suite);
  } finally {
    if (realm) global[REALM] = realm;
    else delete global[REALM];
    for (const listener of process.listeners('exit'))
      if (!listeners.includes(listener)) process.off('exit', listener);
    await rm(folder, { recursive: true, force: true });
  }
}
