import { type BuildOptions, buildSync } from 'esbuild';
import { expect, inject, test } from 'vitest';
import { runFile, writeProgram } from './consumer.js';

const program = `
import { getEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Future, isFuture } from '@aiokit/future';

const order = [];
const future = new Future();
future.addDoneCallback((done) => order.push(done.result()));
getEventLoop().callSoon(() => order.push('first'));
getEventLoop().callSoon(() => future.setResult('second'));
future.then(() => console.log(JSON.stringify([...order, isFuture(future), typeof VirtualLoop])));
`;

const variants: [string, BuildOptions][] = (['neutral', 'browser', 'node'] as const).flatMap((platform) =>
  (['esm', 'cjs'] as const).flatMap((format) =>
    [false, true].map((minify): [string, BuildOptions] => [
      `${platform} ${format}${minify ? ' minified' : ''}`,
      { platform, format, minify },
    ]),
  ),
);

test.each(variants)('a bundle runs: %s', (_title, options) => {
  const outfile = writeProgram('', options.format === 'esm' ? '.mjs' : '.cjs');
  buildSync({
    ...options,
    stdin: { contents: program, resolveDir: inject('consumer') },
    bundle: true,
    target: 'es2022',
    outfile,
    logLevel: 'warning',
    mainFields: ['module', 'main'],
  });
  expect(runFile(outfile)).toEqual(['first', 'second', true, 'function']);
});
