import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deadLinksOf, mendAnchors } from '../links.mjs';

function deadLinks(links: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  try {
    mkdirSync(join(folder, 'guide'));
    const body = links.map((link) => `<a class="x" href="${link}">`).join('');
    writeFileSync(join(folder, 'guide/one.html'), `<h2 id="here">${body}`);
    writeFileSync(join(folder, 'index.html'), '<h2 id="l%C3%A4ngs" class="x">');
    writeFileSync(join(folder, 'playground.html'), '');
    writeFileSync(join(folder, 'mark.svg'), '');
    return deadLinksOf(folder).map((line) => line.replace('guide/one.html: ', ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('links to pages, files, anchors and other sites are alive', () => {
  const links = [
    '#here',
    '/',
    '/index.html',
    '../index.html',
    '../index.html#längs',
    '/mark.svg',
    '/guide/one.html#here',
  ];
  expect(deadLinks([...links, 'https://nodejs.org', '/playground.html#preset=abba&amp;schedule=1'])).toEqual(
    [],
  );
});

test('links to what is not there are dead', () => {
  const links = ['#there', '/none.html', 'index.html', '../index.html#here', '/guide/'];
  expect(deadLinks(links)).toEqual(links);
});

test('a number that no heading has is taken off an anchor', () => {
  const text = '## A\n### B\n### B\n[a](#a-1) [b](#b-1) [b](#b-2) [c](#c-1)';
  expect(mendAnchors(text)).toBe('## A\n### B\n### B\n[a](#a) [b](#b-1) [b](#b) [c](#c-1)');
});
