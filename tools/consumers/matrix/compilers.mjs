/** The cells of TypeScript: a program of a user under each setting, in the oldest version that is supported and the newest. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../repo/workspace.mjs';
import { runtime } from '../../bench/src/runtimes.mjs';

const local = (name, file) => {
  const path = join(root, 'node_modules', name, 'bin', file);
  return existsSync(path) ? path : undefined;
};

const COMPILERS = [
  ['TypeScript, oldest supported', () => runtime('typescript-oldest').path],
  ['TypeScript 6', () => local('typescript', 'tsc6')],
  ['TypeScript 7', () => local('typescript-7', 'tsc')],
];

/** @type {[string, string[], string][]} */
const SETTINGS = [
  ['nodenext, ESM', ['--module', 'nodenext'], 'types.mts'],
  ['nodenext, CommonJS', ['--module', 'nodenext'], 'types.cts'],
  ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler'], 'types.ts'],
];

const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
const HOST = ['--target', 'es2022', '--lib', 'es2022,esnext.disposable,dom'];

function compiles({ folder }, [command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
}

export function typeCells() {
  return COMPILERS.flatMap(([host, find]) => {
    const path = find();
    return SETTINGS.map(([way, flags, file]) => ({
      host,
      way,
      path,
      version: [process.execPath, path, '--version'],
      command: [process.execPath, path, ...STRICT, ...HOST, ...flags, file],
      run: compiles,
    }));
  });
}
