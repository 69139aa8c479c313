import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';
import { complaintsAbout, complaintsAboutTarball } from '../contents.mjs';
import { writeProgram } from './consumer.js';

/** Runs a tool; what it printed if it failed, else nothing. */
function complaints(command: string, ...args: string[]): string {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', shell });
  return status === 0 ? '' : stdout + stderr;
}

describe.each(inject('installed'))('$name', ({ name, tarball, specifiers }) => {
  const path = join(inject('consumer'), tarball);

  test('ships what is built, its licence and its README, and no more', () => {
    expect(complaintsAboutTarball(inject('consumer'), tarball)).toEqual([]);
  });

  test('publishes no source condition and no workspace range', () => {
    const manifest = readFileSync(join(inject('consumer'), 'node_modules', name, 'package.json'), 'utf8');
    expect(manifest).not.toMatch(/@aiokit\/source|\.\/src\//);
    expect(JSON.stringify(JSON.parse(manifest).dependencies ?? {})).not.toContain('workspace:');
  });

  test('satisfies publint', async () => {
    const data = readFileSync(path);
    const tarballData = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: tarballData }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('satisfies attw', () => {
    expect(complaints('attw', path, '--profile', 'node16', '--format', 'ascii', '--no-emoji')).toBe('');
  });

  test.each([
    ['node16', '.mts'],
    ['node16', '.cts'],
    ['nodenext', '.mts'],
    ['nodenext', '.cts'],
    ['preserve', '.ts'],
  ])('has types under module %s in a %s file', (module, extension) => {
    const imports = specifiers.map((specifier, at) => `export * as m${at} from '${specifier}';\n`).join('');
    const file = writeProgram(imports, extension);
    const options = [
      '--module',
      module,
      '--target',
      'es2022',
      '--lib',
      'es2023,esnext.disposable,dom',
      '--strict',
    ];
    expect(complaints('tsc', '--ignoreConfig', '--noEmit', '--types', '', ...options, file)).toBe('');
  });
});

test.each(['test/queue.test.ts', 'dist/test/queue.js', 'src/queue.ts', 'dist/queue.js.map', '.npmrc'])(
  'a tarball with %s would be complained about',
  (file) => {
    const needed = [
      'package.json',
      'LICENSE',
      'README.md',
      'dist/index.js',
      'dist/index.cjs',
      'dist/index.d.ts',
    ];
    expect(complaintsAbout([...needed, file])).toEqual([`${file} is not meant to ship`]);
    expect(complaintsAbout(needed.slice(1))).toEqual(['package.json is missing']);
  },
);
