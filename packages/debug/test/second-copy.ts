/** Another installed copy of the packages, as a program has it that depends on two versions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as debug from '@aiokit/debug';
import type * as main from '@aiokit/loop-core';
import type * as virtual from '@aiokit/loop-core/virtual';
import { buildSync } from 'esbuild';

export type Copy = typeof main & typeof debug & typeof virtual;

/** Loads a copy of its own, with modules of its own. */
export async function loadCopy(): Promise<Copy> {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-'));
  const outfile = join(folder, 'copy.mjs');
  try {
    buildSync({
      stdin: {
        contents: ['loop-core', 'loop-core/virtual', 'debug']
          .map((name) => `export * from '@aiokit/${name}';`)
          .join('\n'),
        resolveDir: import.meta.dirname,
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: process.env.MODE === 'dist' ? [] : ['@aiokit/source'],
      logLevel: 'silent',
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Copy;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
