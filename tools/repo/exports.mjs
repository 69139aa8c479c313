/**
 * Derives `exports` of every package from its files: each file directly in src/ is a public subpath, src/internal/ is
 * not. Run as a script it writes them.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageFolders, root, runsAsScript } from './workspace.mjs';

const subpath = (name) => (name === 'index' ? '.' : `./${name}`);

/** Names of the public modules of a package, `index` first. */
function publicModules(folder) {
  const names = readdirSync(join(folder, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name.slice(0, -'.ts'.length))
    .sort();
  return [...names.filter((name) => name === 'index'), ...names.filter((name) => name !== 'index')];
}

function published(name) {
  const esm = { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
  return {
    'module-sync': esm,
    import: esm,
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  };
}

/** The manifest's text with `exports` and `publishConfig.exports` as the package's files demand. */
export function withExports(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const map = (entry) => ({
    ...Object.fromEntries(publicModules(folder).map((name) => [subpath(name), entry(name)])),
    './package.json': './package.json',
  });
  manifest.exports = map((name) => ({ '@aiokit/source': `./src/${name}.ts`, ...published(name) }));
  manifest.publishConfig = { access: 'public', exports: map(published) };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What is out of date. */
export function checkExports(workspace) {
  return packageFolders(workspace)
    .map((folder) => join(folder, 'package.json'))
    .filter((path) => readFileSync(path, 'utf8') !== withExports(dirname(path)))
    .map((path) => `${relative(workspace, path)}: exports are out of date; run \`pnpm exports\``);
}

if (runsAsScript(import.meta.url)) {
  for (const folder of packageFolders(root)) writeFileSync(join(folder, 'package.json'), withExports(folder));
}
