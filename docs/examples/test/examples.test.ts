import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..');
const examples = readdirSync(folder).filter((file) => file.endsWith('.mjs') && file !== 'demo.mjs');

test.each(examples)('%s prints what it says it prints', (name) => {
  const path = join(folder, name);
  const expected = [...readFileSync(path, 'utf8').matchAll(/^\/\/ prints: (.*)$/gm)].map(([, line]) => line);
  const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' }).trimEnd().split('\n');
  expect(printed).toEqual(expected);
});
