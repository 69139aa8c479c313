/** The programs of the matrix: files in the folder of a user, who has installed all packages there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { EXPECTED, USING } from './uses.mjs';

/** Modules that switch something on when they are loaded: they are loaded last. */
const SWITCHES = /\/(auto|register)$/;
const NEEDS_NODE = /\/node$/;

const usesPath = fileURLToPath(new URL('uses.mjs', import.meta.url));

/**
 * @typedef {object} Consumer
 * @property {string} folder
 * @property {readonly import('../pack.mjs').Installed[]} installed
 */

/** The specifiers of a host, those that switch something on apart. */
function specifiersOf({ installed }, host) {
  const all = installed
    .flatMap(({ specifiers }) => specifiers)
    .filter((specifier) => host === 'node' || !NEEDS_NODE.test(specifier));
  return {
    pure: all.filter((specifier) => !SWITCHES.test(specifier)),
    switches: all.filter((specifier) => SWITCHES.test(specifier)),
  };
}

/** What follows the imports: `modules` holds them by specifier; `report` is what takes the result. */
const body = (switches, load, report) => `
const names = Object.fromEntries(
  Object.entries(modules).map(([specifier, exported]) => [specifier, Object.keys(exported).sort().join()]),
);
void (async () => {
  const order = await use(modules.aiokit, modules['aiokit/virtual']);
  for (const specifier of ${JSON.stringify(switches)}) {
    names[specifier] = Object.keys(await ${load}(specifier)).sort().join();
  }
  return JSON.stringify({ names, order });
})().then(${report}, (error) => ${report}(JSON.stringify({ error: String(error?.stack ?? error) })));
`;

/**
 * The program as an ES module for a host: `node` (Deno and Bun too) or `web`. What switches something on is imported
 * by name, so that a bundler finds it.
 */
function esm(consumer, host, report) {
  const { pure, switches } = specifiersOf(consumer, host);
  const imports = pure.map((specifier, at) => `import * as m${at} from '${specifier}';`);
  const modules = pure.map((specifier, at) => `'${specifier}': m${at}`);
  const loads = switches.map((specifier) => `'${specifier}': () => import('${specifier}')`);
  return [
    ...imports,
    "import { use } from './uses.mjs';",
    `const modules = { ${modules.join(', ')} };`,
    `const loads = { ${loads.join(', ')} };`,
    body(switches, '((specifier) => loads[specifier]())', report),
  ].join('\n');
}

function cjs(consumer) {
  const { pure, switches } = specifiersOf(consumer, 'node');
  const modules = pure.map((specifier) => `'${specifier}': require('${specifier}')`);
  return [
    "const { use } = require('./uses.cjs');",
    `const modules = { ${modules.join(', ')} };`,
    body(switches, 'require', 'console.log'),
  ].join('\n');
}

/** Types of what a user writes, for any module setting. */
const typed = ({ installed }) => `
${installed
  .flatMap(({ specifiers }) => specifiers)
  .map((specifier, at) => `export * as m${at} from '${specifier}';`)
  .join('\n')}
import * as asyncio from 'aiokit';
import { Lock, type Permit } from '@aiokit/sync-primitives';
import { Queue } from '@aiokit/queue';
import { type Coroutine, createTask, gather, run, type Task } from '@aiokit/task';

const queue = new Queue<number>(1);
const lock: Lock = new asyncio.Lock();
export function* consume(): Coroutine<string> {
  const permit: Permit = yield* lock.acquire();
  const one: number = yield* queue.get();
  permit.release();
  const [text, flag] = yield* gather(asyncio.sleep(1, 'text'), asyncio.sleep(1, true));
  const both: [string, boolean] = [text, flag];
  return both[0] + one;
}
export async function section(): Promise<number> {
  using permit = await lock.acquire();
  const item: number = await queue.get({ timeoutMs: 10, signal: new AbortController().signal });
  return permit ? item : await lock.with(async () => 1);
}
export const task: Task<string> = createTask(consume());
export const done: Promise<string> = run(consume());
`;

/** Writes all programs into the consumer's folder. */
export function writePrograms(consumer) {
  const write = (name, text) => writeFileSync(join(consumer.folder, name), text);
  const uses = readFileSync(usesPath, 'utf8');
  write('uses.mjs', uses);
  write('uses.cjs', transformSync(uses, { format: 'cjs' }).code);
  write('program.mjs', esm(consumer, 'node', 'console.log'));
  write('program.cjs', cjs(consumer));
  write('web.mjs', esm(consumer, 'web', 'globalThis.report'));
  write('using.mjs', USING);
  const options = { format: 'esm', target: 'es2022' };
  write('using-lowered.mjs', transformSync(USING, /** @type {any} */ (options)).code);
  for (const extension of ['mts', 'cts', 'ts']) write(`types.${extension}`, typed(consumer));
}

/**
 * Checks the line that a program gave.
 *
 * @param {Consumer} consumer
 * @param {string} line
 */
export function check({ names }, line) {
  const result = JSON.parse(line);
  if (result.error !== undefined) throw new Error(result.error);
  const order = JSON.stringify(result.order);
  if (order !== JSON.stringify(EXPECTED)) throw new Error(`the order of events is ${order}`);
  for (const [specifier, exported] of Object.entries(result.names)) {
    if (exported !== names[specifier])
      throw new Error(`${specifier} exports '${exported}', not '${names[specifier]}'`);
  }
}
