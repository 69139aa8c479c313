import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './code-blocks.ts';

const CODES = /(?:\bcode: (?:string = )?|defineError\(\s*'\w+',\s*|\b(?:rule|wrong)\([^;]*?,\s+)'([A-Z_]+)'/g;

const packages = join(root, 'packages');
const sources = readdirSync(packages).flatMap((name) =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(packages, name, 'src', file), 'utf8')),
);

test('docs/semantics/errors.md lists every code, and no other', () => {
  const thrown = sources.flatMap((source) => [...source.matchAll(CODES)].map(([, code]) => code));
  const page = readFileSync(join(root, 'docs/semantics/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\|.*?\|.*?\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect([...new Set(thrown)].sort()).toEqual([...new Set(listed)].sort());
});
