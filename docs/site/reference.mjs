/** The API reference, made by TypeDoc from the doc comments of the packages. */
import { join, relative, sep } from 'node:path';
import { Application, Converter, TSConfigReader } from 'typedoc';
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

/** `packages/testing/src/models.ts` is imported as `@aiokit/testing/models`. */
export function moduleName(path) {
  const [, name, file] = /^packages\/([\w-]+)\/src\/([\w-]+)\.ts$/.exec(path) ?? [];
  return file === 'index' ? `@aiokit/${name}` : `@aiokit/${name}/${file}`;
}

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
      name: 'API reference',
      readme: 'none',
      excludeInternal: true,
      excludePrivate: true,
      excludeProtected: true,
      disableSources: true,
      disableGit: true,
      blockTags: ['@param', '@returns', '@throws', '@example', '@typeParam', '@template', '@default'].concat(
        ['@ordering', '@cancellation', '@complexity', '@source'],
      ),
      logLevel: 'Error',
      validation: false,
      // of typedoc-plugin-markdown
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
    for (const module of project.children ?? []) {
      const { fullFileName } = module.sources?.[0] ?? {};
      if (fullFileName) module.name = moduleName(relative(root, fullFileName).split(sep).join('/'));
    }
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc has failed');
  await app.generateDocs(project, folder);
}
