import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../repo/workspace.mjs';

/** A copy of the workspace in which the new package is the only one. */
const workspace = mkdtempSync(join(tmpdir(), 'aiokit-new-package-'));
const folder = join(workspace, 'packages', 'brand-new');
const bin = join(workspace, 'node_modules', '.bin');

/** Runs a command line; what it printed if it failed, else nothing. */
function complaints(cwd: string, command: string): string {
  const env = { ...process.env, PATH: bin + delimiter + process.env['PATH'] };
  const { status, stdout, stderr } = spawnSync(command, { cwd, env, shell: true, encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

const scriptsOf = (path: string): Record<string, string> =>
  JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).scripts;

beforeAll(() => {
  const left = new Set(['.git', '.turbo', '.reports', 'node_modules', 'dist', 'packages', 'docs']);
  // Their sources import the packages, or the tests of the packages them.
  for (const name of ['conformance', 'mutants', 'bundle-program.ts', 'clauses.ts']) left.add(name);
  cpSync(root, workspace, { recursive: true, filter: (path) => !left.has(basename(path)) || path === root });
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'), 'junction');
  mkdirSync(join(workspace, 'packages'));
  const failure = complaints(workspace, 'node tools/package-template/new-package.mjs brand-new');
  if (failure !== '') throw new Error(failure);
});
afterAll(() => rmSync(workspace, { recursive: true }));

test('a new package has all that a package has', () => {
  expect(readdirSync(folder).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
    'src',
    'test',
    'tsconfig.build.json',
    'tsconfig.json',
    'vitest.config.ts',
  ]);
  expect(readdirSync(join(folder, 'src')).sort()).toEqual(['brand-new.ts', 'index.ts']);
  expect(readdirSync(join(workspace, '.changeset'))).toContain('brand-new-first-release.md');
  expect(readFileSync(join(workspace, 'tools/consumers/package.json'), 'utf8')).toContain(
    '"@aiokit/brand-new"',
  );
});

test.each(Object.entries(scriptsOf(root)).filter(([name]) => name.startsWith('check:')))(
  'a new package passes %s',
  (_name, command) => {
    expect(complaints(workspace, command)).toBe('');
  },
);

test.each(['build', 'test', 'test:types', 'test:dist'])('a new package passes its own %s', (name) => {
  expect(complaints(folder, scriptsOf(folder)[name] ?? 'missing')).toBe('');
});

test.each(['brand-new', 'Upper', 'a_b', ''])('refuses the name %j', (name) => {
  expect(complaints(workspace, `node tools/package-template/new-package.mjs ${name}`)).not.toBe('');
});
