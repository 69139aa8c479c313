/**
 * Plays the programs of this folder, unchanged, one after the other.
 *
 *     npm run demo                                   all of them, in real time
 *     npm run demo -- future-cancel                  one
 *     npm run demo -- future-cancel --generators     in another form: --async, --generators, --callbacks
 *     npm run demo -- page                           the threads as a page for a browser, in which memory is shared
 *     npm run demo -- page --bare                    the same without the headers that this needs
 *     npm run demo -- --list                         their names and forms
 *     npm run demo -- --virtual                      in virtual time: the same order and timestamps, no waiting
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileProgram } from './compile.mjs';
import { FORMS, OPTIONS, PROGRAMS, sourceOf } from './programs.mjs';

const folder = import.meta.dirname;
const args = process.argv.slice(2);
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (colours ? `\x1b[1m${text}\x1b[22m` : text);

/** The comment that a program begins with: what it is, in one line, and what to look at. */
function commentOf(name) {
  const [comment] = readFileSync(sourceOf(name), 'utf8').match(/^(\/\/.*\r?\n)+/);
  const [title, ...look] = comment
    .replace(/^\/\/ /gm, '')
    .trimEnd()
    .split(/\r?\n/);
  return { title, look };
}

/** Ctrl-C is for the program that is played; there is no next one. */
let interrupted = false;

/** The form to play: the one that is asked for if the program has it, else its first. */
const formOf = ({ forms }) => forms.find((form) => args.includes(`--${form}`)) ?? forms[0];

async function play(name, alone) {
  const program = PROGRAMS[name];
  const form = formOf(program);
  const { title, look } = commentOf(name);
  console.log(`\n${bold(`── ${name}: ${title}`)}\n${look.join('\n')}`);
  const others = program.forms.filter((one) => one !== form);
  const commands = others.map((other) => `with ${FORMS[other]}: npm run demo -- ${name} --${other}`);
  if (others.length > 0) console.log(`Written with ${FORMS[form]}; ${commands.join('; ')}`);
  if (program.interrupted && alone) console.log('Press Ctrl-C.');
  console.log();
  const compiled = join(folder, 'dist', `${name}.mjs`);
  await compileProgram(name, form, compiled);
  const preloads = [];
  if (args.includes('--virtual') && !program.host) preloads.push('virtual-time.mjs');
  if (program.interrupted && !alone) preloads.push('interrupt.mjs');
  const imports = preloads.flatMap((file) => ['--import', pathToFileURL(join(folder, file)).href]);
  if (interrupted) return false;
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', ...imports, compiled], {
    stdio: 'inherit',
    env: { ...process.env, ...(program.host && { PRESS_WHEN_ASKED: '1' }) },
  });
  return status === 0;
}

const names = Object.keys(PROGRAMS);
const page = args[0] === 'page';
const unknown = args.find((arg) => ![...names, ...OPTIONS].includes(arg));
const named = args.filter((arg) => names.includes(arg));
if (unknown !== undefined && !page) {
  console.error(
    `'${unknown}' is neither a program nor an option; there are ${[...names, ...OPTIONS].join(', ')}`,
  );
  process.exitCode = 1;
} else if (page) {
  spawnSync(process.execPath, [join(folder, 'page.mjs'), ...args.slice(1)], { stdio: 'inherit' });
} else if (args.includes('--list')) {
  for (const name of names) {
    const { title } = commentOf(name);
    console.log(`${name.padEnd(26)}${PROGRAMS[name].forms.join(', ').padEnd(30)}${title}`);
  }
} else {
  process.on('SIGINT', () => {
    interrupted = true;
  });
  for (const name of named.length > 0 ? named : names) {
    if (await play(name, named.length > 0)) continue;
    process.exitCode = 1;
    break;
  }
}
