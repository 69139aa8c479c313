/** Where the runtimes are: this Node, those that `pnpm runtimes` installed, and Python. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const installed = new URL('../runtimes/', import.meta.url);
const major = (version) => Number(version.split('.')[0]);

/** This Node first, then those of `runtimes/package.json` of other major versions; `path` is absent if not installed. */
export function nodes() {
  const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', installed), 'utf8'));
  const others = Object.entries(optionalDependencies).map(([name, specifier]) => {
    const path = fileURLToPath(new URL(`node_modules/${name}/bin/node`, installed));
    const version = specifier.slice(specifier.lastIndexOf('@') + 1);
    return { version, major: major(version), ...(existsSync(path) ? { path } : {}) };
  });
  const { node: version } = process.versions;
  const own = { version, major: major(version), path: process.execPath };
  return [own, ...others.filter((other) => other.major !== own.major)].sort((a, b) => a.major - b.major);
}

/** The command for Python 3; undefined if there is none. */
export function python() {
  for (const command of ['python3', 'python']) {
    try {
      const version = execFileSync(command, ['--version'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (version.startsWith('Python 3')) return command;
    } catch {}
  }
  return undefined;
}
