/** Makes one JavaScript file of a TypeScript program; the packages that it imports stay imports. */
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { PROGRAMS, sourceOf } from './programs.mjs';

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

/**
 * Compiles a program of this folder, and beside it what it has threads load.
 *
 * @param {string} name
 * @param {string | undefined} form
 * @param {string} output path of the file to write
 */
export async function compileProgram(name, form, output) {
  const source = sourceOf(name, form);
  await compile(source, output);
  for (const module of PROGRAMS[name]?.modules ?? []) {
    await compile(join(dirname(source), `${module}.ts`), join(dirname(output), `${name}-${module}.mjs`));
  }
}
