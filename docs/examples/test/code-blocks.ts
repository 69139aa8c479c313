/**
 * The code blocks of a page and what they print. A block of `ts`, `js` or `cjs` is a whole program; what it prints stands in
 * its comments `// prints: …`, or in the `text` block that follows. In both, `…` stands for anything. Any other block is of
 * `sh`, or says by a comment `<!-- not run: … -->` before it why it is not run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

export interface CodeBlock {
  /** Path of the page from the root of the workspace. */
  readonly page: string;
  /** Line of the fence. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What it prints; undefined where nothing says so. */
  readonly output: string | undefined;
  /** Whether it is the output of the program before it. */
  readonly isOutput: boolean;
  /** Why it is not run; undefined where nothing says so. */
  readonly notRun: string | undefined;
}

const RUN = /^(ts|js|cjs)$/;
const FENCE = /^(`{3,})(\S*)[^\n]*\n([\s\S]*?)^\1 *$/gm;

/** The comment right before a fence. */
const NOT_RUN = /<!-- not run: ((?:(?!-->).)+) -->\s*$/;

/** Whether blocks of the language are programs. */
export const isProgram = ({ language }: CodeBlock): boolean => RUN.test(language);

/** The code blocks of a page in order. */
export function codeBlocksOf(page: string, text: string): CodeBlock[] {
  const lines = text.replaceAll('\r\n', '\n');
  const fences = [...lines.matchAll(FENCE)];
  const between = (one?: RegExpExecArray, other?: RegExpExecArray) =>
    one && other && lines.slice(one.index + one[0].length, other.index).trim();
  const isProgramAt = (fence?: RegExpExecArray) => RUN.test(fence?.[2] ?? '');
  return fences.map((fence, index) => {
    const [, , language = '', code = ''] = fence;
    const next = fences[index + 1];
    const before = fences[index - 1];
    const printed = [...code.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
    const follows = next?.[2] === 'text' && between(fence, next) === '';
    return {
      page,
      line: lines.slice(0, fence.index).split('\n').length,
      language,
      code,
      output: printed || (follows ? next[3] : undefined),
      isOutput: language === 'text' && isProgramAt(before) && between(before, fence) === '',
      notRun: NOT_RUN.exec(lines.slice(0, fence.index))?.[1],
    };
  });
}

/** Whether a program printed what its block says. */
export function matches(output: string, printed: string): boolean {
  const pattern = output
    .split('…')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('[^]*?');
  return new RegExp(`^${pattern}$`).test(printed);
}

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|\..*)$/.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownBelow(path);
    return entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md' ? [path] : [];
  });
}

/** Every page for users: the READMEs of the workspace and of its packages, and what is below docs/. */
export function pages(): { readonly page: string; readonly text: string }[] {
  const paths = [
    join(root, 'README.md'),
    ...['docs', 'packages'].flatMap((name) => markdownBelow(join(root, name))),
  ];
  return paths.map((path) => ({
    page: relative(root, path).split(sep).join('/'),
    text: readFileSync(path, 'utf8'),
  }));
}

/** The headings of a page as anchors. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

/** The relative links of a page that lead nowhere; code has none. */
export function deadLinks(page: string, text: string): string[] {
  const prose = text.replace(/^(`{3,})[^]*?^\1$/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(root, page) : resolve(root, page, '..', path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}
