/** The links of the built site, their anchors and those of its components included. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const decoded = (text) => decodeURIComponent(text.replaceAll('&amp;', '&'));
const all = (html, pattern) => [...html.matchAll(pattern)].map(([, text]) => decoded(text));

/**
 * Links that lead nowhere, each as `page: link`.
 *
 * @param {string} folder the built site
 * @returns {string[]}
 */
export function deadLinksOf(folder) {
  const pages = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.html') && name !== '404.html')
      .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')]),
  );
  const ids = new Map([...pages].map(([page, html]) => [page, new Set(all(html, / id="([^"]*)"/g))]));
  const isDead = (page, link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor = ''] = link.split('#');
    let target = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path);
    if (path === '') target = page;
    if (/(^|\/)$/.test(target)) target += 'index.html';
    if (!pages.has(target)) return !existsSync(join(folder, target));
    // The hash of the playground is a program.
    return anchor !== '' && target !== 'playground.html' && !ids.get(target)?.has(anchor);
  };
  return [...pages].flatMap(([page, html]) =>
    [...new Set(all(html, /<a [^>]*href="([^"]*)"/g))]
      .filter((link) => isDead(page, link))
      .map((link) => `${page}: ${link}`),
  );
}

/**
 * TypeDoc numbers the anchors of names that come twice, and some that do not.
 *
 * @param {string} text a page of the reference
 */
export function mendAnchors(text) {
  const counts = new Map();
  for (const [, heading] of text.matchAll(/^#+ (.*)$/gm)) {
    const slug = heading.toLowerCase().replace(/[^\w-]/g, '');
    counts.set(slug, (counts.get(slug) ?? 0) + 1);
  }
  return text.replace(/\(#([\w-]+)-(\d+)\)/g, (whole, slug, number) => {
    const count = counts.get(slug) ?? 0;
    return count > 0 && count <= Number(number) ? `(#${slug})` : whole;
  });
}
