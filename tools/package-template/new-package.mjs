/** `pnpm new-package <name>` makes packages/<name> from the template, ready for `pnpm install` and `pnpm check`. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withExports } from '../repo/exports.mjs';
import { root } from '../repo/workspace.mjs';

const template = fileURLToPath(new URL('template', import.meta.url));

function fail(message) {
  console.error(message);
  process.exit(1);
}

const name = process.argv[2] ?? '';
const folder = join(root, 'packages', name);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('usage: pnpm new-package <kebab-case-name>');
if (existsSync(folder)) fail(`packages/${name} is there already`);

const pascal = name.replace(/(^|-)./g, (start) => start.at(-1).toUpperCase());
const rename = (text) => text.replaceAll('package-name', name).replaceAll('PackageName', pascal);

cpSync(template, folder, { recursive: true });
for (const file of readdirSync(folder, { recursive: true })) {
  const path = join(folder, file);
  if (!statSync(path).isFile()) continue;
  writeFileSync(path, rename(readFileSync(path, 'utf8')));
  renameSync(path, join(dirname(path), rename(file.split(/[\\/]/).at(-1))));
}
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
writeFileSync(join(folder, 'package.json'), withExports(folder));
writeFileSync(
  join(root, '.changeset', `${name}-first-release.md`),
  `---\n'@aiokit/${name}': minor\n---\n\nFirst release: one sentence on what it is for.\n`,
);

const consumers = join(root, 'tools', 'consumers', 'package.json');
const manifest = JSON.parse(readFileSync(consumers, 'utf8'));
const dependencies = { ...manifest.devDependencies, [`@aiokit/${name}`]: 'workspace:*' };
manifest.devDependencies = Object.fromEntries(
  Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(consumers, `${JSON.stringify(manifest, null, 2)}\n`);

console.log(`made packages/${name}; next: pnpm install, and write its changeset in .changeset/`);
