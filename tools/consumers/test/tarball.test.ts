import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';
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
    const files = execFileSync('tar', ['-tzf', tarball], { cwd: inject('consumer'), encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''));
    expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'README.md', 'dist/index.js']));
    const others = files.filter((file) => !/^(package\.json|LICENSE|README\.md|CHANGELOG\.md)$/.test(file));
    expect(others.filter((file) => !/^dist\/[a-z0-9/-]+(\.d\.ts|\.d\.cts|\.js|\.cjs)$/.test(file))).toEqual(
      [],
    );
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
