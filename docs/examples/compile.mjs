/** Makes one JavaScript file of a TypeScript program; the packages that it imports stay imports. */
import { build } from 'esbuild';

/**
 * @param {string} source path of the program
 * @param {string} output path of the file to write
 * @param {'esm' | 'cjs'} [format] kind of module
 */
export async function compile(source, output, format = 'esm') {
  await build({
    entryPoints: [source],
    outfile: output,
    format,
    bundle: true,
    keepNames: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
}
