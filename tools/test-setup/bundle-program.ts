/** Programs as one file with all that they import, to be run without the test runner. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/** What a program is made of. */
export interface ProgramOptions {
  /** From where its imports are looked for. */
  readonly resolveDir: string;
  /** The file that is written. */
  readonly outfile: string;
  /** What its stacks call it. */
  readonly sourcefile?: string;
}

/** Writes a program, with the packages as they are tested: their sources, or what was built. */
export function bundleProgram(contents: string, { resolveDir, outfile, sourcefile }: ProgramOptions): void {
  buildSync({
    stdin: { contents, resolveDir, loader: 'ts', ...(sourcefile !== undefined && { sourcefile }) },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: process.env['MODE'] === 'dist' ? [] : ['@aiokit/source'],
    logLevel: 'silent',
  });
}

/** Another installed copy of packages, with modules of its own, as a program has it that depends on two versions. */
export async function loadCopy<T>(names: readonly string[], resolveDir: string): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-'));
  const outfile = join(folder, 'copy.mjs');
  try {
    bundleProgram(names.map((name) => `export * from '${name}';`).join('\n'), { resolveDir, outfile });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
