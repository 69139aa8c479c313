/** The packages' source and test files, parsed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { packageFolders } from './workspace.mjs';

/** Paths of all files below a folder, without what is installed or generated. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return /^(node_modules|dist|coverage|\..*)$/.test(entry.name) ? [] : filesBelow(path);
  });
}

/** Parses one file. `at` says where a node is, for a message. */
export function parse(workspace, path) {
  const ast = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const shown = relative(workspace, path).split(sep).join('/');
  const at = (node) => `${shown}:${ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1}`;
  return { path, shown, ast, at };
}

/** Every file of every package's src/: `name` is its path there without extension, `public` whether it is a subpath. */
export function packageSources(workspace) {
  return packageFolders(workspace).flatMap((folder) =>
    filesBelow(join(folder, 'src'))
      .filter((path) => path.endsWith('.ts'))
      .map((path) => {
        const name = relative(join(folder, 'src'), path).split(sep).join('/').replace(/\.ts$/, '');
        return {
          ...parse(workspace, path),
          folder,
          package: basename(folder),
          name,
          public: !name.includes('/'),
        };
      }),
  );
}

/** Calls `visit` with each node of a tree. */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Import and export specifiers of a file, `import()` and `import type` included: `{ specifier, node }`. */
export function importsOf(ast) {
  const found = [];
  walk(ast, (node) => {
    let literal;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) literal = node.moduleSpecifier;
    else if (ts.isImportTypeNode(node)) literal = node.argument.literal;
    else if (ts.isExternalModuleReference(node)) literal = node.expression;
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const imports =
        callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
      if (imports) literal = node.arguments[0];
    }
    if (literal && ts.isStringLiteralLike(literal)) found.push({ specifier: literal.text, node });
  });
  return found;
}
