/** The cells of hosts that run a file: Node, Deno and Bun; and an engine without anything of Node. */
import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtime } from '../../bench/src/runtimes.mjs';
import { runFirstProgram } from '../readmes.mjs';
import { check } from './programs.mjs';

const bare = fileURLToPath(new URL('bare.mjs', import.meta.url));

/** Runs a command in the folder of a user and returns what it prints. */
const print = (folder, [command, ...args]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });

const runsProgram = (consumer, command) => check(consumer, print(consumer.folder, command));

function runsUsing(consumer, command) {
  const held = print(consumer.folder, command).trim();
  if (held !== '[true,"function",false]') throw new Error(`the lock was held: ${held}`);
}

const runsReadmes = (consumer, file, command) => {
  const host = command.slice(0, -1);
  for (const program of consumer.readmes) {
    runFirstProgram(consumer.folder, [...host, program[file]], program);
  }
};

/** A bundle of a program for nothing in particular. */
const bundle = ({ folder }, program, outfile, banner = '') =>
  buildSync({
    entryPoints: [join(folder, program)],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    outfile: join(folder, outfile),
    banner: { js: banner },
    logLevel: 'silent',
  });

function runsBare(consumer, command) {
  bundle(consumer, 'web.mjs', 'bare.js');
  check(consumer, print(consumer.folder, command));
}

/** Where the host has no `Symbol.dispose`, a line that stands before everything else makes one. */
function runsBareUsing(consumer, command) {
  bundle(consumer, 'using.mjs', 'bare-using.js', "Symbol.dispose ??= Symbol.for('Symbol.dispose');");
  runsUsing(consumer, command);
}

/** The cells of one host; `typed` hosts run TypeScript, `native` ones know `using`. */
function cellsOf(host, { run, path, version, typed, native }) {
  const cell = (way, args, test) => ({ host, way, path, version, command: [...run, ...args], run: test });
  const file = typed ? 'file' : 'compiled';
  return [
    cell('ESM', ['program.mjs'], runsProgram),
    cell('CommonJS', ['program.cjs'], runsProgram),
    cell('using, lowered', ['using-lowered.mjs'], runsUsing),
    ...(native ? [cell('using', ['using.mjs'], runsUsing)] : []),
    cell('READMEs', ['readme-*'], (consumer, command) => runsReadmes(consumer, file, command)),
  ];
}

function nodeCells(major) {
  const { path } = runtime(`node${major}`);
  const [version, run] = [[path, '--version'], [path]];
  const host = `Node ${major}`;
  return [
    ...cellsOf(host, { run, path, version, typed: major >= 24, native: major >= 24 }),
    {
      host,
      way: 'CommonJS, no require(esm)',
      path,
      version,
      command: [path, '--no-experimental-require-module', 'program.cjs'],
      run: runsProgram,
    },
    { host, way: 'nothing of Node', path, version, command: [path, bare, 'bare.js'], run: runsBare },
    {
      host,
      way: major >= 24 ? 'nothing of Node, using' : 'no Symbol.dispose, using',
      path,
      version,
      command: [path, bare, 'bare-using.js'],
      run: runsBareUsing,
    },
  ];
}

export function hostCells() {
  const [deno, bun] = [runtime('deno').path, runtime('bun').path];
  return [
    ...[20, 22, 24, 26].flatMap(nodeCells),
    ...cellsOf('Deno', {
      run: [deno, 'run', '--allow-all', '--no-check', '--quiet'],
      path: deno,
      version: [deno, '--version'],
      typed: true,
      native: true,
    }),
    ...cellsOf('Bun', { run: [bun], path: bun, version: [bun, '--version'], typed: true, native: true }),
  ];
}
