import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExports, withExports } from '../exports.mjs';
import { packagesWith } from './fixture.js';

const files = { 'queue/src/index.ts': '', 'queue/src/lifo-queue.ts': '', 'queue/src/internal/ring.ts': '' };

test('makes each file directly in src a subpath, in source first and not when published', () => {
  const manifest = JSON.parse(withExports(join(packagesWith(files), 'packages/queue')));
  expect(Object.keys(manifest.exports)).toEqual(['.', './lifo-queue', './package.json']);
  expect(Object.keys(manifest.exports['./lifo-queue'])).toEqual([
    '@aiokit/source',
    'module-sync',
    'import',
    'require',
  ]);
  expect(Object.keys(manifest.publishConfig.exports['.'])).toEqual(['module-sync', 'import', 'require']);
  expect(manifest.publishConfig.exports['.'].require).toEqual({
    types: './dist/index.d.cts',
    default: './dist/index.cjs',
  });
});

test('reports a manifest that lacks a subpath', () => {
  const workspace = packagesWith(files);
  const path = join(workspace, 'packages/queue/package.json');
  const message = 'packages/queue/package.json: exports are out of date; run `pnpm exports`';
  expect(checkExports(workspace)).toEqual([message]);
  writeFileSync(path, withExports(join(workspace, 'packages/queue')));
  expect(checkExports(workspace)).toEqual([]);
  writeFileSync(path, readFileSync(path, 'utf8').replace('./lifo-queue', './fifo-queue'));
  expect(checkExports(workspace)).toEqual([message]);
});
