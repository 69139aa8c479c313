/** Where the runtimes are: this Node, those that `pnpm runtimes` installed, and Python. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const installed = new URL('../runtimes/', import.meta.url);
const { optionalDependencies: runtimes } = JSON.parse(
  readFileSync(new URL('package.json', installed), 'utf8'),
);
const major = (version) => Number(version.split('.')[0]);

/**
 * A runtime of `runtimes/package.json` by the name it has there; `path` is absent if it is not installed.
 *
 * @param {string} name
 * @returns {{ version: string, path?: string }}
 */
export function runtime(name) {
  const specifier = runtimes[name];
  const [program = ''] = ['bin/node', 'bin/bun', 'deno', 'bin/tsc']
    .map((file) => fileURLToPath(new URL(`node_modules/${name}/${file}`, installed)))
    .filter(existsSync);
  const version = specifier.slice(specifier.lastIndexOf('@') + 1);
  return { version, ...(program ? { path: program } : {}) };
}

/** This Node first, then those of `runtimes/package.json` of other major versions; `path` is absent if not installed. */
export function nodes() {
  const others = Object.keys(runtimes)
    .filter((name) => name.startsWith('node'))
    .map((name) => {
      const { version, path } = runtime(name);
      return { version, major: major(version), ...(path ? { path } : {}) };
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
