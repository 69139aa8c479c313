import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { staged } from '../staging.mjs';

/** Entries of a menu whose pages are there. */
const present = (items) =>
  items.filter(({ link }) =>
    existsSync(join(staged, link === '/' ? 'index.md' : `${link.replace(/\/$/, '/index')}.md`)),
  );

/** Entries for the pages of a folder that a menu does not have, by their headings. */
function unlisted(folder, menu) {
  const listed = new Set(menu.flatMap(({ items }) => items.map(({ link }) => link)));
  return readdirSync(join(staged, folder))
    .filter((file) => file.endsWith('.md') && file !== 'index.md')
    .map((file) => ({ file, link: `/${folder}/${file.replace(/\.md$/, '')}` }))
    .filter(({ link }) => !listed.has(link))
    .map(({ file, link }) => {
      const [, heading] = /^# (.*)$/m.exec(readFileSync(join(staged, folder, file), 'utf8')) ?? [];
      return { text: heading ?? file, link };
    });
}

const guide = [
  {
    text: 'Begin',
    items: present([
      { text: 'Quick start', link: '/guide/quick-start' },
      { text: 'Getting started', link: '/guide/getting-started' },
      { text: 'Choosing a primitive', link: '/guide/choosing' },
      { text: 'Playground', link: '/playground' },
    ]),
  },
  {
    text: 'Guide',
    items: present([
      { text: 'Cancellation', link: '/guide/cancellation' },
      { text: 'Timeouts', link: '/guide/timeouts' },
      { text: 'Structured concurrency', link: '/guide/structured-concurrency' },
      { text: 'Testing', link: '/guide/testing' },
      { text: 'Debugging', link: '/guide/debugging' },
      { text: 'Threads', link: '/guide/threads' },
      { text: 'Your own loop', link: '/guide/your-own-loop' },
    ]),
  },
  {
    text: 'Coming from',
    items: present([
      { text: 'asyncio', link: '/guide/from-asyncio' },
      { text: 'async-mutex, async-lock', link: '/guide/from-async-mutex' },
      { text: 'async-sema', link: '/guide/from-async-sema' },
      { text: 'p-queue, fastq', link: '/guide/from-p-queue' },
      { text: 'p-limit', link: '/guide/from-p-limit' },
      { text: 'es-toolkit', link: '/guide/from-es-toolkit' },
    ]),
  },
  {
    text: 'Packages',
    items: present(
      [
        'aiokit',
        'task',
        'sync-primitives',
        'queue',
        'future',
        'threadsafe',
        'testing',
        'debug',
        'loop-core',
      ].map((name) => ({ text: name === 'aiokit' ? name : `@aiokit/${name}`, link: `/packages/${name}` })),
    ),
  },
  {
    text: 'Trust',
    items: present([
      { text: 'Semantics', link: '/semantics/' },
      { text: 'Proof', link: '/proof' },
      { text: 'Performance', link: '/performance' },
      { text: 'Decisions', link: '/decisions/' },
      { text: 'Upgrading', link: '/guide/upgrading' },
    ]),
  },
];

const semantics = [
  {
    text: 'Semantics',
    items: present([
      { text: 'How to read it', link: '/semantics/' },
      { text: 'Differences from asyncio', link: '/semantics/differences' },
      { text: 'Errors', link: '/semantics/errors' },
      { text: 'Event loop', link: '/semantics/event-loop' },
      { text: 'Wait queue', link: '/semantics/wait-queue' },
      { text: 'Future', link: '/semantics/future' },
      { text: 'Task', link: '/semantics/task' },
      { text: 'Locks', link: '/semantics/sync-primitives' },
      { text: 'Queues', link: '/semantics/queue' },
      { text: 'Threads', link: '/semantics/threadsafe' },
      { text: 'Debug mode', link: '/semantics/debug' },
      { text: 'Testing', link: '/semantics/testing' },
    ]),
  },
];

guide[1].items.push(...unlisted('guide', guide));
semantics[0].items.push(...unlisted('semantics', semantics));

/** The tree of TypeDoc as a menu. */
function reference(nodes) {
  return nodes.map(({ title, path, children }) => ({
    text: title,
    ...(path ? { link: `/api/${path.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}` } : {}),
    ...(children ? { items: reference(children), collapsed: true } : {}),
  }));
}
const navigation = join(staged, 'api/navigation.json');
const api = existsSync(navigation) ? reference(JSON.parse(readFileSync(navigation, 'utf8'))) : [];

export default defineConfig({
  title: 'aiokit',
  titleTemplate: ':title · aiokit',
  description: "Python's asyncio for TypeScript, as small packages.",
  lang: 'en',
  srcDir: 'dist/pages',
  outDir: 'dist/site',
  cacheDir: 'dist/cache',
  cleanUrls: false,
  base: process.env.DOCS_BASE ?? '/',
  head: [
    [
      'link',
      {
        rel: 'icon',
        href: `data:image/svg+xml,${encodeURIComponent(readFileSync(new URL('./theme/mark.svg', import.meta.url), 'utf8'))}`,
      },
    ],
    ['meta', { name: 'theme-color', content: '#0f6b5c' }],
  ],
  markdown: {
    theme: { light: 'github-light-default', dark: 'github-dark-default' },
    languageAlias: { cjs: 'js', mjs: 'js' },
  },
  vite: {
    resolve: { conditions: ['@aiokit/source', 'module', 'browser', 'development|production'] },
    esbuild: { keepNames: true, target: 'es2022' },
    build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
    optimizeDeps: { esbuildOptions: { target: 'es2022' } },
    worker: { format: 'es' },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/quick-start', activeMatch: '^/(guide|packages)/' },
      { text: 'Playground', link: '/playground' },
      { text: 'Semantics', link: '/semantics/', activeMatch: '^/semantics/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      '/semantics/': semantics,
      '/api/': [{ text: 'API reference', link: '/api/', items: api }],
      '/': guide,
    },
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'MIT licence. Every program on these pages is run by the tests.' },
    externalLinkIcon: true,
  },
});
