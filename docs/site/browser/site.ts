/** The built site, served on loopback, and pages of a browser that show it. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const folder = join(import.meta.dirname, '../dist/site');

/** What a page is shown on. */
export interface Screen {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

export class Site {
  readonly #server: Server;
  readonly #browser: Browser;
  /** What went wrong in the pages that were shown. */
  readonly problems: string[] = [];

  private constructor(server: Server, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async open(): Promise<Site> {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? '', 'http://site').pathname);
      readFile(join(folder, path.endsWith('/') ? `${path}index.html` : path)).then(
        (content) => {
          response.setHeader('content-type', TYPES[extname(path) || '.html'] ?? 'application/octet-stream');
          response.end(content);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // As root, which a container often is, Chromium needs it.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    return new Site(server, browser);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Shows a page. What it asks for elsewhere counts as a problem. */
  async show(path: string, { width = 1280, height = 860, dark = false }: Screen = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.problems.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`${path}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.address)) {
        this.problems.push(`${path}: asks for ${request.url()}`);
      }
    });
    await page.goto(this.address + path);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
