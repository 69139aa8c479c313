/** Every public export alone, against the table of `exports.json`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { packageFolders, root } from '../repo/workspace.mjs';
import { measure } from './measure.mjs';

export const tablePath = new URL('exports.json', import.meta.url);

/** By how much an export may grow before the table must be changed. */
const ROOM = 1.02;

/** @typedef {{ bytes: number, limit: number }} Size */

/**
 * The table as it is checked in: sizes by specifier and name.
 *
 * @returns {Record<string, Record<string, Size>>}
 */
export const readTable = () => (existsSync(tablePath) ? JSON.parse(readFileSync(tablePath, 'utf8')) : {});

/** What a built module exports. It is not run: some modules switch something on. */
function namesOf(file) {
  const { metafile } = buildSync({
    entryPoints: [file],
    format: 'esm',
    write: false,
    metafile: true,
    outdir: '.',
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

/**
 * Names by specifier; what the index of a package has is not counted again for its other subpaths.
 *
 * @returns {[string, string[]][]}
 */
export function publicExports(workspace = root) {
  /** @type {[string, string[]][]} */
  const found = [];
  for (const folder of packageFolders(workspace)) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const seen = new Set();
    for (const [subpath, entry] of Object.entries(manifest.publishConfig.exports)) {
      if (typeof entry === 'string') continue;
      const names = namesOf(join(folder, entry.import.default)).filter((name) => !seen.has(name));
      for (const name of names) seen.add(name);
      if (names.length > 0) found.push([manifest.name + subpath.slice(1), names.sort()]);
    }
  }
  return found;
}

/** The least multiple of ten that leaves room. */
const limitFor = (bytes) => Math.ceil((bytes * ROOM) / 10) * 10;

/**
 * The sizes as they are, each with the limit that the table would give it.
 *
 */
export function measureAll() {
  /** @type {Record<string, Record<string, Size>>} */
  const sizes = {};
  for (const [specifier, names] of publicExports()) {
    sizes[specifier] = {};
    for (const name of names) {
      const bytes = measure({ [specifier]: [name] });
      sizes[specifier][name] = { bytes, limit: limitFor(bytes) };
    }
  }
  return sizes;
}

/**
 * What differs between two tables, as lines: `+` what is new, `-` what is gone, the others with both figures.
 *
 * @param {Record<string, Record<string, Size>>} before
 * @param {Record<string, Record<string, Size>>} after
 */
export function changes(before, after) {
  const keys = (table) =>
    Object.entries(table).flatMap(([specifier, names]) =>
      Object.keys(names).map((name) => `${specifier} ${name}`),
    );
  const at = (table, key) => {
    const [specifier = '', name = ''] = key.split(' ');
    return table[specifier]?.[name];
  };
  return [...new Set([...keys(before), ...keys(after)])].flatMap((key) => {
    const [was, is] = [at(before, key), at(after, key)];
    if (was === undefined) return [`+ ${key}: ${is?.bytes}`];
    if (is === undefined) return [`- ${key}: ${was.bytes}`];
    const more = is.bytes - was.bytes;
    if (more === 0) return [];
    return [
      `  ${key}: ${was.bytes} → ${is.bytes} (${more > 0 ? '+' : ''}${more})${is.bytes > was.limit ? ' over its limit' : ''}`,
    ];
  });
}

/** Changes that the table must be changed for: what is new, gone, over its limit, or far below it. */
export const complaints = (table, sizes) =>
  changes(table, sizes).filter((line) => !line.startsWith(' ') || line.endsWith('over its limit'));
