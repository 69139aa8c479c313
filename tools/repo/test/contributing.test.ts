import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../workspace.mjs';

const page = readFileSync(join(root, '.github/CONTRIBUTING.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Commands of pnpm itself that a page may name. */
const OWN = new Set(['install', 'exec', 'pack', 'add']);

/** The commands that the pages name: `pnpm check`, `npm test`, `npm run demo`. */
const commandsOf = (text: string) =>
  [...text.matchAll(/`(?:npx )?(?:pnpm|npm run|npm) (?:run )?([\w:-]+)[^`]*`/g)].map(([, name = '']) => name);

test('every command of the workspace is in the table', () => {
  const rows = [...page.matchAll(/^\| `pnpm ([\w:-]+)`/gm)].map(([, name]) => name);
  expect(new Set(rows)).toEqual(new Set(Object.keys(scripts)));
});

test.each(['README.md', '.github/CONTRIBUTING.md', 'tools/bench/README.md'])(
  'every command that %s names exists',
  (path) => {
    const commands = commandsOf(readFileSync(join(root, path), 'utf8'));
    expect(commands.length).toBeGreaterThan(1);
    expect(commands.filter((name) => !OWN.has(name) && scripts[name] === undefined)).toEqual([]);
  },
);

test('commands are found in a page', () => {
  expect(
    commandsOf('`npm test`, `npx pnpm size --update`, `npm run demo`, `pnpm bench:compare <rev>`'),
  ).toEqual(['test', 'size', 'demo', 'bench:compare']);
});
