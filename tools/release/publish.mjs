/**
 * `pnpm release:publish`: publishes every version that the registry does not have, with provenance. It runs in the release
 * workflow and nowhere else; `pnpm release:check` runs the same steps against a registry on this machine.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packAll } from '../consumers/pack.mjs';
import { root, runsAsScript } from '../repo/workspace.mjs';
import { changesets } from './version.mjs';

const run = promisify(execFile);
const shell = process.platform === 'win32';

/** Whether the registry has a version. */
async function isPublished(cwd, env, name, version) {
  try {
    const { stdout } = await run('npm', ['view', `${name}@${version}`, 'version'], { cwd, env, shell });
    return stdout.trim() === version;
  } catch (error) {
    if (/E404/.test(error.stderr)) return false;
    throw error;
  }
}

/** Those that others depend on come first, so that no version is out before what it needs. */
export function inOrder(manifests) {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  const ordered = new Set();
  const visit = (manifest) => {
    for (const name of Object.keys(manifest.dependencies ?? {}))
      if (byName.has(name)) visit(byName.get(name));
    ordered.add(manifest);
  };
  manifests.forEach(visit);
  return [...ordered];
}

/**
 * Packs and publishes what is new.
 *
 * @param {string} workspace
 * @param {object} options
 * @param {string} options.folder an empty folder, for the tarballs
 * @param {NodeJS.ProcessEnv} options.env what npm is started with
 * @param {readonly string[]} [options.flags]
 * @param {(manifest: object) => void} [options.before] may refuse
 * @returns {Promise<string[]>} what was published, as `name@version`
 */
export async function publish(workspace, { folder, env, flags = [], before = () => {} }) {
  const packed = packAll(workspace, folder).map(({ name, folder: source, tarball }) => ({
    ...JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')),
    name,
    tarball,
  }));
  for (const manifest of packed) before(manifest);
  const published = [];
  for (const { name, version, tarball } of inOrder(packed)) {
    if (await isPublished(folder, env, name, version)) continue;
    await run('npm', ['publish', join(folder, tarball), '--access', 'public', ...flags], {
      cwd: folder,
      env,
      shell,
    });
    published.push(`${name}@${version}`);
  }
  return published;
}

/** Why this is not the release workflow; undefined if it is. */
export function refusal(environment) {
  const { GITHUB_ACTIONS: actions, ACTIONS_ID_TOKEN_REQUEST_URL: identity } = environment;
  if (actions === 'true' && identity) return undefined;
  return 'refused: packages are published by the release workflow, which can prove where they come from; `pnpm release:check` tries it on this machine';
}

if (runsAsScript(import.meta.url)) {
  const problem = refusal(process.env);
  if (problem === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'aiokit-publish-'));
    try {
      const published = await publish(root, { folder, env: process.env, flags: ['--provenance'] });
      console.log(published.length === 0 ? 'nothing to publish' : published.join('\n'));
      execFileSync(process.execPath, [changesets, 'tag'], { cwd: root, stdio: 'inherit' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  } else {
    console.error(problem);
    process.exitCode = 1;
  }
}
