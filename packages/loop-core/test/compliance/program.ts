/** Programs that are run by Node itself, without vitest. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from '../../../../tools/test-setup/bundle-program.js';

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
    bundleProgram(contents, { resolveDir: import.meta.dirname, outfile });
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
