/** The first program of each package's README, as a user runs it who has installed the package. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from '../../docs/examples/compile.mjs';

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
  await compile(parser, compiled);
  const { codeBlocksOf, isProgram, matches } = await import(pathToFileURL(compiled).href);
  return Promise.all(
    names.map(async (name) => {
      const page = readFileSync(join(folder, 'node_modules', name, 'README.md'), 'utf8');
      const block = codeBlocksOf(name, page).find(isProgram);
      if (block?.output === undefined)
        throw new Error(`${name}: its README begins with no program that prints`);
      const stem = `readme-${basename(name)}`;
      const file = `${stem}.${block.language === 'js' ? 'mjs' : block.language}`;
      writeFileSync(join(folder, file), block.code);
      if (block.language === 'ts') await compile(join(folder, file), join(folder, `${stem}.mjs`));
      return {
        file,
        compiled: block.language === 'ts' ? `${stem}.mjs` : file,
        prints: (printed) => matches(block.output, printed),
      };
    }),
  );
}

/**
 * Runs a first program; an error says what it printed instead.
 *
 * @param {string} folder
 * @param {readonly string[]} command
 * @param {FirstProgram} program
 */
export function runFirstProgram(folder, [command = '', ...args], { prints }) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0 || !prints(stdout)) {
    throw new Error(`${[command, ...args].join(' ')} ended with ${status} and printed\n${stdout}${stderr}`);
  }
}
