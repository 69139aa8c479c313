/**
 * What an import costs a user, in bytes: the built packages bundled by esbuild with all that the import pulls in,
 * minified and gzipped. Run as a script it prints a table.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { runsAsScript } from '../repo/workspace.mjs';

export const limits = JSON.parse(readFileSync(new URL('limits.json', import.meta.url), 'utf8'));

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
    stdin: { contents, resolveDir: dirname(fileURLToPath(import.meta.url)) },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

if (runsAsScript(import.meta.url)) {
  const rows = Object.entries(limits).map(([name, { goal, limit, imports }]) => {
    const bytes = measure(imports);
    return [name, { 'min+gz': bytes, goal, limit }];
  });
  console.table(Object.fromEntries(rows));
}
