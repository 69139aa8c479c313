/** The API reference, made by TypeDoc from the doc comments of the packages. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, Converter, TSConfigReader } from 'typedoc';
import { mendAnchors } from './links.mjs';
import { root } from './staging.mjs';

/** What users import, beside each package's main entry. */
const ENTRIES = {
  task: ['index'],
  'sync-primitives': ['index'],
  queue: ['index'],
  future: ['index'],
  testing: ['index', 'models', 'vitest'],
  debug: ['index'],
  threadsafe: ['index'],
  'loop-core': ['index', 'virtual', 'wait-queue', 'compliance'],
};

/** `testing/src/models`, as TypeDoc calls it, is imported as `@aiokit/testing/models`. */
export const moduleName = (name) => name.replace(/^([\w-]+)\/src/, '@aiokit/$1');

/**
 * Writes the reference.
 *
 * @param {string} folder where to
 * @param {readonly string[]} packages names of folders; those that are missing are left out
 * @param {string} navigation the file for the tree of its pages
 */
export async function writeReference(folder, packages, navigation) {
  const names = Object.keys(ENTRIES).filter((name) => packages.includes(name));
  const app = await Application.bootstrapWithPlugins(
    {
      plugin: ['typedoc-plugin-markdown'],
      entryPoints: names.flatMap((name) =>
        ENTRIES[name].map((file) => join(root, 'packages', name, 'src', `${file}.ts`)),
      ),
      tsconfig: join(root, 'tools/repo/tsconfig.src.json'),
      skipErrorChecking: true,
      outputs: [{ name: 'markdown', path: folder }],
      name: 'API reference',
      readme: 'none',
      excludeInternal: true,
      excludePrivate: true,
      excludeProtected: true,
      disableSources: true,
      disableGit: true,
      blockTags: ['@param', '@returns', '@throws', '@example', '@typeParam', '@template', '@default'].concat([
        '@ordering',
        '@cancellation',
        '@complexity',
        '@source',
      ]),
      logLevel: 'Error',
      validation: false,
      // of typedoc-plugin-markdown
      router: 'module',
      entryFileName: 'index',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: true,
      expandObjects: true,
      parametersFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      interfacePropertiesFormat: 'table',
      enumMembersFormat: 'table',
      sanitizeComments: true,
      navigationJson: navigation,
    },
    [new TSConfigReader()],
  );
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = moduleName(module.name);
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc has failed');
  await app.generateOutputs(project);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.md')) continue;
    const path = join(folder, name);
    writeFileSync(path, mendAnchors(readFileSync(path, 'utf8')));
  }
}
