/** The table of packages in the root README: a row for each, with a link and what all of it costs. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { measureProgram } from './measure.mjs';

/** @typedef {{ name: string, folder: string, description: string, bytes: number }} PackageSize */

/**
 * @param {readonly string[]} folders of packages
 * @returns {PackageSize[]}
 */
export const packageSizes = (folders) =>
  folders.map((path) => {
    const { name, description } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return { name, description, folder: basename(path), bytes: measureProgram(`export * from '${name}';`) };
  });

/** Kilobytes as the README shows them: rounded up to a tenth. */
export const kilobytes = (bytes) => (Math.ceil(bytes / 100) / 10).toFixed(1);

const HEAD = '| package | all of it, kB | holds |\n| --- | --- | --- |\n';
const linkOf = ({ name, folder }) => `[\`${name}\`](packages/${folder})`;

/**
 * The README with the sizes as they are. A package that has no row gets one, with its description.
 *
 * @param {string} readme
 * @param {readonly PackageSize[]} sizes
 */
export function withSizes(readme, sizes) {
  const start = readme.indexOf(HEAD);
  if (start < 0) throw new Error('README.md has no table of packages');
  const body = readme.slice(start + HEAD.length);
  const rows = body.slice(0, body.indexOf('\n\n')).split('\n');
  const rest = body.slice(body.indexOf('\n\n'));
  const row = (size, holds) => `| ${linkOf(size)} | ${kilobytes(size.bytes)} | ${holds} |`;
  const kept = rows.flatMap((line) => {
    const [, link = '', , holds = ''] = line.split(' | ').join('|').split('|');
    const size = sizes.find((one) => link.trim() === linkOf(one));
    return size ? [row(size, holds.trim())] : [];
  });
  const added = sizes.filter((size) => !rows.some((line) => line.includes(`(packages/${size.folder})`)));
  return (
    readme.slice(0, start) +
    HEAD +
    [...kept, ...added.map((size) => row(size, size.description))].join('\n') +
    rest
  );
}
