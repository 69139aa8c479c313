/**
 * The pages of the site, copied from where they are written: what is below docs/, and the READMEs of the packages. Links that
 * lead out of the site become text.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const staged = join(import.meta.dirname, 'dist/pages');

/** Folders of docs/ that hold programs, not pages. */
const NO_PAGES = /^(node_modules|dist|examples|site|\..*)$/;
const ASSET = /\.(svg|png)$/;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NO_PAGES.test(entry.name) ? [] : filesBelow(path);
    return entry.name.endsWith('.md') || ASSET.test(entry.name) ? [path] : [];
  });
}

/** Where a file of the workspace is in the site; undefined if it is not there. Both are paths with `/`. */
export function siteOf(path) {
  if (path === 'README.md') return 'index.md';
  const readme = /^packages\/([\w-]+)\/README\.md$/.exec(path);
  if (readme) return `packages/${readme[1]}.md`;
  const index = { 'docs/decisions': 'decisions/index.md', 'docs/semantics': 'semantics/index.md' }[path];
  if (index) return index;
  const folder = /^packages\/([\w-]+)$/.exec(path);
  if (folder) return `packages/${folder[1]}.md`;
  if (!path.startsWith('docs/') || !(path.endsWith('.md') || ASSET.test(path))) return undefined;
  const page = path.slice('docs/'.length);
  return NO_PAGES.test(page.split('/')[0]) ? undefined : page;
}

const FENCED = /^(`{3,})[^\n]*\n[\s\S]*?^\1 *$|\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/gm;

/** Points the links of a page to where their targets are in the site. */
export function rewriteLinks(path, text) {
  const from = siteOf(path);
  return text.replace(FENCED, (whole, fence, label, target) => {
    if (fence !== undefined || /^([a-z]+:|#|\/)/.test(target)) return whole;
    const [file, anchor] = target.split('#');
    const aim = posix.join(posix.dirname(path), file).replace(/\/$/, '');
    const to = siteOf(aim);
    if (to === undefined) return label.replaceAll('`', '') === aim ? label : `${label} (\`${aim}\`)`;
    let link = posix.relative(posix.dirname(from), to);
    if (!link.startsWith('.')) link = `./${link}`;
    return `[${label}](${link}${anchor === undefined ? '' : `#${anchor}`})`;
  });
}

/** Every page and picture of the site, as paths from the root of the workspace. */
export function sources() {
  const packages = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'README.md'))
    .filter((path) => existsSync(path));
  return [...filesBelow(join(root, 'docs')), ...packages].map((path) =>
    relative(root, path).split(sep).join('/'),
  );
}

/** Copies one of them. */
export function stageOne(path) {
  const to = join(staged, siteOf(path));
  mkdirSync(dirname(to), { recursive: true });
  if (ASSET.test(path)) cpSync(join(root, path), to);
  else writeFileSync(to, rewriteLinks(path, readFileSync(join(root, path), 'utf8')));
}

/** A page that lists the decisions by their headings. */
export function decisionsPage(paths) {
  const rows = paths
    .filter((path) => path.startsWith('docs/decisions/'))
    .sort()
    .map((path) => {
      const [, number, title] = /^# (\d+)\. (.*)$/m.exec(readFileSync(join(root, path), 'utf8'));
      return `| ${number} | [${title}](./${posix.basename(path)}) |`;
    });
  return `# Decisions

Why it is built as it is: what was tried, what it gave, and what lost.

| | |
| --- | --- |
${rows.join('\n')}
`;
}

/** Copies them all, anew. */
export function stage() {
  rmSync(staged, { recursive: true, force: true });
  const paths = sources();
  for (const path of paths) stageOne(path);
  writeFileSync(join(staged, 'decisions/index.md'), decisionsPage(paths));
}
