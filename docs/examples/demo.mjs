/**
 * Plays the programs of this folder, unchanged, one after the other.
 *
 *     npm run demo                     all of them, in real time
 *     npm run demo -- future-cancel    one
 *     npm run demo -- --list           their names
 *     npm run demo -- --virtual        in virtual time: the same order and timestamps, no waiting
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from './compile.mjs';

const PROGRAMS = ['future-callback', 'future-cancel', 'future-cancel-unchecked', 'callback-exception'];
const OPTIONS = ['--list', '--virtual'];

const folder = import.meta.dirname;
const args = process.argv.slice(2);
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (colours ? `\x1b[1m${text}\x1b[22m` : text);
const sourceOf = (name) => join(folder, name, 'asynctest.ts');

/** The comment that a program begins with: what it is, in one line, and what to look at. */
function commentOf(name) {
  const [comment] = readFileSync(sourceOf(name), 'utf8').match(/^(\/\/.*\r?\n)+/);
  const [title, ...look] = comment
    .replace(/^\/\/ /gm, '')
    .trimEnd()
    .split(/\r?\n/);
  return { title, look };
}

async function play(name) {
  const { title, look } = commentOf(name);
  console.log(`\n${bold(`── ${name}: ${title}`)}\n${look.join('\n')}\n`);
  const program = join(folder, 'dist', `${name}.mjs`);
  await compile(sourceOf(name), program);
  const preload = args.includes('--virtual')
    ? ['--import', pathToFileURL(join(folder, 'virtual-time.mjs')).href]
    : [];
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', ...preload, program], {
    stdio: 'inherit',
  });
  return status === 0;
}

const unknown = args.find((arg) => ![...PROGRAMS, ...OPTIONS].includes(arg));
const named = args.filter((arg) => PROGRAMS.includes(arg));
if (unknown !== undefined) {
  console.error(
    `'${unknown}' is neither a program nor an option; there are ${[...PROGRAMS, ...OPTIONS].join(', ')}`,
  );
  process.exitCode = 1;
} else if (args.includes('--list')) {
  for (const name of PROGRAMS) console.log(`${name.padEnd(26)}${commentOf(name).title}`);
} else {
  for (const name of named.length > 0 ? named : PROGRAMS) {
    if (await play(name)) continue;
    process.exitCode = 1;
    break;
  }
}
