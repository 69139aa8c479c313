/** Every program of every page is compiled, checked for types, run against the built packages, and its output compared. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../compile.mjs';
import { type CodeBlock, codeBlocksOf, deadLinks, isProgram, matches, pages, root } from './code-blocks.ts';

const CLOCK = pathToFileURL(join(import.meta.dirname, 'steady-clock.mjs')).href;
const folder = join(import.meta.dirname, '../dist/pages');
const all = pages();
const programs = all
  .filter(({ page }) => !page.startsWith('docs/decisions/'))
  .flatMap(({ page, text }) => codeBlocksOf(page, text))
  .filter(isProgram);

const nameOf = ({ page, line }: CodeBlock) => `${page.replace(/\W+/g, '-')}-${line}`;

/** Runs a command in the folder; what it prints and reports comes in one stream. */
async function execute(name: string, ...args: string[]): Promise<{ status: number | null; printed: string }> {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', output, output] });
  const [status] = (await once(child, 'close')) as [number | null];
  closeSync(output);
  return { status, printed: readFileSync(log, 'utf8') };
}

/** Runs a program as its reader would. */
async function run(block: CodeBlock): Promise<{ status: number | null; printed: string }> {
  const name = nameOf(block);
  const program = join(folder, `${name}.${block.language === 'cjs' ? 'cjs' : 'mjs'}`);
  if (block.language === 'ts') await compile(join(folder, `${name}.ts`), program);
  else writeFileSync(program, block.code);
  return execute(name, '--enable-source-maps', '--import', CLOCK, program);
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const block of programs)
    if (block.language === 'ts') writeFileSync(join(folder, `${nameOf(block)}.ts`), block.code);
});

describe.concurrent('programs of pages', { timeout: 30_000 }, () => {
  test.each(programs.map((block) => ({ title: `${block.page}:${block.line}`, block })))(
    '$title prints what it says',
    async ({ block }) => {
      const { status, printed } = await run(block);
      const output = block.output ?? '';
      expect(matches(output, printed) ? output : printed).toBe(output);
      expect(status).toBe(0);
    },
  );
});

test('the programs of pages are free of type errors', { timeout: 30_000 }, async () => {
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      customConditions: [],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  expect(await execute('types', tsc, '-p', folder, '--pretty', 'false')).toEqual({ status: 0, printed: '' });
});

test.each(all)('links of $page lead somewhere', ({ page, text }) => {
  expect(deadLinks(page, text)).toEqual([]);
});
