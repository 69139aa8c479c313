/**
 * What a package gives to TypeScript: each public name with its declaration as built, without comments; and below them what is
 * not exported and yet seen through them.
 */
import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

const printer = ts.createPrinter({ removeComments: true });
const print = (node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).trim();

/** Private members are no promise; that there are some is, since they make a class nominal. */
function withoutPrivates(node) {
  if (!ts.isClassDeclaration(node)) return node;
  const isPrivate = (member) =>
    (member.name && ts.isPrivateIdentifier(member.name)) ||
    (ts.canHaveModifiers(member) &&
      ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword));
  const members = node.members.filter((member) => !isPrivate(member));
  if (members.length === node.members.length) return node;
  const { factory } = ts;
  const kept = factory.updateClassDeclaration(
    node,
    node.modifiers,
    node.name,
    node.typeParameters,
    node.heritageClauses,
    [...members, factory.createPropertyDeclaration(undefined, '#private', undefined, undefined, undefined)],
  );
  return Object.assign(kept, { parent: node.parent, getSourceFile: () => node.getSourceFile() });
}

/** A declaration as text, however it is exported. */
function textOf(declaration) {
  const node = ts.isVariableDeclaration(declaration)
    ? declaration.parent.parent
    : withoutPrivates(declaration);
  return print(node)
    .replace(/^export (default )?/, '')
    .replace(/^declare /, '')
    .replace(/\n?#private/, '\n#private')
    .replaceAll(/^\s*#private;$/gm, '    #private;');
}

/** The declarations of a symbol that are within a folder. */
const declarationsIn = (folder, symbol) =>
  (symbol.declarations ?? []).filter((declaration) =>
    declaration.getSourceFile().fileName.startsWith(folder),
  );

const isDeclaration = (node) =>
  ts.isClassDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isEnumDeclaration(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isModuleDeclaration(node);

/**
 * The report of a package: text in Markdown.
 *
 * @param {string} folder of a package that is built
 */
export function reportOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entries = Object.entries(manifest.publishConfig.exports)
    .filter(([, entry]) => typeof entry === 'object')
    .map(([subpath, entry]) => ({ subpath, file: join(folder, entry.import.types) }));
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const dist = join(folder, 'dist').split(sep).join('/');
  const resolve = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  /** Names by symbol, and symbols that are exported by any entry. */
  const exported = new Set();
  const sections = entries.map(({ subpath, file }) => {
    const source = program.getSourceFile(file);
    const moduleSymbol = source && checker.getSymbolAtLocation(source);
    const names = moduleSymbol ? checker.getExportsOfModule(moduleSymbol) : [];
    return {
      subpath,
      names: names
        .map((symbol) => ({ name: symbol.name, symbol: resolve(symbol) }))
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    };
  });
  for (const { names } of sections) for (const { symbol } of names) exported.add(symbol);

  const seen = new Set();
  const hidden = [];
  const look = (symbol) => {
    if (seen.has(symbol)) return;
    seen.add(symbol);
    for (const declaration of declarationsIn(dist, symbol).filter(isDeclaration)) {
      if (!exported.has(symbol)) hidden.push({ name: symbol.name, declaration });
      const visit = (node) => {
        if (ts.isIdentifier(node)) {
          const target = checker.getSymbolAtLocation(node);
          if (target) look(resolve(target));
        }
        ts.forEachChild(node, visit);
      };
      visit(declaration);
    }
  };
  for (const symbol of exported) look(symbol);

  const shown = new Set();
  const lines = [`# ${manifest.name}`, ''];
  for (const { subpath, names } of sections) {
    lines.push(`## ${manifest.name}${subpath.slice(1)}`, '');
    const texts = [];
    const again = [];
    for (const { name, symbol } of names) {
      const declarations = declarationsIn(dist, symbol);
      if (declarations.length === 0) texts.push(`export { ${name} } from another package;`);
      else if (shown.has(symbol)) again.push(name);
      else for (const declaration of declarations) texts.push(`export ${textOf(declaration)}`);
      shown.add(symbol);
    }
    if (texts.length > 0) lines.push('```ts', texts.join('\n'), '```', '');
    if (again.length > 0) lines.push(`As above: ${again.map((name) => `\`${name}\``).join(', ')}`, '');
  }
  if (hidden.length > 0) {
    const texts = hidden
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ declaration }) => textOf(declaration));
    lines.push('## Seen, and not exported', '', '```ts', [...new Set(texts)].join('\n'), '```', '');
  }
  return lines.join('\n');
}
