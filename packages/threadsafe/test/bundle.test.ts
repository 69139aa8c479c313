import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { compileFixture } from './fixtures.js';

test.each(['esm', 'cjs'] as const)(
  'THREAD-10.3 what esbuild makes of a program runs its work, minified too: %s',
  async (format) => {
    const work = await compileFixture('work');
    for (const minify of [false, true]) {
      const folder = join(dirname(work), `bundle-${process.pid}-${format}-${String(minify)}`);
      mkdirSync(folder, { recursive: true });
      copyFileSync(work, join(folder, 'work.mjs'));
      const outfile = join(folder, format === 'esm' ? 'program.mjs' : 'program.cjs');
      await compileFixture('program', { outfile, format, minify });
      expect(execFileSync(process.execPath, [outfile], { encoding: 'utf8' })).toBe('3 text\n');
      rmSync(folder, { recursive: true });
    }
  },
);
