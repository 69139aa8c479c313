/** `pnpm api`: writes the report of each package's public types to `reports/`. A test compares them with what is built. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolders, root, runsAsScript } from '../repo/workspace.mjs';
import { reportOf } from './declarations.mjs';

export const reports = fileURLToPath(new URL('reports/', import.meta.url));

/** The report of a package as it was agreed on; empty if there is none. */
export function agreed(folder) {
  const path = join(reports, `${basename(folder)}.api.md`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/**
 * The lines that differ, removed ones with `-` and added ones with `+`, in the order of the texts.
 *
 * @param {string} before
 * @param {string} after
 */
export function differences(before, after) {
  const [one, other] = [before.split('\n'), after.split('\n')];
  /** Lengths of the longest common subsequences of what is left of both. */
  const common = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  const at = (i, j) => common[i]?.[j] ?? 0;
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row) row[j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines = [];
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      i++;
      j++;
    } else if (j >= other.length || (i < one.length && at(i + 1, j) >= at(i, j + 1)))
      lines.push(`- ${one[i++]}`);
    else lines.push(`+ ${other[j++]}`);
  }
  return lines;
}

if (runsAsScript(import.meta.url)) {
  mkdirSync(reports, { recursive: true });
  const folders = packageFolders(root);
  const wanted = new Set(folders.map((folder) => `${basename(folder)}.api.md`));
  for (const file of readdirSync(reports)) if (!wanted.has(file)) rmSync(join(reports, file));
  for (const folder of folders) {
    const text = reportOf(folder);
    const changes = differences(agreed(folder), text);
    for (const line of changes) console.log(`${basename(folder)}: ${line}`);
    writeFileSync(join(reports, `${basename(folder)}.api.md`), text);
  }
}
