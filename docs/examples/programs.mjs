/** The programs of this folder in the order in which the demo plays them, and the forms that each is written in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const both = ['async', 'generators'];
/** The developing page's programs, which are written as coroutines there. */
const chained = { forms: ['generators', 'async'] };
const one = { forms: ['generators'] };

/**
 * The first form of a program is the one that is played unless another is asked for. Modules are what it has threads load.
 *
 * @type {Record<string, { readonly forms: readonly string[], readonly host?: boolean, readonly interrupted?: boolean, readonly modules?: readonly string[] }>}
 */
export const PROGRAMS = {
  'future-callback': { forms: [...both, 'callbacks'] },
  'future-cancel': { forms: both },
  'future-cancel-unchecked': { forms: both },
  event: { forms: both },
  queue: { forms: both },
  'chain-wrong-order': chained,
  'chain-tasks': chained,
  'chain-coroutines': chained,
  'check-early': one,
  'call-soon-set-result': { forms: ['callbacks'] },
  'never-retrieved': one,
  'exception-chained': one,
  'exception-awaited': one,
  'debug-mode': { forms: ['async'], host: true },
  'slow-callback': { forms: ['async'], host: true },
  blocked: { forms: ['async'], host: true },
  timeline: { forms: ['async'], host: true },
  download: { forms: ['async'], host: true },
  threads: { forms: ['async'], host: true, interrupted: true, modules: ['work'] },
  pool: { forms: ['async'], interrupted: true },
};

/** @type {Record<string, string>} */
export const FORMS = { async: 'async functions', generators: 'generators', callbacks: 'callbacks' };

export const OPTIONS = ['--list', '--virtual', ...Object.keys(FORMS).map((form) => `--${form}`)];

/**
 * The file that a program begins in.
 *
 * @param {string} name
 * @param {string} [form] its first if absent
 */
export function sourceOf(name, form = PROGRAMS[name]?.forms[0] ?? '') {
  const below = PROGRAMS[name]?.forms.length === 1 ? name : join(name, form);
  const files = ['asynctest.ts', 'test.ts', `${name}.ts`].map((file) =>
    join(import.meta.dirname, below, file),
  );
  return /** @type {string} */ (files.find((file) => existsSync(file)));
}
