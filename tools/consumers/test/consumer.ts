/** Programs of a user, run in the folder where the packages are installed. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** How a program loads a package: by import; by require as Node does now; by require as older tools do. */
export type Loading = 'import' | 'require' | 'require, CommonJS only';
export const LOADINGS: readonly Loading[] = ['import', 'require', 'require, CommonJS only'];

let programs = 0;

/** Writes a program's text into the consumer's folder. */
export function writeProgram(text: string, extension: string): string {
  const path = join(inject('consumer'), `program-${process.pid}-${programs++}${extension}`);
  writeFileSync(path, text);
  return path;
}

/** Runs a program and returns the value that it prints as JSON. */
export function runFile(path: string, ...flags: string[]): unknown {
  const args = [...flags, path];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: inject('consumer'), encoding: 'utf8' }));
}

/** Runs the body of an async function that has `load(specifier)` and `otherLoad`, which loads the other way. */
export function run(loading: Loading, body: string): unknown {
  const text = `
import { createRequire } from 'node:module';
const byImport = (specifier) => import(specifier);
const byRequire = createRequire(import.meta.url);
const [load, otherLoad] = ${loading === 'import' ? '[byImport, byRequire]' : '[byRequire, byImport]'};
console.log(JSON.stringify(await (async () => {${body}})()));
`;
  const flags = loading === 'require, CommonJS only' ? ['--no-experimental-require-module'] : [];
  return runFile(writeProgram(text, '.mjs'), '--no-warnings', ...flags);
}
