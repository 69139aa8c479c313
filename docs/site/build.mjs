/** `build` writes the site to dist/site; `dev` serves it, and follows changes of the pages. */
import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { build, createServer } from 'vitepress';
import { deadLinksOf } from './links.mjs';
import { writeReference } from './reference.mjs';
import { root, siteOf, sources, stage, staged, stageOne } from './staging.mjs';

const site = import.meta.dirname;

stage();
await writeReference(
  join(staged, 'api'),
  readdirSync(join(root, 'packages')),
  join(staged, 'api/navigation.json'),
);

if (process.argv[2] === 'dev') {
  const server = await createServer(site, { port: 5173 });
  await server.listen();
  server.printUrls();
  for (const folder of ['docs', 'packages']) {
    watch(join(root, folder), { recursive: true }, (_event, name) => {
      const path = `${folder}/${String(name).replaceAll('\\', '/')}`;
      if (siteOf(path) !== undefined && sources().includes(path)) stageOne(path);
    });
  }
} else {
  await build(site);
  const dead = deadLinksOf(join(site, 'dist/site'));
  for (const link of dead) console.error(`dead link: ${link}`);
  if (dead.length > 0) process.exitCode = 1;
}
