/**
 * Derives `exports` of every package from its files: each file directly in src/ is a public subpath, src/internal/ is
 * not. `--check` only reports what is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolders, root, runsAsScript } from './workspace.mjs';

const subpath = (name) => (name === 'index' ? '.' : `./${name}`);

/** Names of the public modules of a package, `index` first. */
export function publicModules(folder) {
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
export function checkExports(workspace = root) {
  return packageFolders(workspace)
    .filter((folder) => readFileSync(join(folder, 'package.json'), 'utf8') !== withExports(folder))
    .map((folder) => `${folder}/package.json: exports are out of date; run \`pnpm exports\``);
}

if (runsAsScript(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const problems = checkExports();
    for (const problem of problems) console.error(problem);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } else {
    for (const folder of packageFolders()) writeFileSync(join(folder, 'package.json'), withExports(folder));
  }
}
