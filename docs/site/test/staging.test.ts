/** The pages of the site, and their links. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { moduleName } from '../reference.mjs';
import { decisionsPage, rewriteLinks, root, siteOf, sources } from '../staging.mjs';

test.each([
  ['docs/index.md', 'index.md'],
  ['docs/guide/timeouts.md', 'guide/timeouts.md'],
  ['docs/plots/queue.svg', 'plots/queue.svg'],
  ['packages/queue/README.md', 'packages/queue.md'],
  ['packages/queue', 'packages/queue.md'],
  ['docs/decisions', 'decisions/index.md'],
  ['README.md', 'index.md'],
  ['docs/examples/test/pages.test.ts', undefined],
  ['docs/site/dist/pages/index.md', undefined],
  ['packages/queue/src/index.ts', undefined],
  ['LICENSE', undefined],
])('%s is %s in the site', (path, page) => {
  expect(siteOf(path)).toBe(page);
});

test('links lead from page to page', () => {
  const text =
    '[q](../../packages/queue/README.md#order) [t](timeouts.md) [h](https://nodejs.org) [a](#here)';
  expect(rewriteLinks('docs/guide/choosing.md', text)).toBe(
    '[q](../packages/queue.md#order) [t](./timeouts.md) [h](https://nodejs.org) [a](#here)',
  );
  expect(rewriteLinks('packages/queue/README.md', '[t](../../docs/guide/timeouts.md)')).toBe(
    '[t](../guide/timeouts.md)',
  );
});

test('a link out of the site is text that says where to look', () => {
  expect(rewriteLinks('docs/guide/a.md', '[the lock](../examples/pool/pool.ts)')).toBe(
    'the lock (`docs/examples/pool/pool.ts`)',
  );
  expect(rewriteLinks('docs/guide/a.md', '[`docs/examples`](../examples)')).toBe('`docs/examples`');
});

test('code is left alone', () => {
  const code = '```ts\nconst one = [f](x);\n```\n';
  expect(rewriteLinks('docs/guide/a.md', code)).toBe(code);
});

const LINK = /\]\((\.[^)\s#]+)/g;
const pages = sources().filter((path) => path.endsWith('.md'));

test.each(pages)('what %s links to is in the site', (path) => {
  const there = new Set([...sources().map(siteOf), 'decisions/index.md']);
  const text = rewriteLinks(path, readFileSync(join(root, path), 'utf8'));
  const folder = posix.dirname(siteOf(path) ?? '');
  const links = [...text.matchAll(LINK)].map(([, link = '']) => posix.join(folder, link));
  expect(links.filter((link) => !there.has(link))).toEqual([]);
});

test('the decisions are listed by their headings', () => {
  expect(decisionsPage(['docs/guide/a.md', 'docs/decisions/0001-build.md'])).toContain(
    '| 1 | [One output file per source file](./0001-build.md) |',
  );
});

test('a module of the reference is called as it is imported', () => {
  expect(moduleName('queue/src')).toBe('@aiokit/queue');
  expect(moduleName('loop-core/src/wait-queue')).toBe('@aiokit/loop-core/wait-queue');
});
