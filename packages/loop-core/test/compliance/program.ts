/** Programs that are run by Node itself, without vitest. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

export interface Ran {
  /** Null if it had to be killed. */
  readonly status: number | null;
  readonly printed: string;
}

/** Bundles a program with what it imports, the package included, and runs it. */
export function runProgram(contents: string, ...options: string[]): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-'));
  const outfile = join(folder, 'program.mjs');
  try {
    buildSync({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: process.env.MODE === 'dist' ? [] : ['@aiokit/source'],
      logLevel: 'silent',
    });
    const args = [...options, outfile];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 100_000,
    });
    return { status, printed: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
