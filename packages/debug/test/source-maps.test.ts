/** Stacks that are made text late are mapped to the sources. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';

/** Four lines that are compiled away, so that a place that is not mapped shows another line. */
const program = `interface A {
  a: number;
}

import { Lock } from '@aiokit/sync-primitives';
import { createTask } from '@aiokit/task';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { setEventLoop } from '@aiokit/loop-core';
import { pstree } from '@aiokit/debug';

const loop = new VirtualLoop();
setEventLoop(loop);
loop.setDebug(true);
const lock = new Lock();
lock.tryAcquire();
createTask(function* waits() {
  yield* lock.acquire(); // here
});
loop.runUntilIdle();
console.log(pstree(loop));
process.exit();
`;

test.each([[[]], [['--enable-source-maps']]])(
  'DEBUG-1.1 places are those of the source, with %j',
  async (flags) => {
    const folder = mkdtempSync(join(tmpdir(), 'aiokit-maps-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const source = join(folder, 'program.ts');
    writeFileSync(source, program);
    await build({
      entryPoints: [source],
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      sourcemap: true,
      nodePaths: [new URL('../node_modules', import.meta.url).pathname],
      alias: { '@aiokit/debug': new URL('../src/index.ts', import.meta.url).pathname },
      conditions: ['@aiokit/source'],
      logLevel: 'silent',
    });
    const output = execFileSync(process.execPath, [...flags, join(folder, 'program.mjs')], {
      encoding: 'utf8',
    });
    const line = program.split('\n').findIndex((text) => text.includes('// here')) + 1;
    expect(output).toMatch(new RegExp(`at waits \\(.*program\\.ts:${line}:\\d+\\)`));
  },
);
