/** What an import costs a user, in bytes: the built packages bundled by esbuild with all that it pulls in, minified, gzipped. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

export const limits = JSON.parse(readFileSync(new URL('limits.json', import.meta.url), 'utf8'));

/** The consumers' folder: every package is installed there. */
const resolveDir = fileURLToPath(new URL('../consumers/', import.meta.url));

/** Bytes of some imports, `{ specifier: [names] }`. */
export function measure(imports) {
  return measureProgram(
    Object.entries(imports)
      .map(([specifier, names]) => `export { ${names.join(', ')} } from '${specifier}';`)
      .join('\n'),
  );
}

/** Bytes of a program with all that it imports. */
export function measureProgram(contents) {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
