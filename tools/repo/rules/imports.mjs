/** Which package may import which, and that no main entry needs Node. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { importsOf, packageSources } from '../sources.mjs';

/** What a package may import. `debug` and `testing` are imported by no package, but for the umbrella's optional debug. */
const DIRECTION = {
  'loop-core': [],
  future: ['loop-core'],
  task: ['loop-core', 'future'],
  threadsafe: ['loop-core', 'future', 'task'],
  'sync-primitives': ['loop-core'],
  queue: ['loop-core'],
  debug: ['loop-core'],
  testing: ['loop-core', 'future', 'task'],
  aiokit: ['loop-core', 'future', 'task', 'threadsafe', 'sync-primitives', 'queue', 'debug'],
};

/** A package that the drawing does not have yet may import the loop. */
export const mayImport = (from, to) => (DIRECTION[from] ?? ['loop-core']).includes(to);

/** `@aiokit/queue/lifo-queue` is of the package `queue`; undefined for what is not ours. */
export function packageOf(specifier) {
  const [scope, name] = specifier.split('/');
  if (scope === '@aiokit') return name;
  return scope === 'aiokit' ? 'aiokit' : undefined;
}

const isBuiltin = (specifier) =>
  specifier.startsWith('node:') ||
  builtinModules.includes(specifier) ||
  builtinModules.includes(specifier.split('/')[0]);

/** Names of the files of one package that its entries reach, all but the entry `node`. */
function reachedWithoutNode(files) {
  const byName = new Map(files.map((file) => [file.name, file]));
  const reached = new Set();
  const visit = (name) => {
    const file = byName.get(name);
    if (file === undefined || reached.has(name)) return;
    reached.add(name);
    for (const { specifier } of importsOf(file.ast)) {
      if (specifier.startsWith('.')) {
        visit(posix.join(posix.dirname(name), specifier).replace(/\.js$/, ''));
      }
    }
  };
  for (const file of files) if (file.public && file.name !== 'node') visit(file.name);
  return reached;
}

export function checkImports(workspace) {
  const problems = [];
  const sources = packageSources(workspace);
  for (const name of new Set(sources.map((file) => file.package))) {
    const files = sources.filter((file) => file.package === name);
    const reached = reachedWithoutNode(files);
    for (const file of files) {
      for (const { specifier, node } of importsOf(file.ast)) {
        const report = (message) => problems.push(`${file.at(node)}: ${message}`);
        const target = packageOf(specifier);
        if (specifier.startsWith('.')) {
          if (!specifier.endsWith('.js')) report(`'${specifier}' must end in .js`);
          if (posix.join(posix.dirname(file.name), specifier).startsWith('..')) {
            report(`'${specifier}' leaves the package; import it by name`);
          }
        } else if (isBuiltin(specifier)) {
          if (reached.has(file.name))
            report(`'${specifier}' is of Node, and only a /node subpath may need Node`);
        } else if (target === undefined) report(`'${specifier}' is a dependency outside the workspace`);
        else if (!mayImport(name, target)) report(`${name} must not import ${target}`);
        else if (specifier.endsWith('/node') && reached.has(file.name)) {
          report(`'${specifier}' needs Node, and only a /node subpath may need Node`);
        }
      }
    }
  }
  return problems;
}
