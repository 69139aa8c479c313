/** Builds the page of `threads-page/` with vite, and serves it: `node page.mjs [--bare]`. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { runsAsScript } from '../../tools/repo/workspace.mjs';
import { build } from 'vite';

const output = join(import.meta.dirname, 'dist/threads-page');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };
/** What a page needs for memory that it shares with workers. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Builds the page as a user's bundler would. */
export async function buildPage() {
  await build({
    root: join(import.meta.dirname, 'threads-page'),
    base: './',
    logLevel: 'error',
    build: { outDir: output, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, minify: false },
    worker: { format: 'es' },
  });
}

/**
 * Serves it.
 *
 * @param {{ readonly bare?: boolean, readonly port?: number }} options without the headers; the port, any if absent
 * @returns the address, and what ends it
 */
export async function servePage({ bare = false, port = 0 } = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = normalize(pathname === '/' ? '/index.html' : pathname);
    readFile(join(output, path)).then(
      (data) => {
        const type = TYPES[extname(path)] ?? 'application/octet-stream';
        response.writeHead(200, { 'Content-Type': type, ...(bare ? {} : HEADERS) }).end(data);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${address.port}/`, end: () => server.close() };
}

if (runsAsScript(import.meta.url)) {
  const bare = process.argv.includes('--bare');
  await buildPage();
  const { url } = await servePage({ bare, port: 8000 });
  console.log(`${url} ${bare ? 'without' : 'with'} the headers that shared memory needs; Ctrl-C ends it`);
}
