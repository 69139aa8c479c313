/** What the READMEs say that an import costs, it does not exceed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measure } from '../measure.mjs';

const packages = join(import.meta.dirname, '../../../packages');

/** Rows such as "| `createTask`, `sleep` | 8.2 |" below the heading "| import | kB |". */
const rows = readdirSync(packages).flatMap((name) => {
  const page = readFileSync(join(packages, name, 'README.md'), 'utf8');
  const [, table = ''] = page.split('\n| import | kB |\n');
  return [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (`.*`) \| ([\d.]+) \|$/gm)].map(
    ([, names = '', kilobytes]) => ({
      specifier: name === 'aiokit' ? name : `@aiokit/${name}`,
      names: names.replaceAll('`', '').split(', '),
      kilobytes: Number(kilobytes),
    }),
  );
});

test('there are such rows', () => {
  expect(rows.length).toBeGreaterThan(5);
});

test.each(rows)('$names of $specifier cost no more than $kilobytes kB', ({ specifier, names, kilobytes }) => {
  expect(measure({ [specifier]: names })).toBeLessThanOrEqual(kilobytes * 1000);
});
