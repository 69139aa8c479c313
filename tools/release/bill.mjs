/** A bill of materials: what a user has who installs a package. CycloneDX, as npm makes it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The bill of what is installed in a folder, without where it was installed from. npm wants the folder to have a version.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
export function billOf(folder, env) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ name: 'user', version: '0.0.0', ...manifest }));
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=library'];
  const bill = JSON.parse(
    execFileSync('npm', args, { cwd: folder, env, encoding: 'utf8', shell: process.platform === 'win32' }),
  );
  const components = bill.components.map((component) => {
    const { externalReferences: references = [], ...others } = component;
    return { ...others, externalReferences: references.filter(({ type }) => type !== 'distribution') };
  });
  bill.metadata.component.name = 'user';
  return { ...bill, components };
}

/** Components that are not of the family. */
export const strangersIn = ({ components }) =>
  components.map(({ name }) => name).filter((name) => name !== 'aiokit' && !name.startsWith('@aiokit/'));
