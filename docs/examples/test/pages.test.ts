/** Every program of every page is compiled, checked for types, run against the built packages, and its output compared. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../compile.mjs';
import { type CodeBlock, codeBlocksOf, deadLinks, isProgram, matches, pages, root } from './code-blocks.ts';

const CLOCK = pathToFileURL(join(import.meta.dirname, 'steady-clock.mjs')).href;
const folder = join(import.meta.dirname, '../dist/pages');
const all = pages();
/** Pages whose programs are not run here. */
const ELSEWHERE: Record<string, string> = {
  'docs/performance.md': 'a workload, which the bench runs and compares with the others',
};
const blocks = all
  .filter(({ page }) => !page.startsWith('docs/decisions/'))
  .flatMap(({ page, text }) => codeBlocksOf(page, text))
  .map((block) => ({ ...block, notRun: block.notRun ?? ELSEWHERE[block.page] }));
const programs = blocks.filter((block) => isProgram(block) && block.notRun === undefined);
const commands = blocks.filter(({ language }) => language === 'sh');
const others = blocks.filter(
  (block) => !programs.includes(block) && !commands.includes(block) && !block.isOutput,
);

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

test('a block that is not run says why', () => {
  const silent = others.filter(({ notRun }) => notRun === undefined);
  expect(silent.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  const list = others.map(({ page, line, notRun }) => `${page}:${line} ${notRun}`);
  console.log(
    `${programs.length} programs of pages are run, ${list.length} blocks are not:\n${list.join('\n')}`,
  );
});

/** Names of what is installed by the commands of a block. */
const installed = ({ code }: CodeBlock): string[] =>
  [...code.matchAll(/^npm (?:install|i) (.*)$/gm)].flatMap(([, names = '']) =>
    names
      .replace(/#.*$/, '')
      .split(/\s+/)
      .filter((name) => name !== '' && !name.startsWith('-')),
  );

/** What each of our packages depends on, by its name. */
const dependencies = new Map(
  readdirSync(join(root, 'packages')).map((folderName) => {
    const text = readFileSync(join(root, 'packages', folderName, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as { name: string; dependencies?: Record<string, string> };
    return [manifest.name, Object.keys(manifest.dependencies ?? {})] as const;
  }),
);

test('what pages install is there', () => {
  const unknown = commands.flatMap((block) =>
    installed(block)
      .filter((name) => /^(@?aiokit)/.test(name) && !dependencies.has(name))
      .map((name) => `${block.page}:${block.line} ${name}`),
  );
  expect(unknown).toEqual([]);
});

test.each(all.filter(({ page }) => /^packages\/\w.*\/README\.md$/.test(page)))(
  'what programs of $page import is installed by it',
  ({ page }) => {
    const named = commands.filter((block) => block.page === page).flatMap(installed);
    const there = new Set(named.flatMap((name) => [name, ...(dependencies.get(name) ?? [])]));
    const imported = programs
      .filter((block) => block.page === page)
      .flatMap(({ code }) =>
        [...code.matchAll(/from '((?:@aiokit\/)?[\w-]+)/g)].map(([, name = '']) => name),
      );
    expect(imported.filter((name) => /^@?aiokit/.test(name) && !there.has(name))).toEqual([]);
  },
);

test.each(all)('links of $page lead somewhere', ({ page, text }) => {
  expect(deadLinks(page, text)).toEqual([]);
});
