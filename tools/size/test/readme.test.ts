/** What the READMEs say that an import costs, it does not exceed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageFolders, root } from '../../repo/workspace.mjs';
import { measure } from '../measure.mjs';
import { kilobytes, packageSizes, withSizes } from '../readme.mjs';

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

describe('the root README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const sizes = packageSizes(packageFolders(root));
  const shown = new Map(
    [...readme.matchAll(/^\| \[`(.*)`\]\(packages\/.*\) \| ([\d.]+) \|/gm)].map(([, name, size]) => [
      name,
      Number(size),
    ]),
  );

  test.each(sizes)('says what all of $name costs', ({ name, bytes }) => {
    const size = shown.get(name) ?? Number.NaN;
    expect(bytes, 'see `pnpm size --update`').toBeLessThanOrEqual(size * 1000);
    expect(bytes, 'see `pnpm size --update`').toBeGreaterThan(size * 950 - 100);
  });

  test('has no other package', () => {
    expect(new Set(shown.keys())).toEqual(new Set(sizes.map(({ name }) => name)));
  });
});

const head = '| package | all of it, kB | holds |\n| --- | --- | --- |\n';

test('the table is brought up to date, and what is written there stays', () => {
  const sizes = [
    { name: '@aiokit/queue', folder: 'queue', description: 'Queues.', bytes: 1001 },
    { name: '@aiokit/new', folder: 'new', description: 'Something new.', bytes: 20_000 },
  ];
  const rows =
    '| [`@aiokit/queue`](packages/queue) | 9.9 | `Queue` |\n| [`@aiokit/old`](packages/old) | 1.0 | gone |';
  expect(withSizes(`before\n\n${head}${rows}\n\nafter\n`, sizes)).toBe(
    `before\n\n${head}| [\`@aiokit/queue\`](packages/queue) | 1.1 | \`Queue\` |\n| [\`@aiokit/new\`](packages/new) | 20.0 | Something new. |\n\nafter\n`,
  );
  expect(() => withSizes('no table', sizes)).toThrow('no table');
});

test('kilobytes are rounded up', () => {
  expect([1000, 1001, 950].map(kilobytes)).toEqual(['1.0', '1.1', '1.0']);
});
