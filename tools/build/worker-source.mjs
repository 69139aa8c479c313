/** Makes the text that workers of executors run, of `worker-entry.ts`. Run as a script it writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root, runsAsScript } from '../repo/workspace.mjs';

const folder = join(root, 'packages/threadsafe/src/internal');
export const path = join(folder, 'worker-source.ts');

/** What the file has to hold. */
export function workerSource() {
  const { outputFiles } = buildSync({
    entryPoints: [join(folder, 'worker-entry.ts')],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    write: false,
  });
  const text = outputFiles[0].text.trim().replace(/[\\`]|\$\{/g, '\\$&');
  return `/** Made of worker-entry.ts by \`pnpm worker-source\`; a test holds the two together. */

/** What a worker runs. */
export const WORKER_SOURCE: string = \`${text}\`;
`;
}

/** Whether the file is up to date. */
export const isCurrent = () => readFileSync(path, 'utf8') === workerSource();

if (runsAsScript(import.meta.url)) writeFileSync(path, workerSource());
