/** The first program of each package's README that says what it prints, as a user runs it who has installed the package. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/** Makes JavaScript of a program; what is installed stays outside. */
const compile = (source, outfile) =>
  buildSync({
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });

const parser = fileURLToPath(new URL('../../docs/examples/test/code-blocks.ts', import.meta.url));

/**
 * @typedef {object} FirstProgram
 * @property {string} file name of the file
 * @property {string} compiled name of the file for a host that takes no types
 * @property {(printed: string) => boolean} prints whether it printed what the README says
 */

/**
 * Writes the first program of every installed README into the folder of a user.
 *
 * @param {string} folder
 * @param {readonly string[]} names of packages that are installed there
 * @returns {Promise<FirstProgram[]>}
 */
export async function writeFirstPrograms(folder, names) {
  const compiled = join(folder, 'code-blocks.mjs');
  compile(parser, compiled);
  const { codeBlocksOf, isProgram, matches } = await import(pathToFileURL(compiled).href);
  return names.map((name) => {
    const page = readFileSync(join(folder, 'node_modules', name, 'README.md'), 'utf8');
    const block = codeBlocksOf(name, page).find((one) => isProgram(one) && one.output !== undefined);
    if (block === undefined) throw new Error(`${name}: its README has no program that prints`);
    const stem = `readme-${basename(name)}`;
    const file = `${stem}.${block.language === 'js' ? 'mjs' : block.language}`;
    writeFileSync(join(folder, file), block.code);
    if (block.language === 'ts') compile(join(folder, file), join(folder, `${stem}.mjs`));
    return {
      file,
      compiled: block.language === 'ts' ? `${stem}.mjs` : file,
      prints: (printed) => matches(block.output, printed),
    };
  });
}

/**
 * The commands of a README's first block for the shell: how its reader installs it.
 *
 * @param {string} readme
 * @returns {string[][]} the arguments of npm, a list for each command
 * @throws Error if it holds anything but `npm install`
 */
export function installCommands(readme) {
  const lines =
    readme
      .match(/^```sh\n([^]*?)^```/m)?.[1]
      ?.trim()
      .split('\n') ?? [];
  return lines.map((line) => {
    if (!/^npm install [\w@/ -]+$/.test(line)) throw new Error(`'${line}' is not an npm install`);
    return line.split(' ').slice(1);
  });
}

/** A program with timers is run again where a busy machine made it late. */
const ATTEMPTS = 3;

/**
 * Runs a first program; an error says what it printed instead.
 *
 * @param {string} folder
 * @param {readonly string[]} command
 * @param {FirstProgram} program
 */
export function runFirstProgram(folder, [command = '', ...args], { prints }) {
  const attempt = () => spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  let { status, stdout, stderr } = attempt();
  for (let left = ATTEMPTS - 1; left > 0 && status === 0 && !prints(stdout); left--) {
    ({ status, stdout, stderr } = attempt());
  }
  if (status !== 0 || !prints(stdout)) {
    throw new Error(`${[command, ...args].join(' ')} ended with ${status} and printed\n${stdout}${stderr}`);
  }
}
