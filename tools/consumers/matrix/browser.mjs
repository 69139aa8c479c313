/** The cells of Chromium: pages on a server of this machine, which send what their program gives back to it. */
import { build as esbuild } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build as vite } from 'vite';
import { check } from './programs.mjs';

const PATIENCE_MS = 60_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };

function findChromium() {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
}

const REPORT = `globalThis.report = (line) => fetch('/report', { method: 'POST', body: line });
globalThis.onerror = (message) => report(JSON.stringify({ error: String(message) }));
`;
const page = (head) => `<!doctype html><meta charset="utf-8"><script>${REPORT}</script>${head}`;
const module = (src) => `<script type="module" src="${src}"></script>`;

/** Serves a folder; `reported` resolves with what a page sends. */
async function serve(folder) {
  let report = (_line) => {};
  const reported = new Promise((resolve) => {
    report = resolve;
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      let line = '';
      request.on('data', (text) => {
        line += text;
      });
      request.on('end', () => report(line));
      response.end();
      return;
    }
    const file = join(folder, pathname);
    const type = TYPES[extname(file)];
    if (type === undefined || !file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, reported, server };
}

/** Opens a page and waits for what it sends. */
async function visit(folder, chromium, name) {
  const { origin, reported, server } = await serve(folder);
  const profile = mkdtempSync(join(tmpdir(), 'aiokit-chromium-'));
  const browser = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, `${origin}/${name}`], {
    stdio: 'ignore',
    detached: true,
  });
  const closed = once(browser, 'close');
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the page sent nothing')), PATIENCE_MS);
  });
  try {
    return await Promise.race([
      reported,
      late,
      closed.then(() => Promise.reject(new Error('it ended early'))),
    ]);
  } finally {
    clearTimeout(timer);
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
    await closed.catch(() => {});
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A folder of the consumer's that is served; what is installed is found from it. */
function siteOf({ folder }, name, html) {
  const site = join(folder, `site-${name}`);
  mkdirSync(site, { recursive: true });
  writeFileSync(join(site, 'index.html'), page(html));
  return site;
}

const bundle = (consumer, outfile, options = {}) =>
  esbuild({
    entryPoints: [join(consumer.folder, 'web.mjs')],
    bundle: true,
    format: 'esm',
    minify: true,
    outfile,
    logLevel: 'warning',
    ...options,
  });

async function viaEsbuild(consumer) {
  const site = siteOf(consumer, 'esbuild', module('web.js'));
  await bundle(consumer, join(site, 'web.js'));
  return site;
}

async function viaVite(consumer) {
  const source = siteOf(consumer, 'vite-source', module('../web.mjs'));
  const site = join(consumer.folder, 'site-vite');
  await vite({
    root: source,
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { outDir: site, emptyOutDir: true },
  });
  return site;
}

/** Nothing is bundled: the page names each specifier's file. */
function viaImportMap(consumer) {
  const imports = {};
  for (const { name } of consumer.installed) {
    const { exports } = JSON.parse(
      readFileSync(join(consumer.folder, 'node_modules', name, 'package.json'), 'utf8'),
    );
    for (const [subpath, entry] of Object.entries(exports)) {
      if (entry.import) imports[name + subpath.slice(1)] = `/node_modules/${name}/${entry.import.default}`;
    }
  }
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  writeFileSync(join(consumer.folder, 'index.html'), page(map + module('web.mjs')));
  return consumer.folder;
}

async function viaWorker(consumer) {
  const start = `<script>
    const worker = new Worker('worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => report(data);
    worker.onerror = ({ message }) => report(JSON.stringify({ error: message }));
  </script>`;
  const site = siteOf(consumer, 'worker', start);
  await bundle(consumer, join(site, 'worker.js'), {
    define: { 'globalThis.report': 'globalThis.postMessage' },
  });
  return site;
}

async function viaServiceWorker(consumer) {
  const start = `<script>
    navigator.serviceWorker.onmessage = ({ data }) => report(data);
    navigator.serviceWorker.register('worker.js', { type: 'module' }).then(async () => {
      (await navigator.serviceWorker.ready).active.postMessage('begin');
    }).catch((error) => report(JSON.stringify({ error: String(error) })));
  </script>`;
  const site = siteOf(consumer, 'service-worker', start);
  const banner = `globalThis.report = (line) => asked.then((client) => client.postMessage(line));
    const asked = new Promise((resolve) => { addEventListener('message', ({ source }) => resolve(source)); });`;
  await bundle(consumer, join(site, 'worker.js'), { banner: { js: banner } });
  return site;
}

const WAYS = {
  'bundled by esbuild': viaEsbuild,
  'bundled by vite': viaVite,
  'unbundled, import map': viaImportMap,
  'web worker': viaWorker,
  'service worker': viaServiceWorker,
};

export function browserCells() {
  const chromium = findChromium();
  return Object.entries(WAYS).map(([way, prepare]) => ({
    host: 'Chromium',
    way,
    path: chromium,
    version: [chromium, '--version'],
    command: [chromium, ...FLAGS, 'index.html'],
    run: async (consumer) => check(consumer, await visit(await prepare(consumer), chromium, 'index.html')),
  }));
}
