/** What survives StrykerJS is explained, one by one, about lines that are there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Survivor {
  readonly key: string;
  readonly reason: string;
}

const survivors = JSON.parse(
  readFileSync(fileURLToPath(new URL('../survivors.json', import.meta.url)), 'utf8'),
) as readonly Survivor[];

test('each survivor is explained once', () => {
  const keys = survivors.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { reason } of survivors) expect(reason).toMatch(/^[A-Z].{8,}\.$/);
});

test.each(survivors)('is about a line that is there: $key', ({ key }) => {
  const [path = '', mutator = '', ...rest] = key.split(' | ');
  const [name, ...file] = path.split('/');
  const source = readFileSync(
    fileURLToPath(new URL(`../../../packages/${name}/${file.join('/')}`, import.meta.url)),
    'utf8',
  );
  const lines = source.split('\n').map((line) => line.trim());
  expect(mutator).toMatch(/^[A-Z][A-Za-z]+$/);
  expect(lines.some((line) => line !== '' && rest.join(' | ').startsWith(`${line} | `))).toBe(true);
});
