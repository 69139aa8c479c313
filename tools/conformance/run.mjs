/** Bundles the sources as they are and runs them: no build is needed, and no Node that knows types. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const outfile = join(root, 'dist', 'main.mjs');
await build({
  entryPoints: [join(root, 'src/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  conditions: ['@aiokit/source'],
  external: ['fast-check'],
  sourcemap: 'inline',
});
await import(pathToFileURL(outfile).href);
