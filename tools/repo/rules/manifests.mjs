/** What the published manifests depend on, and what the lockfile must and must not hold. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageFolders } from '../workspace.mjs';
import { mayImport, packageOf } from './imports.mjs';

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function checkManifest(workspace, folder) {
  const name = basename(folder);
  const manifest = JSON.parse(read(join(folder, 'package.json')));
  const problems = [];
  const report = (message) => problems.push(`packages/${name}/package.json: ${message}`);
  for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
    const target = packageOf(dependency);
    if (target === undefined) report(`${dependency} is a runtime dependency outside the workspace`);
    else if (!mayImport(name, target)) report(`${name} must not depend on ${target}`);
    else if (range !== 'workspace:^') report(`${dependency} must be workspace:^, is ${range}`);
  }
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
    if (manifest.peerDependenciesMeta?.[peer]?.optional !== true) report(`the peer ${peer} must be optional`);
  }
  if (read(join(folder, 'LICENSE')) !== read(join(workspace, 'LICENSE')))
    report('LICENSE differs from the root’s');
  if (read(join(folder, 'README.md')) === '') report('README.md is missing');
  return problems;
}

/** Every package is tested as a user has it: packed and installed. */
function checkConsumers(workspace) {
  const { devDependencies = {} } = JSON.parse(read(join(workspace, 'tools/consumers/package.json')) || '{}');
  return packageFolders(workspace)
    .map((folder) => JSON.parse(read(join(folder, 'package.json'))).name)
    .filter((name) => devDependencies[name] === undefined)
    .map((name) => `tools/consumers/package.json: ${name} is not among its devDependencies`);
}

/** Prebuilt binaries come as one optional package per platform; a family found on Linux must be there on all. */
function checkPlatforms(lockfile) {
  const names = new Set(lockfile.match(/(?<=^ {2}'?)@?[\w./-]+(?=@[\d.]+)/gm));
  const families = new Set();
  for (const name of names) {
    const family = name.match(/^(.*[/-])linux-arm64(-gnu)?$/)?.[1];
    if (family !== undefined) families.add(family);
  }
  const has = (family, system) =>
    [...names].some((name) => name.startsWith(family) && system.test(name.slice(family.length)));
  return [...families].flatMap((family) =>
    [/^darwin/, /^win(32|dows)/]
      .filter((system) => !has(family, system))
      .map((system) => `pnpm-lock.yaml: nothing of ${family}* for ${system}`),
  );
}

export function checkManifests(workspace) {
  const lockfile = read(join(workspace, 'pnpm-lock.yaml'));
  const hosts = lockfile
    .split('\n')
    .flatMap((line, at) => (/https?:\/\//.test(line) ? [`pnpm-lock.yaml:${at + 1}: names a host`] : []));
  return [
    ...packageFolders(workspace).flatMap((folder) => checkManifest(workspace, folder)),
    ...checkConsumers(workspace),
    ...hosts,
    ...checkPlatforms(lockfile),
  ];
}
