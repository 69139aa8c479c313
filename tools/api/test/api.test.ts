import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageFolders, root } from '../../repo/workspace.mjs';
import { reportOf } from '../declarations.mjs';
import { agreed, differences } from '../report.mjs';

const folders = packageFolders(root).map((folder) => ({ name: basename(folder), folder }));

test.each(folders)('the public types of $name are those that were agreed on', ({ folder }) => {
  const changes = differences(agreed(folder), reportOf(folder));
  expect(changes, 'run `pnpm api` if they are meant, and let the report be reviewed').toEqual([]);
});

/** The report of a package whose only declaration file, beside `internal.d.ts`, has a text. */
function reportOfText(text: string, internal = 'export {};'): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-api-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'dist'));
  const entry = { import: { types: './dist/index.d.ts' } };
  const manifest = { name: 'box', type: 'module', publishConfig: { exports: { '.': entry } } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'dist/index.d.ts'), text);
  writeFileSync(join(folder, 'dist/internal.d.ts'), internal);
  return reportOf(folder);
}

const box = `/** Holds a value. */
export declare class Box<T> {
  #value;
  private kept;
  get(options?: { copy: boolean }): T;
}
`;

test('a report has declarations without comments and private members', () => {
  const report = reportOfText(box);
  expect(report).toContain('export class Box<T> {');
  expect(report).toContain('#private;');
  expect(report).not.toMatch(/Holds|kept|#value/);
});

test.each([
  ['a parameter that is required now', ['get(options?:', 'get(options:'], /^[-+] .*get\(options/],
  ['another result', ['): T', '): T | undefined'], /^[-+] .*T( \| undefined)?;/],
  ['a method that is gone', ['  get(options?: { copy: boolean }): T;\n', ''], /^- .*/],
  ['a name that is new', ['export', 'export declare const spare: number;\nexport'], /^\+ export const spare/],
])('%s shows', (_title, [before = '', after = ''], line) => {
  const changes = differences(reportOfText(box), reportOfText(box.replace(before, after)));
  expect(changes.length).toBeGreaterThan(0);
  expect(changes.some((change) => line.test(change))).toBe(true);
});

test('what is seen through a public name shows, though it is not exported', () => {
  const text = "import type { Hidden } from './internal.js';\nexport declare const value: Hidden;";
  const one = reportOfText(text, 'export interface Hidden { a: number }');
  const other = reportOfText(text, 'export interface Hidden { a: string }');
  expect(differences(one, other)).toEqual(['-     a: number;', '+     a: string;']);
});

test('a private member does not show', () => {
  expect(differences(reportOfText(box), reportOfText(box.replace('kept', 'other')))).toEqual([]);
});

test('differences are the lines that were removed and added', () => {
  expect(differences('a\nb\nc', 'a\nx\nc\nd')).toEqual(['- b', '+ x', '+ d']);
  expect(differences('same', 'same')).toEqual([]);
});
