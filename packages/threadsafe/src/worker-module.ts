/** The exported functions of a module, as works for executors. */
import { refuse } from '@aiokit/loop-core';
import type { Work, WorkFunction } from './executor.js';

/** The functions of a module, each making works of its calls. */
export type WorkModule<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K] extends (
    ...args: infer A
  ) => infer R
    ? WorkFunction<A, Awaited<R>>
    : never;
};

interface Host {
  readonly process?: { getBuiltinModule?(id: string): unknown };
}

/** `/path`, `C:\path`, `\\share\path`; anything else has a scheme or is relative. */
const PATH = /^(\/|[a-z]:[\\/]|\\\\)/i;

const WORK = Symbol.for('aiokit.work-function');

/** Whether a function makes works, of any copy. */
export const isWorkFunction = (value: object): boolean => WORK in value;

function addressOf(location: string | { readonly href: string } | undefined): string {
  if (location === undefined) return '';
  const text = typeof location === 'string' ? location : location?.href;
  if (typeof text !== 'string') refuse('location', 'a URL or an absolute path', location);
  if (PATH.test(text)) {
    const url = (globalThis as Host).process?.getBuiltinModule?.('url');
    const { pathToFileURL } = url as { readonly pathToFileURL: (path: string) => { readonly href: string } };
    return pathToFileURL(text).href;
  }
  if (!/^[a-z][\w+.-]+:/i.test(text)) refuse('location', 'a URL or an absolute path', location, RangeError);
  return text;
}

/**
 * The exported functions of a module, to be run by executors.
 *
 * Nothing is loaded here. Under CommonJS give it a path: `path.join(__dirname, 'work.js')`. With a bundler see `serveWork`.
 *
 * @param location the module: `new URL('./work.js', import.meta.url)`, or an absolute path; none for what `serveWork` serves
 * @returns an object with a function for each name, typed as the module's
 * @throws TypeError or RangeError if it is neither
 * @example
 * const work = workerModule<typeof import('./work.js')>(new URL('./work.js', import.meta.url));
 * await toThread(work.hash, 'text');
 * @source THREAD-10 · no CPython counterpart: its threads share functions
 */
export function workerModule<M extends object>(location?: string | { readonly href: string }): WorkModule<M> {
  const module = addressOf(location);
  const made = new Map<PropertyKey, WorkFunction<unknown[], unknown>>();
  return new Proxy({} as WorkModule<M>, {
    get(_, name) {
      // What is awaited, or printed, is asked for these.
      if (typeof name !== 'string' || name === 'then' || name === 'toJSON') return undefined;
      let found = made.get(name);
      if (!found) {
        const make = (...args: unknown[]): Work<unknown> => ({ module, name, args });
        found = Object.defineProperties(make, { [WORK]: { value: true }, name: { value: name } });
        made.set(name, found);
      }
      return found;
    },
  });
}
